// Indexing and slicing.
#include "Frontend/Elaborator.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

core::Node *Elaborator::require(core::Node *operand, core::Need::Kind kind, const Polynomial &least,
                                const llvm::Twine &message) {
  if (least.isAtLeast(0))
    return operand;
  if (!least.isStatic())
    return builder.require(operand, kind, least, message.str());
  oblige({core::Obligation::Positive, least + 1, 1, builder.range, message.str()});
  return operand;
}

Value Elaborator::evaluateIndex(const IndexExpr &expr, Environment &scope) {
  Value base = evaluate(expr.base, scope);
  if (!needArray(base, expr.base->range, "what is indexed"))
    return {};
  size_t rank = base.type().rank(), named = 0;
  for (const Expr *item : expr.items)
    named += !llvm::isa<EllipsisExpr>(item);
  if (named > rank) // [Sem-Index-Rank]
    return poison(expr.range, "expected at most " + std::to_string(rank) + " indices into " +
                                  base.describe() + ", found " + std::to_string(named));
  core::Node *node = nodeOf(base);
  size_t axis = 0;
  std::vector<Polynomial> taken; // the leading dims of the index arrays
  for (const Expr *item : expr.items) {
    if (llvm::isa<EllipsisExpr>(item)) {
      axis += rank - named;
      continue;
    }
    size_t before = axis;
    node = llvm::isa<SliceExpr>(item)
               ? evaluateSlice(node, axis, *llvm::cast<SliceExpr>(item), scope)
               : evaluateItem(node, axis, item, scope);
    if (!node)
      return {};
    builder.range = expr.range;
    if (!llvm::isa<SliceExpr>(item) && axis > before)
      taken.push_back(node->type.dims[before]);
  }
  bool isRepeated = false;
  for (size_t i = 0; i < taken.size(); ++i)
    isRepeated |= llvm::is_contained(llvm::ArrayRef(taken).take_front(i), taken[i]);
  if (isRepeated && !trial && silenced == 0) // [Sem-Index-Pairs]
    diagnostics
        .warning(expr.range, "index arrays of one dim take all pairs of its positions, not "
                             "position by position")
        .advice("write [t < " + taken.front().str() + ": x[i[t], j[t]]] for one element each");
  return Value::ofNode(node);
}

/// [Sem-Slice] Bounds are known ints; one that is written with a minus counts from the end.
core::Node *Elaborator::evaluateSlice(core::Node *node, size_t &axis, const SliceExpr &item,
                                      Environment &scope) {
  const Polynomial dim = node->type.dims[axis];
  auto bound = [&](const Expr *expr, const Polynomial &open) -> std::optional<Polynomial> {
    if (!expr)
      return open;
    Value value = evaluate(expr, scope);
    if (value.isPoison())
      return std::nullopt;
    if (!value.isArray() || !value.known) {
      error(expr->range, "expected a size as the bound of a slice, found " + value.describe());
      return std::nullopt;
    }
    if (!checkDim(*value.known, expr->range))
      return std::nullopt;
    const auto *unary = llvm::dyn_cast<UnaryExpr>(expr);
    return unary && unary->op == UnaryOp::Minus ? dim + *value.known : *value.known;
  };
  std::optional<Polynomial> lower = bound(item.lower, 0), upper = bound(item.upper, dim);
  if (!lower || !upper)
    return nullptr;
  builder.range = item.range;
  Polynomial size = *upper - *lower;
  checkDim(size, item.range);
  for (const Polynomial &amount : {*lower, size, dim - *upper}) {
    std::optional<int64_t> constant = amount.getConstant();
    if (constant && *constant < 0) { // [Sem-Slice-Range]
      error(item.range, "expected a slice within `" + dim.str() + "`, found " + lower->str() +
                            " : " + upper->str());
      return nullptr;
    }
  }
  node = builder.slice(node, axis++, *lower, size);
  for (const Polynomial &amount : {*lower, size, dim - *upper})
    node = require(node, core::Need::Size, amount,
                   "a slice from " + lower->str() + " to " + upper->str() +
                       " of an axis that is shorter");
  return node;
}

/// [Sem-Index-Item] A known int takes one position, an index array those it holds.
core::Node *Elaborator::evaluateItem(core::Node *node, size_t &axis, const Expr *item,
                                     Environment &scope) {
  const Polynomial dim = node->type.dims[axis];
  Value index = evaluate(item, scope);
  if (!needArray(index, item->range, "an index"))
    return nullptr;
  builder.range = item->range;
  if (index.known) {
    if (!checkDim(*index.known, item->range))
      return nullptr;
    const auto *unary = llvm::dyn_cast<UnaryExpr>(item);
    Polynomial position = unary && unary->op == UnaryOp::Minus ? dim + *index.known : *index.known;
    checkDim(position, item->range);
    for (const Polynomial &amount : {position, dim - position - 1}) {
      std::optional<int64_t> constant = amount.getConstant();
      if (constant && *constant < 0) { // [Sem-Index-Range]
        error(item->range,
              "expected a position within `" + dim.str() + "`, found " + position.str());
        return nullptr;
      }
    }
    node = builder.slice(node, axis, position, 1);
    for (const Polynomial &amount : {position, dim - position - 1})
      node = require(node, core::Need::Element, amount,
                     "position " + position.str() + " of an axis that is shorter");
    std::vector<Polynomial> dims = node->type.dims;
    dims.erase(dims.begin() + static_cast<ptrdiff_t>(axis));
    return builder.reshape(node, std::move(dims));
  }
  if (index.type().element != Element::Index) { // [Sem-Index]
    error(item->range, "expected an index, found " + index.describe())
        .advice("only inputs, argmax, sample, range, comprehension variables and clip make "
                "indices");
    return nullptr;
  }
  if (!(*index.type().bound == dim)) { // [Sem-Index-Bound]
    Diagnostic &report =
        error(item->range, "expected an index into `" + dim.str() + "`, found " + index.describe());
    noteOrigins(report, {dim, *index.type().bound});
    return nullptr;
  }
  node = builder.gather(node, axis, index.node);
  // What a clipped index of nothing takes is nothing as well; one of the data proves that there is
  // something.
  if (index.node->op == core::Op::Require)
    node = require(node, core::Need::Element, dim - 1, index.node->name);
  axis += index.type().rank();
  return node;
}
