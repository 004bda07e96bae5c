// The nest dialect: the loops that compute what is stored. Attributes of the ops of rondo.
#ifndef RONDO_DIALECTS_NEST_H
#define RONDO_DIALECTS_NEST_H

#include "Rondo/Rondo.h"

namespace rondo {

/// One loop of a nest; NestAttrs.td says what each mapping is.
struct Loop {
  enum Mapping { Sequential, Lanes, Rows };
  int64_t axis = 0; // of the space
  DimAttr dim = {};
  bool isSummed = false;
  Mapping mapping = Sequential;
  int64_t size = 1;  // of lanes the width, of rows their number
  int64_t count = 1; // of lanes the vectors; of rows those of a tile of a single vector

  bool operator==(const Loop &) const = default;
};

inline llvm::hash_code hash_value(const Loop &loop) {
  return llvm::hash_combine(loop.axis, loop.dim, loop.isSummed, loop.mapping, loop.size,
                            loop.count);
}

} // namespace rondo

#include "Nest/NestDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Nest/NestAttrs.h.inc"

namespace rondo {

namespace names {
/// On what is stored, groups and steps of rows as a rule, where it has a head: the loops that
/// compute it.
inline constexpr llvm::StringLiteral loops = "nest.loops";
} // namespace names

/// The loops of a statement, or null.
LoopsAttr loopsOf(mlir::Operation *op);

} // namespace rondo

#endif // RONDO_DIALECTS_NEST_H
