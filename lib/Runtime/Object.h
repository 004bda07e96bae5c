// The prelinked runtime, rondo_runtime.o, as bytes inside of rondoc.
#ifndef RONDO_RUNTIME_OBJECT_H
#define RONDO_RUNTIME_OBJECT_H

#include <cstddef>
#include <string_view>

namespace rondo::inline runtime {

/// An ELF relocatable object that defines main and wants `rondo_program`, libc and libm.
std::string_view runtimeObject();

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_OBJECT_H
