// How many processors this process may use at once.
#ifndef RONDO_RUNTIME_PROCESSORS_H
#define RONDO_RUNTIME_PROCESSORS_H

#include <cstdint>
#include <string>

namespace rondo::inline runtime {

/// The processors that the affinity mask allows, or as many of them as the quota of a control group
/// pays for; at least 1. A container (`docker --cpus 2`) sees all processors of its machine, but is
/// stopped for the rest of every period when it has used up its quota.
int64_t availableProcessors();

/// Whole processors that the control groups of a process pay for, INT64_MAX without a quota: the
/// least of its groups and of those above them. `proc` is the folder of the process under /proc
/// (with `cgroup` and `mountinfo`), `root` stands before the places where file systems are mounted
/// (for tests).
int64_t quotaProcessors(const std::string &proc, const std::string &root);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_PROCESSORS_H
