// What a function needs of the lengths of its arguments.
#ifndef RONDO_FRONTEND_NEEDS_H
#define RONDO_FRONTEND_NEEDS_H

#include "Frontend/Core.h"

#include "llvm/ADT/DenseSet.h"

namespace rondo::core {

/// What is not negative exactly where a condition holds that compares lengths with one another, or
/// several such, joined by `and`; false for other conditions.
bool lengthsOf(const Node *condition, std::vector<Polynomial> &leasts);

/// The needs of a function, in the order of the program. Those on the length of a stream's prefix
/// are left out: nothing along that dim is streamed that could be out of range. Added to `wanting`
/// are the requires whose value may be computed in a call that lacks it, where nobody needs it.
/// `isTrue` tells the conditions that the configuration decides.
std::vector<Need> findNeeds(const Function &function, llvm::function_ref<bool(const Node *)> isTrue,
                            llvm::DenseSet<const Node *> &wanting);

} // namespace rondo::core

#endif // RONDO_FRONTEND_NEEDS_H
