// The rondo dialect: types, ops and interfaces. README.md beside this file has the rationale.
#ifndef RONDO_DIALECTS_RONDO_H
#define RONDO_DIALECTS_RONDO_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace rondo {

class DimAttr;
class YieldOp;

/// One term of a dim: coefficient * symbol, or coefficient * floor(inner / divisor).
/// Exactly one of `symbol` and `inner` is set (as attributes: a StringAttr or a DimAttr).
struct DimTerm {
  int64_t coefficient = 0;
  mlir::Attribute atom;
  int64_t divisor = 0;

  mlir::StringAttr symbol() const { return llvm::dyn_cast<mlir::StringAttr>(atom); }
  bool operator==(const DimTerm &other) const = default;
};

inline llvm::hash_code hash_value(const DimTerm &term) {
  return llvm::hash_combine(term.coefficient, term.atom.getAsOpaquePointer(), term.divisor);
}

/// What an op does with a dim of an operand.
enum class DimRole { Parallel, Reduced, Carried, Indexed };

/// A role, and for a parallel dim the axis of the (first) result that it becomes, else -1.
struct DimUse {
  DimRole role = DimRole::Parallel;
  int64_t resultAxis = -1;
};

/// What a reverse rule reads and writes: the cotangents of values (see Differentiable).
class Adjoints {
public:
  virtual ~Adjoints() = default;
  /// The cotangent of a result; null where nothing that is differentiated depends on it.
  virtual mlir::Value of(mlir::Value result) const = 0;
  /// True if the cotangent of `value` is wanted; others are neither computed nor added.
  virtual bool wants(mlir::Value value) const = 0;
  /// Adds to the cotangent of `value`; where it is not wanted, does nothing.
  virtual void add(mlir::OpBuilder &builder, mlir::Value value, mlir::Value cotangent) = 0;
  /// Replaces the op whose rule is running, by values for its results, and erases it.
  virtual void replace(mlir::Operation *op, mlir::ValueRange results) = 0;
};

struct Segments;

/// What the one-step form of an op reads, and where it keeps state (see Streamable).
class StreamState {
public:
  virtual ~StreamState() = default;
  /// The dim that is streamed, a symbol.
  virtual DimAttr dim() const = 0;
  /// This step's part of a value that has the dim, without it; other values for use in the step.
  virtual mlir::Value step(mlir::Value value) = 0;
  /// The number of steps before this one, array<[], i64>.
  virtual mlir::Value position() = 0;
  /// Adds a state that begins with `start`, a value of the streamed function that does not depend
  /// on the sequence (else fails, after an error at `op`); returns its value before the step.
  virtual mlir::FailureOr<mlir::Value> addState(mlir::OpBuilder &builder, mlir::Operation *op,
                                                mlir::Value start) = 0;
  /// Sets what a state, as returned by addState, is after the step.
  virtual void setNext(mlir::Value state, mlir::Value next) = 0;
  /// Takes note of an op that was inserted into the streamed function, before the current one.
  virtual mlir::LogicalResult define(mlir::OpBuilder &builder, mlir::Operation *op) = 0;
  /// Emits the error that `op` looks ahead, and why.
  virtual mlir::LogicalResult refuse(mlir::Operation *op, const llvm::Twine &why) = 0;
};

/// Names of the discardable attributes that the dialect gives a meaning to.
namespace names {
inline constexpr llvm::StringLiteral symbols = "rondo.symbols";
inline constexpr llvm::StringLiteral kind = "rondo.kind";
inline constexpr llvm::StringLiteral role = "rondo.role";
inline constexpr llvm::StringLiteral name = "rondo.name";
inline constexpr llvm::StringLiteral index = "rondo.index";
inline constexpr llvm::StringLiteral defaultValue = "rondo.default";
// What a function is, where it is no entry of the model's own: the name of the entry it is made
// from.
inline constexpr llvm::StringLiteral gradientOf = "rondo.gradient_of";
inline constexpr llvm::StringLiteral checkOf = "rondo.check_of";
inline constexpr llvm::StringLiteral twinOf = "rondo.twin_of";
/// On what a device's module leaves in the program (rondo-join-devices): the function that it is
/// of.
inline constexpr llvm::StringLiteral deviceOf = "rondo.device_of";
/// The module within a program whose functions are for a GPU.
inline constexpr llvm::StringLiteral cuda = "cuda";
/// On what Lower leaves of a function: the symbols of its code and of its arena function.
inline constexpr llvm::StringLiteral code = "rondo.code";
inline constexpr llvm::StringLiteral arena = "rondo.arena";
inline constexpr llvm::StringLiteral model = "rondo.model";
inline constexpr llvm::StringLiteral configuration = "rondo.configuration";
inline constexpr llvm::StringLiteral stage = "rondo.stage";
inline constexpr llvm::StringLiteral symbolDefaults = "rondo.symbol_defaults";
/// On scans of a device's functions: all steps are one kernel (rondo-persistent).
inline constexpr llvm::StringLiteral persistent = "rondo.persistent";
} // namespace names

} // namespace rondo

#include "Rondo/RondoEnums.h.inc"

#include "Rondo/RondoDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Rondo/RondoAttributes.h.inc"

#define GET_TYPEDEF_CLASSES
#include "Rondo/RondoTypes.h.inc"

namespace rondo {
template <typename ConcreteType>
class Elementwise : public mlir::OpTrait::TraitBase<ConcreteType, Elementwise> {};
template <typename ConcreteType>
class Function : public mlir::OpTrait::TraitBase<ConcreteType, Function> {};
template <typename ConcreteType>
class TakesLong : public mlir::OpTrait::TraitBase<ConcreteType, TakesLong> {};
template <typename ConcreteType>
class IsFree : public mlir::OpTrait::TraitBase<ConcreteType, IsFree> {};
/// Every dim of every operand goes to the same axis of the result.
llvm::SmallVector<llvm::SmallVector<DimUse>> allParallel(mlir::Operation *op);
} // namespace rondo

#include "Rondo/RondoInterfaces.h.inc"

#define GET_OP_CLASSES
#include "Rondo/RondoOps.h.inc"

namespace rondo {

/// The declaration of `symbol` in `function`, or null.
SymbolAttr declaration(mlir::func::FuncOp function, mlir::StringAttr symbol);
/// The kind of `symbol` in `function`, or none where it is not declared.
std::optional<SymbolKind> lookupSymbol(mlir::func::FuncOp function, mlir::StringAttr symbol);
/// The symbols a function declares, in order (empty where it declares none).
llvm::SmallVector<SymbolAttr> getSymbols(mlir::func::FuncOp function);
/// The function around an op, or null.
mlir::func::FuncOp enclosingFunction(mlir::Operation *op);
/// Folds and canonicalizes the function's ops of the dialect, and drops what nobody reads.
llvm::LogicalResult simplify(mlir::func::FuncOp function);
/// True if a dim has a ragged symbol of the function around `op`.
bool isRagged(mlir::Operation *op, DimAttr dim);
bool isRagged(mlir::func::FuncOp function, DimAttr dim);

/// A dim in segments: the dim of one segment, and that of all.
struct Segments {
  DimAttr part, whole;
};
/// What `count` counts, if it is a symbol of kind *segments*.
std::optional<Segments> segmentsOf(mlir::func::FuncOp function, DimAttr count);

inline ArrayType arrayType(mlir::Value value) { return llvm::cast<ArrayType>(value.getType()); }

} // namespace rondo

#endif // RONDO_DIALECTS_RONDO_H
