// The syntax tree of types and expressions. GRAMMAR.md has the rule behind every class.
#ifndef RONDO_FRONTEND_ASTEXPR_H
#define RONDO_FRONTEND_ASTEXPR_H

#include "Frontend/ASTNode.h"

#include <cstdint>
#include <string>

namespace rondo::ast {

struct Body;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// [Type-Array] `f32[T, d]`, and with no dims `f32`, `int`, `bool`. The element is a plain name.
struct ArrayType : NodeOf<TypeExpr, NodeKind::ArrayType> {
  Identifier element;
  llvm::ArrayRef<Expr *> dims;
  ArrayType(llvm::SMRange range, Identifier element, llvm::ArrayRef<Expr *> dims)
      : NodeOf(range), element(element), dims(dims) {
    for (Expr *dim : dims)
      raise(dim);
  }
};

/// [Type-Index] `idx<D>[T]`, and with no dims `idx<D>`.
struct IndexType : NodeOf<TypeExpr, NodeKind::IndexType> {
  Expr *bound;
  llvm::ArrayRef<Expr *> dims;
  IndexType(llvm::SMRange range, Expr *bound, llvm::ArrayRef<Expr *> dims)
      : NodeOf(range), bound(bound), dims(dims) {
    raise(bound);
    for (Expr *dim : dims)
      raise(dim);
  }
};

/// [Type-Record] `(a: f32[T], b: idx<5>[T])`; with no names the tuple `(f32, f32)`. Either all
/// fields have a name or none has.
struct RecordType : NodeOf<TypeExpr, NodeKind::RecordType> {
  struct Field {
    Identifier name;
    TypeExpr *type;
  };
  llvm::ArrayRef<Field> fields;
  RecordType(llvm::SMRange range, llvm::ArrayRef<Field> fields) : NodeOf(range), fields(fields) {
    for (const Field &field : fields)
      raise(field.type);
  }
  bool isTuple() const { return !fields.front().name; }
};

/// [Type-Like] `like p`: the type of the value named.
struct LikeType : NodeOf<TypeExpr, NodeKind::LikeType> {
  Expr *value; ///< A NameExpr, or FieldExprs over one.
  LikeType(llvm::SMRange range, Expr *value) : NodeOf(range), value(value) { raise(value); }
};

//===----------------------------------------------------------------------===//
// Literals and names
//===----------------------------------------------------------------------===//

/// [Expr-Int]
struct IntExpr : NodeOf<Expr, NodeKind::IntExpr> {
  int64_t value; ///< Never negative: a sign is a UnaryExpr.
  IntExpr(llvm::SMRange range, int64_t value) : NodeOf(range), value(value) {}
};

/// [Expr-Float]
struct FloatExpr : NodeOf<Expr, NodeKind::FloatExpr> {
  double value; ///< Finite.
  FloatExpr(llvm::SMRange range, double value) : NodeOf(range), value(value) {}
};

/// The shortest decimal that reads back as the value, always with a point or an exponent.
std::string floatSpelling(double value);

/// [Expr-Bool]
struct BoolExpr : NodeOf<Expr, NodeKind::BoolExpr> {
  bool value;
  BoolExpr(llvm::SMRange range, bool value) : NodeOf(range), value(value) {}
};

/// [Expr-String] The value has its escapes resolved.
struct StringExpr : NodeOf<Expr, NodeKind::StringExpr> {
  llvm::StringRef value;
  StringExpr(llvm::SMRange range, llvm::StringRef value) : NodeOf(range), value(value) {}
};

/// [Expr-Name] `h`, and with a prime the next state `h'`. `name` is without the prime.
struct NameExpr : NodeOf<Expr, NodeKind::NameExpr> {
  Identifier name;
  bool primed;
  NameExpr(llvm::SMRange range, Identifier name, bool primed)
      : NodeOf(range), name(name), primed(primed) {}
};

/// [Expr-Field] `r.h`, `r.h'`, `m.params`.
struct FieldExpr : NodeOf<Expr, NodeKind::FieldExpr> {
  Expr *base;
  Identifier field;
  bool primed;
  FieldExpr(llvm::SMRange range, Expr *base, Identifier field, bool primed)
      : NodeOf(range), base(base), field(field), primed(primed) {
    raise(base);
  }
};

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

enum class UnaryOp { Minus, Not };
enum class BinaryOp { Add, Sub, Mul, Div, Rem, Pow, Contract, Lt, Le, Gt, Ge, Eq, Ne, And, Or };

/// How the source writes an operator.
llvm::StringRef spelling(UnaryOp op);
llvm::StringRef spelling(BinaryOp op);
inline bool isComparison(BinaryOp op) { return op >= BinaryOp::Lt && op <= BinaryOp::Ne; }

/// [Expr-Unary]
struct UnaryExpr : NodeOf<Expr, NodeKind::UnaryExpr> {
  UnaryOp op;
  Expr *operand;
  UnaryExpr(llvm::SMRange range, UnaryOp op, Expr *operand)
      : NodeOf(range), op(op), operand(operand) {
    raise(operand);
  }
};

/// [Expr-Or] to [Expr-Pow]
struct BinaryExpr : NodeOf<Expr, NodeKind::BinaryExpr> {
  BinaryOp op;
  llvm::SMRange opRange;
  Expr *lhs, *rhs;
  BinaryExpr(llvm::SMRange range, BinaryOp op, llvm::SMRange opRange, Expr *lhs, Expr *rhs)
      : NodeOf(range), op(op), opRange(opRange), lhs(lhs), rhs(rhs) {
    raise(lhs);
    raise(rhs);
  }
};

//===----------------------------------------------------------------------===//
// Application
//===----------------------------------------------------------------------===//

/// [Argument] One argument of a call or of a generic application; `name` is empty when positional.
struct Argument {
  Identifier name;
  Expr *value;
};

/// [Expr-Call] `f(x, lr = 2e-3)`.
struct CallExpr : NodeOf<Expr, NodeKind::CallExpr> {
  Expr *callee;
  llvm::ArrayRef<Argument> args;
  CallExpr(llvm::SMRange range, Expr *callee, llvm::ArrayRef<Argument> args)
      : NodeOf(range), callee(callee), args(args) {
    raise(callee);
    for (const Argument &arg : args)
      raise(arg.value);
  }
};

/// [Expr-Generic] `stack<layers, lstm<width>>`, `GPT<>`. The base is always a plain name.
struct GenericExpr : NodeOf<Expr, NodeKind::GenericExpr> {
  NameExpr *base;
  llvm::ArrayRef<Argument> args;
  GenericExpr(llvm::SMRange range, NameExpr *base, llvm::ArrayRef<Argument> args)
      : NodeOf(range), base(base), args(args) {
    raise(base);
    for (const Argument &arg : args)
      raise(arg.value);
  }
};

/// [Expr-Index] `x[i, 1:, ...]`; items are expressions, SliceExpr and at most one EllipsisExpr.
struct IndexExpr : NodeOf<Expr, NodeKind::IndexExpr> {
  Expr *base;
  llvm::ArrayRef<Expr *> items;
  IndexExpr(llvm::SMRange range, Expr *base, llvm::ArrayRef<Expr *> items)
      : NodeOf(range), base(base), items(items) {
    raise(base);
    for (Expr *item : items)
      raise(item);
  }
};

/// [Expr-Slice] `a:b`, only as an item of an IndexExpr; a null bound is an open end.
struct SliceExpr : NodeOf<Expr, NodeKind::SliceExpr> {
  Expr *lower, *upper;
  SliceExpr(llvm::SMRange range, Expr *lower, Expr *upper)
      : NodeOf(range), lower(lower), upper(upper) {
    raise(lower);
    raise(upper);
  }
};

/// [Expr-Ellipsis] `...`, only as an item of an IndexExpr.
struct EllipsisExpr : NodeOf<Expr, NodeKind::EllipsisExpr> {
  explicit EllipsisExpr(llvm::SMRange range) : NodeOf(range) {}
};

/// [Argument-Lambda] `x => e` or `(x, y) => e`, only as an argument of a call.
struct LambdaExpr : NodeOf<Expr, NodeKind::LambdaExpr> {
  llvm::ArrayRef<Identifier> params;
  Expr *body;
  LambdaExpr(llvm::SMRange range, llvm::ArrayRef<Identifier> params, Expr *body)
      : NodeOf(range), params(params), body(body) {
    raise(body);
  }
};

//===----------------------------------------------------------------------===//
// Building values
//===----------------------------------------------------------------------===//

/// [Expr-List] `[T, heads, d / heads]`; empty as the shape of a scalar.
struct ListExpr : NodeOf<Expr, NodeKind::ListExpr> {
  llvm::ArrayRef<Expr *> items;
  ListExpr(llvm::SMRange range, llvm::ArrayRef<Expr *> items) : NodeOf(range), items(items) {
    for (Expr *item : items)
      raise(item);
  }
};

/// [Expr-Comprehension] `[i < S, j < T: e]`.
struct ComprehensionExpr : NodeOf<Expr, NodeKind::ComprehensionExpr> {
  struct Index {
    Identifier name;
    Expr *extent;
  };
  llvm::ArrayRef<Index> indices;
  Expr *body;
  ComprehensionExpr(llvm::SMRange range, llvm::ArrayRef<Index> indices, Expr *body)
      : NodeOf(range), indices(indices), body(body) {
    for (const Index &index : indices)
      raise(index.extent);
    raise(body);
  }
};

/// [Expr-Tuple] `(a, b)`; at least two items.
struct TupleExpr : NodeOf<Expr, NodeKind::TupleExpr> {
  llvm::ArrayRef<Expr *> items;
  TupleExpr(llvm::SMRange range, llvm::ArrayRef<Expr *> items) : NodeOf(range), items(items) {
    for (Expr *item : items)
      raise(item);
  }
};

/// [Expr-Record] `(a = e, b = e)`; every field has a name, no name stands twice.
struct RecordExpr : NodeOf<Expr, NodeKind::RecordExpr> {
  llvm::ArrayRef<Argument> fields;
  RecordExpr(llvm::SMRange range, llvm::ArrayRef<Argument> fields) : NodeOf(range), fields(fields) {
    for (const Argument &field : fields)
      raise(field.value);
  }
};

/// [Expr-If] `if c then a else b`.
struct IfExpr : NodeOf<Expr, NodeKind::IfExpr> {
  Expr *condition, *thenValue, *elseValue;
  IfExpr(llvm::SMRange range, Expr *condition, Expr *thenValue, Expr *elseValue)
      : NodeOf(range), condition(condition), thenValue(thenValue), elseValue(elseValue) {
    raise(condition);
    raise(thenValue);
    raise(elseValue);
  }
};

//===----------------------------------------------------------------------===//
// Time and repetition
//===----------------------------------------------------------------------===//

enum class Remat { Auto, All, None };
llvm::StringRef spelling(Remat remat);

/// The modifiers of an unroll, each absent or written once; a null range is an absent flag.
struct UnrollModifiers {
  Expr *over = nullptr;     ///< A TupleExpr zips.
  Expr *from = nullptr;     ///< A state, or a RecordExpr that names part of it.
  Expr *count = nullptr;    ///< `for n`
  Expr *truncate = nullptr; ///< `truncate k`
  Expr *reset = nullptr;    ///< `reset when b`
  llvm::SMRange reverse;
  llvm::SMRange stateful;
  llvm::SMRange rematRange;
  Remat remat = Remat::Auto;
};

/// [Expr-Unroll] `unroll CELL over xs ...` (the outputs) and `scan CELL over xs ...` (the outputs
/// and the last state). At least one of `over` and `for` is there.
struct UnrollExpr : NodeOf<Expr, NodeKind::UnrollExpr> {
  bool isScan;
  Expr *cell;
  UnrollModifiers modifiers;
  UnrollExpr(llvm::SMRange range, bool isScan, Expr *cell, const UnrollModifiers &modifiers)
      : NodeOf(range), isScan(isScan), cell(cell), modifiers(modifiers) {
    for (Expr *child : {cell, modifiers.over, modifiers.from, modifiers.count, modifiers.truncate,
                        modifiers.reset})
      raise(child);
  }
  bool isReverse() const { return modifiers.reverse.isValid(); }
  bool isStateful() const { return modifiers.stateful.isValid(); }
};

/// [Pattern] `x` or `(a, b)` on the left of `let` and of a repeat's `with`.
struct Pattern {
  llvm::SMRange range;
  llvm::ArrayRef<Identifier> names;
  bool isTuple;
};

/// [Expr-Repeat] `repeat L with h = x { body }`.
struct RepeatExpr : NodeOf<Expr, NodeKind::RepeatExpr> {
  Expr *count;
  Pattern pattern;
  Expr *start;
  Body *body;
  RepeatExpr(llvm::SMRange range, Expr *count, Pattern pattern, Expr *start, Body *body);
};

/// [Expr-With] `m with P`: the model m with other parameters.
struct WithExpr : NodeOf<Expr, NodeKind::WithExpr> {
  Expr *base, *params;
  WithExpr(llvm::SMRange range, Expr *base, Expr *params)
      : NodeOf(range), base(base), params(params) {
    raise(base);
    raise(params);
  }
};

/// [Expr-Where] `GPT<> where "*.W{q,v}" via lora<r>`.
struct WhereExpr : NodeOf<Expr, NodeKind::WhereExpr> {
  Expr *base;
  StringExpr *pattern;
  Expr *via;
  WhereExpr(llvm::SMRange range, Expr *base, StringExpr *pattern, Expr *via)
      : NodeOf(range), base(base), pattern(pattern), via(via) {
    raise(base);
    raise(pattern);
    raise(via);
  }
};

} // namespace rondo::ast

#endif // RONDO_FRONTEND_ASTEXPR_H
