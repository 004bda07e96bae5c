// The prelinked runtimes, one for each architecture, as bytes inside of rondoc.
#ifndef RONDO_RUNTIME_OBJECT_H
#define RONDO_RUNTIME_OBJECT_H

#include <cstddef>
#include <string_view>

namespace rondo::inline runtime {

/// An ELF relocatable object for an architecture, "x86_64" or "aarch64", that defines main and
/// wants `rondo_program`, libc and libm. Empty where the build had no cross compiler's libraries
/// for it.
std::string_view runtimeObject(std::string_view architecture);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_OBJECT_H
