// Arrays in the host's memory: what the interpreter computes with and tests compare.
#ifndef RONDO_DIALECTS_HOSTARRAY_H
#define RONDO_DIALECTS_HOSTARRAY_H

#include "Rondo/Rondo.h"
#include <limits>
#include <vector>

namespace rondo {

enum class ArrayKind { Float, Int, Bool };

/// What stands at integer and boolean positions that are not valid (floats hold NaN).
inline constexpr int64_t poison = std::numeric_limits<int64_t>::min();

inline ArrayKind kindOf(ArrayType type) {
  if (type.isFloat())
    return ArrayKind::Float;
  return type.isBool() ? ArrayKind::Bool : ArrayKind::Int;
}

/// Dense, row-major, padded. Of `floats` and `ints` (which holds booleans too, as 0 and 1) one has
/// the elements, the other is empty. S is double, or a jet where derivatives are taken.
template <typename S> struct HostArrayOf {
  ArrayKind kind = ArrayKind::Float;
  llvm::SmallVector<int64_t> shape;
  std::vector<S> floats;
  std::vector<int64_t> ints;

  int64_t size() const { return kind == ArrayKind::Float ? floats.size() : ints.size(); }
  bool isFloat() const { return kind == ArrayKind::Float; }

  /// An array of this shape in which no position is valid.
  static HostArrayOf poisoned(ArrayKind kind, llvm::ArrayRef<int64_t> shape) {
    HostArrayOf array;
    array.kind = kind;
    array.shape.assign(shape.begin(), shape.end());
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    if (kind == ArrayKind::Float)
      array.floats.assign(size, S(std::numeric_limits<double>::quiet_NaN()));
    else
      array.ints.assign(size, poison);
    return array;
  }
};
using HostArray = HostArrayOf<double>;

/// The numbers of a dense attribute or of a splat, as an array of its shape.
HostArray hostArrayFromAttr(mlir::DenseElementsAttr value);

} // namespace rondo

#endif // RONDO_DIALECTS_HOSTARRAY_H
