// What a function needs of the lengths of its arguments.
#ifndef RONDO_FRONTEND_NEEDS_H
#define RONDO_FRONTEND_NEEDS_H

#include "Frontend/Core.h"

namespace rondo::core {

/// The needs of a function, in the order of the program. Those on the length of a stream's prefix
/// are left out: nothing along that dim is streamed that could be out of range.
std::vector<Need> findNeeds(const Function &function);

} // namespace rondo::core

#endif // RONDO_FRONTEND_NEEDS_H
