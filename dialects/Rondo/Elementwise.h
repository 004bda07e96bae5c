// The elementwise family as a whole: what is said of it is said of every op that there will be.
#ifndef RONDO_DIALECTS_ELEMENTWISE_H
#define RONDO_DIALECTS_ELEMENTWISE_H

#include "Rondo/Rondo.h"

namespace rondo {

namespace detail {
/// Calls visit.template operator()<Op>() for those of `Ops` that are elementwise.
template <typename... Ops, typename Visit> void forElementwiseOf(Visit visit) {
  auto one = [&]<typename Op>() {
    if constexpr (Op::template hasTrait<Elementwise>())
      visit.template operator()<Op>();
  };
  (one.template operator()<Ops>(), ...);
}
} // namespace detail

/// Calls visit.template operator()<Op>() for every op of the family.
template <typename Visit> void forEachElementwise(Visit visit) {
  detail::forElementwiseOf<
#define GET_OP_LIST
#include "Rondo/RondoOps.cpp.inc"
      >(visit);
}

} // namespace rondo

#endif // RONDO_DIALECTS_ELEMENTWISE_H
