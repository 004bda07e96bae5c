// Arithmetic on values of one shape, so that a derivative reads like a formula.
#ifndef RONDO_DIFFERENTIATE_TERM_H
#define RONDO_DIFFERENTIATE_TERM_H

#include "Rondo/Rondo.h"

namespace rondo {

/// A value, and where ops on it are emitted.
class Term {
public:
  Term(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value)
      : builder(&builder), loc(loc), value(value) {}

  operator mlir::Value() const { return value; }
  /// The number everywhere, in this term's shape.
  Term number(double x) const { return with(ConstantOp::create(*builder, loc, type(), x)); }
  template <typename Op> Term apply() const {
    return with(Op::create(*builder, loc, type(), value));
  }
  template <typename Op> Term apply(Term other) const {
    return with(Op::create(*builder, loc, type(), value, other.value));
  }
  Term compare(Comparison kind, Term other) const {
    auto result = arrayType(value).withElementType(builder->getI1Type());
    return with(CompareOp::create(*builder, loc, result, kind, value, other.value));
  }
  Term operator==(Term other) const { return compare(Comparison::Equal, other); }
  Term operator<(Term other) const { return compare(Comparison::Less, other); }
  /// On a condition: the choice between two terms; exact, whatever the other is.
  Term choose(Term yes, Term no) const {
    return with(SelectOp::create(*builder, loc, yes.type(), value, yes.value, no.value));
  }

private:
  Term with(mlir::Value other) const { return Term(*builder, loc, other); }
  mlir::Type type() const { return value.getType(); }

  mlir::OpBuilder *builder;
  mlir::Location loc;
  mlir::Value value;
};

inline Term operator-(Term a) { return a.apply<NegOp>(); }
inline Term operator+(Term a, Term b) { return a.apply<AddOp>(b); }
inline Term operator-(Term a, Term b) { return a.apply<SubOp>(b); }
inline Term operator*(Term a, Term b) { return a.apply<MulOp>(b); }
inline Term operator/(Term a, Term b) { return a.apply<DivOp>(b); }
inline Term operator*(double a, Term b) { return b.number(a) * b; }
inline Term operator-(double a, Term b) { return b.number(a) - b; }
inline Term operator+(double a, Term b) { return b.number(a) + b; }
inline Term operator-(Term a, double b) { return a - a.number(b); }

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_TERM_H
