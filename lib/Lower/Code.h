// Small building blocks of generated code: 64-bit index arithmetic that folds constants and never
// computes the same thing twice, loops, and memory access by scalars or vectors.
//
// Everything emitted is remembered in the scope of the loop body it stands in, so that two ways to
// the same index give the same SSA value; the emitter relies on that to find values it has
// computed.
#ifndef RONDO_LOWER_CODE_H
#define RONDO_LOWER_CODE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include <functional>
#include <map>
#include <tuple>

namespace rondo {

using mlir::Type;
using mlir::Value;
using mlir::ValueRange;

class Code {
public:
  /// Emits at the end of `entry`, the first block of a function.
  Code(mlir::Location loc, mlir::Block *entry);

  mlir::OpBuilder builder;
  mlir::Location loc;
  /// llvm.ldexp on vectors is an instruction (AVX-512) and not a call for each lane.
  bool scalesByInstruction = false;
  /// Rounding to integers is an instruction (SSE 4.1, which AVX implies).
  bool roundsByInstruction = false;

  //===--- index arithmetic (i64) ---===//
  Value i64(int64_t value);
  static std::optional<int64_t> constant(Value value);
  static bool isConstant(Value value, int64_t expected) { return constant(value) == expected; }
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  /// Floor of a / divisor and the rest, for divisor > 0; `a` may be a vector.
  Value floorDiv(Value a, int64_t divisor);
  Value floorMod(Value a, int64_t divisor);
  Value compare(mlir::arith::CmpIPredicate predicate, Value a, Value b);
  Value logicalAnd(Value a, Value b);
  Value select(Value condition, Value a, Value b);

  //===--- types and constants ---===//
  Type i64Type() { return builder.getI64Type(); }
  Type pointerType() { return mlir::LLVM::LLVMPointerType::get(builder.getContext()); }
  static mlir::VectorType vectorOf(int64_t lanes, Type element) {
    return mlir::VectorType::get({lanes}, element);
  }
  /// A number as a constant of a scalar or vector type.
  Value number(Type type, double value);
  Value integer(Type type, int64_t value);
  /// `value`, as a vector of `lanes` if it is a scalar.
  Value broadcast(Value value, int64_t lanes);
  /// 0, 1, 2 ... as vector<lanes x i64>.
  Value laneNumbers(int64_t lanes);
  /// The lanes l with base + l < limit.
  Value maskBelow(Value base, Value limit, int64_t lanes);

  //===--- control flow ---===//
  using Body = std::function<mlir::SmallVector<Value>(Value position, ValueRange carried)>;
  /// for (i = low; i < high; i += step); returns the last carried values.
  mlir::SmallVector<Value> loop(Value low, Value high, int64_t step, ValueRange starts,
                                const Body &body);
  void loop(Value low, Value high, int64_t step, const std::function<void(Value)> &body);
  /// The same by a step that is only known at run time.
  mlir::SmallVector<Value> loopBy(Value low, Value high, Value step, ValueRange starts,
                                  const Body &body);
  void ifThen(Value condition, const std::function<void()> &body);
  mlir::SmallVector<Value> ifElse(Value condition, mlir::TypeRange types,
                                  llvm::function_ref<mlir::SmallVector<Value>()> then,
                                  llvm::function_ref<mlir::SmallVector<Value>()> otherwise);
  Value ifElse(Value condition, Type type, const std::function<Value()> &then,
               const std::function<Value()> &otherwise);
  /// while (condition(x)) x = body(x); on one i64.
  Value whileLoop(Value start, const std::function<Value(Value)> &condition,
                  const std::function<Value(Value)> &body);

  //===--- memory ---===//
  Value address(Value pointer, Type element, Value offset);
  Value load(Type type, Value address);
  void store(Value value, Value address);
  Value maskedLoad(Type type, Value address, Value mask);
  void maskedStore(Value value, Value address, Value mask);
  /// Pointers to pointer[offsets].
  Value addresses(Value pointer, Type element, Value offsets);
  Value gather(Type type, Value addresses, Value mask);
  void scatter(Value value, Value addresses, Value mask);
  static int64_t byteSize(Type element);

  //===--- arithmetic on scalars or vectors alike ---===//
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...).getResult();
  }
  Value addf(Value a, Value b);
  Value mulf(Value a, Value b);
  /// a * b + c, rounded once where the processor can: always or never on one target, so that an
  /// element has the same bits whichever tile or lane computes it.
  Value fma(Value a, Value b, Value c) { return make<mlir::LLVM::FMulAddOp>(a, b, c); }

  /// Runs `emit` at the end of the function's entry block, before anything that uses it.
  Value atEntry(const std::function<Value()> &emit);

  /// Values known in the present scope and those around it.
  void pushScope();
  void popScope();
  using Key = std::vector<const void *>;
  Value lookup(const Key &key) const;
  void remember(const Key &key, Value value) { scopes.back()[key] = value; }

private:
  Value cached(int tag, Value a, Value b, const std::function<Value()> &emit);
  Value canonical(Value value);

  mlir::Block *entry;
  mlir::Operation *entryMarker; // entry-level values go before this
  std::map<std::pair<const void *, int64_t>, Value> integers;
  std::map<int64_t, Value> laneConstants;
  // The outermost scope is the entry block before the marker, the next one the rest of it.
  std::vector<std::map<Key, Value>> scopes;
};

} // namespace rondo

#endif // RONDO_LOWER_CODE_H
