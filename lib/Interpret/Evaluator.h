// One run of a function's ops: the values so far, the dims, the examples that take part.
//
// An op's function reads its operands, makes a poisoned result and fills the valid positions. The
// functions are templates over the scalar (double, or jets under `grad`) and stand by family in the
// files of this folder, each of which adds its own to the table.
#ifndef RONDO_INTERPRET_EVALUATOR_H
#define RONDO_INTERPRET_EVALUATOR_H

#include "Interpret/Jet.h"
#include "Rondo/Domain.h"
#include "Rondo/HostArray.h"
#include "rondo/Interpret.h"
#include <functional>
#include <memory>

namespace rondo::interpreter {

template <typename S> class Evaluator;

/// The op functions for one scalar, by op name.
template <typename S> class Table {
public:
  using Function = std::function<mlir::LogicalResult(Evaluator<S> &, mlir::Operation *)>;

  template <typename OpT> void add(mlir::LogicalResult (*function)(Evaluator<S> &, OpT)) {
    add(OpT::getOperationName(), [function](Evaluator<S> &evaluator, mlir::Operation *op) {
      return function(evaluator, llvm::cast<OpT>(op));
    });
  }
  void add(llvm::StringRef name, Function function) { functions[name] = std::move(function); }
  const Function *find(llvm::StringRef name) const {
    auto it = functions.find(name);
    return it == functions.end() ? nullptr : &it->second;
  }

  /// The table of all ops.
  static const Table &get();

private:
  llvm::StringMap<Function> functions;
};

template <typename S> void addElementwise(Table<S> &table);
template <typename S> void addSources(Table<S> &table);
template <typename S> void addMovement(Table<S> &table);
template <typename S> void addIndexing(Table<S> &table);
template <typename S> void addReductions(Table<S> &table);
template <typename S> void addScan(Table<S> &table);
template <typename S> void addStructure(Table<S> &table);

/// `grad` may stand within `grad`, this deep.
using Jet1 = Jet<double>;
using Jet2 = Jet<Jet1>;
#define RONDO_FOR_EACH_SCALAR(INSTANTIATE)                                                         \
  INSTANTIATE(double)                                                                              \
  INSTANTIATE(::rondo::interpreter::Jet1)                                                          \
  INSTANTIATE(::rondo::interpreter::Jet2)

/// What holds for a whole evaluation, in loops and regions too.
struct Evaluation {
  /// Ops that nothing observable depends on: a check among them does not refuse.
  llvm::DenseSet<mlir::Operation *> dead;
  Noise noise;
  /// The ops that were moved by noise so far.
  uint64_t numMoved = 0;
};

template <typename S> class Evaluator {
public:
  using Array = HostArrayOf<S>;
  using Shared = std::shared_ptr<const Array>;
  using Outer = std::function<Shared(mlir::Value)>;

  /// `outer` finds the values that are not computed here: what a region captures.
  Evaluator(const Extents &extents, Outer outer = {}) : extents(extents), outer(outer) {}

  const Extents extents;
  /// The examples that take part: those a scan around has steps for. Null: all.
  const Active *active = nullptr;
  Evaluation *evaluation = nullptr;

  Shared share(mlir::Value value) {
    Shared &known = values[value];
    if (!known) {
      assert(outer && "a value is computed before it is used");
      // The outer lookup may not touch this evaluator, so the reference stays good.
      known = outer(value);
    }
    return known;
  }
  const Array &get(mlir::Value value) { return *share(value); }
  void set(mlir::Value value, Shared array) { values[value] = std::move(array); }
  void set(mlir::Value value, Array array) {
    values[value] = std::make_shared<const Array>(std::move(array));
  }

  /// An array for a value of this type in which no position is valid yet.
  Array make(ArrayType type) {
    return Array::poisoned(kindOf(type), domain(type.getDims()).extents);
  }
  /// The valid positions of arrays with these dims.
  const Domain &domain(llvm::ArrayRef<DimAttr> dims) {
    llvm::SmallVector<const void *, 6> key;
    for (DimAttr dim : dims)
      key.push_back(dim.getAsOpaquePointer());
    auto it = domains.find(key);
    if (it == domains.end())
      it = domains.emplace(key, std::make_unique<Domain>(extents.domain(dims))).first;
    return *it->second;
  }
  /// Visits the valid positions, see rondo::forEach.
  template <size_t K, typename Body>
  void visit(const Domain &domain, const std::array<Strides, K> &strides, Body body) {
    forEach<K>(domain, active, strides, body);
  }

  /// Runs the block's ops but for its terminator.
  mlir::LogicalResult run(mlir::Block &block);
  /// The values of a block's terminator, after run.
  llvm::SmallVector<Shared> yielded(mlir::Block &block) {
    return llvm::map_to_vector(block.getTerminator()->getOperands(),
                               [&](mlir::Value value) { return share(value); });
  }

  /// The inputs of each stream at the steps of its scan so far.
  llvm::DenseMap<mlir::Operation *, std::vector<llvm::SmallVector<Shared>>> histories;

private:
  void addNoise(mlir::Value result);

  Outer outer;
  llvm::DenseMap<mlir::Value, Shared> values;
  std::map<llvm::SmallVector<const void *, 6>, std::unique_ptr<Domain>> domains;
};

/// Copies the valid positions of active examples from one array to another of the same dims.
template <typename S>
void copyValid(Evaluator<S> &e, llvm::ArrayRef<DimAttr> dims, const HostArrayOf<S> &from,
               HostArrayOf<S> &to) {
  const Domain &domain = e.domain(dims);
  Strides strides = domain.strides();
  e.template visit<1>(domain, {strides}, [&](const Point<1> &p) {
    if (to.isFloat())
      to.floats[p.at[0]] = from.floats[p.at[0]];
    else
      to.ints[p.at[0]] = from.ints[p.at[0]];
  });
}

/// Integers wrap at the width of their type; poison stays what it is.
inline int64_t fit(mlir::Type element, int64_t value) {
  return element.isInteger(32) && value != poison ? static_cast<int32_t>(value) : value;
}
inline int64_t addValid(int64_t x, int64_t y) {
  return x == poison || y == poison ? poison : scalar::wrapAdd(x, y);
}
inline int64_t mulValid(int64_t x, int64_t y) {
  return x == poison || y == poison ? poison : scalar::wrapMul(x, y);
}

/// The axes of an array with these letters along a domain whose axes are `axes`: strides, 0 where
/// the array lacks the letter.
inline Strides stridesAlong(llvm::StringRef axes, llvm::StringRef letters,
                            llvm::ArrayRef<int64_t> shape) {
  Strides own = rowMajor(shape), along(axes.size(), 0);
  for (size_t i = 0; i < axes.size(); ++i)
    if (size_t at = letters.find(axes[i]); at != llvm::StringRef::npos)
      along[i] = own[at];
  return along;
}

} // namespace rondo::interpreter

#endif // RONDO_INTERPRET_EVALUATOR_H
