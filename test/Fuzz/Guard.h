// Memory of the arrays, the copies and the work space of calls, of which everything outside is
// forbidden: an access far off ends the run, what is written close by is told.
#ifndef RONDO_TEST_FUZZ_GUARD_H
#define RONDO_TEST_FUZZ_GUARD_H

#include <string>

namespace rondo::fuzz {

/// Whether memory is guarded from now on. Not under a tool that watches malloc and free itself, and
/// what has been written.
void guardMemory(bool isGuarded);
bool isMemoryGuarded();

/// What was written outside of memory that has been freed since the last call, or "".
std::string takeDamage();

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_GUARD_H
