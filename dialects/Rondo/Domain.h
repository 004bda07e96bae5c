// Valid positions: what a call's symbols and lengths make of an array's dims.
//
// An element is valid if its index along each dim is below the dim's value for its example. The
// example is the index at the dim that is the batch symbol. A value without that dim belongs to the
// one example of a function without a batch; in a batched function it holds for all examples and is
// valid in the whole padded storage.
#ifndef RONDO_DIALECTS_DOMAIN_H
#define RONDO_DIALECTS_DOMAIN_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/StringMap.h"
#include <array>
#include <vector>

namespace rondo {

/// The values of a function's symbols in one call, by name.
struct Bindings {
  /// Uniform symbols, the number of examples, (where it is not the largest length) what a ragged
  /// symbol's storage is padded to, and the sizes of segments (where not, there are three).
  llvm::StringMap<int64_t> values;
  /// One length per example for each ragged symbol.
  llvm::StringMap<std::vector<int64_t>> lengths;
};

/// Reads `{B = 2, T = [3, 1], n = 4}`: a list binds a ragged symbol, a number any other (or a
/// ragged one with one example). Emits an error at `op` where the dictionary is of another form.
mlir::FailureOr<Bindings> parseBindings(mlir::Operation *op, mlir::DictionaryAttr attribute);

using Strides = llvm::SmallVector<int64_t, 6>;
Strides rowMajor(llvm::ArrayRef<int64_t> shape);

/// For each example a box of valid positions within padded storage.
struct Domain {
  llvm::SmallVector<int64_t> extents;
  /// The axis of the examples, or -1.
  int64_t batchAxis = -1;
  /// Per example (or once, without a batch axis) the bound of each axis.
  std::vector<llvm::SmallVector<int64_t>> bounds;

  Strides strides() const { return rowMajor(extents); }
  llvm::ArrayRef<int64_t> boundsOf(int64_t example) const {
    return bounds[example < 0 ? 0 : example];
  }
};

/// Which examples take part; null where all do.
using Active = std::vector<char>;

/// A position: its example (-1 without a batch axis), its index, and offsets into some arrays.
template <size_t K> struct Point {
  int64_t example;
  llvm::SmallVector<int64_t, 6> index;
  std::array<int64_t, K> at;
};

/// Visits the valid positions of the active examples, example by example, row-major in each.
/// strides[k] are those of the k-th array along the domain's axes (0 where it lacks one).
template <size_t K, typename Body>
void forEach(const Domain &domain, const Active *active, const std::array<Strides, K> &strides,
             Body body) {
  int64_t rank = domain.extents.size(), batch = domain.batchAxis;
  int64_t examples = batch < 0 ? 1 : domain.extents[batch];
  for (int64_t example = 0; example < examples; ++example) {
    if (batch >= 0 && active && !(*active)[example])
      continue;
    Point<K> point{batch < 0 ? -1 : example, llvm::SmallVector<int64_t, 6>(rank, 0), {}};
    llvm::ArrayRef<int64_t> bounds = domain.boundsOf(example);
    bool empty = false;
    for (int64_t axis = 0; axis < rank; ++axis)
      empty |= axis != batch && bounds[axis] <= 0;
    if (empty)
      continue;
    if (batch >= 0) {
      point.index[batch] = example;
      for (size_t k = 0; k < K; ++k)
        point.at[k] = example * strides[k][batch];
    }
    for (int64_t axis = rank; axis >= 0;) {
      body(point);
      for (axis = rank - 1; axis >= 0; --axis) {
        if (axis == batch)
          continue;
        if (++point.index[axis] < bounds[axis]) {
          for (size_t k = 0; k < K; ++k)
            point.at[k] += strides[k][axis];
          break;
        }
        for (size_t k = 0; k < K; ++k)
          point.at[k] -= (bounds[axis] - 1) * strides[k][axis];
        point.index[axis] = 0;
      }
    }
  }
}

/// The dims of one function in one call.
class Extents {
public:
  /// Checks that `bindings` gives every symbol that `function` declares a sensible value; emits an
  /// error at the function where not.
  static mlir::FailureOr<Extents> bind(mlir::func::FuncOp function, const Bindings &bindings);

  /// The number of examples; 1 in a function without a batch.
  int64_t examples() const { return numExamples; }
  bool isBatched() const { return static_cast<bool>(batch); }
  bool isBatch(DimAttr dim) const { return batch && dim.getSymbol() == batch; }
  bool isRagged(DimAttr dim) const;
  /// The size of a dim in storage.
  int64_t padded(DimAttr dim) const;
  /// The value of a dim for an example; for -1 that of a value without a batch dim.
  int64_t value(DimAttr dim, int64_t example) const;
  /// value() for -1, 0, 1, ...: the entry of an example is at example + 1.
  llvm::SmallVector<int64_t> perExample(DimAttr dim) const;
  Domain domain(llvm::ArrayRef<DimAttr> dims) const;
  llvm::SmallVector<int64_t> shape(llvm::ArrayRef<DimAttr> dims) const;

  /// Returns true if an example (-1: any) lacks positions that the function reads, but no element
  /// of a result needs (Needs.h): what it has there is poison, indices too.
  bool isWanting(int64_t example) const {
    return !wanting.empty() && (example < 0 || wanting[example]);
  }
  void setWanting(int64_t example) {
    wanting.resize(numExamples, 0);
    wanting[example < 0 ? 0 : example] = 1;
  }

  /// The same call with one symbol changed so that `dim` has the value `size` (for streams).
  Extents with(DimAttr dim, int64_t size) const;
  /// The same call in the segment with this number of what `segments` divides.
  Extents inSegment(const Segments &segments, int64_t number) const;
  /// The number of positions in a full segment.
  int64_t segmentSize(const Segments &segments) const;

private:
  void bindSegments(mlir::func::FuncOp function, const Bindings &bindings);
  mlir::StringAttr batch;
  int64_t numExamples = 1;
  std::vector<char> wanting; ///< Empty where none is.
  llvm::DenseMap<mlir::StringAttr, int64_t> values;
  llvm::DenseMap<mlir::StringAttr, std::vector<int64_t>> lengths;
  /// The sizes of full segments, by the segment's symbol.
  llvm::DenseMap<mlir::StringAttr, int64_t> sizes;
};

} // namespace rondo

#endif // RONDO_DIALECTS_DOMAIN_H
