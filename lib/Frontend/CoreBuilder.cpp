// Makes nodes of the elaborated program.
#include "Frontend/CoreBuilder.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace rondo;
using namespace rondo::core;

Block *Builder::createBlock(Block *parent, Node *owner) {
  Block &created = program.blocks.emplace_back();
  created.parent = parent;
  created.owner = owner;
  return &created;
}

Node *Builder::createDetached(Op op, Type type, llvm::ArrayRef<Node *> operands) {
  Node &node = program.nodes.emplace_back();
  node.op = op;
  node.range = range;
  node.type = std::move(type);
  node.operands = operands.vec();
  return &node;
}

void Builder::append(Node *node) {
  node->block = block;
  block->nodes.push_back(node);
}

Node *Builder::create(Op op, Type type, llvm::ArrayRef<Node *> operands) {
  Node *node = createDetached(op, std::move(type), operands);
  append(node);
  return node;
}

Node *Builder::argument(Block *of, Type type) {
  Node *node = createDetached(Op::Argument, std::move(type));
  node->block = of;
  return node;
}

Node *Builder::result(Node *of, unsigned index, Type type) {
  Node *node = create(Op::Result, std::move(type), {of});
  node->index = index;
  return node;
}

Node *Builder::constant(double number, Type type) {
  Node *node = create(Op::Constant, std::move(type));
  node->number = number;
  return node;
}

Node *Builder::length(const Polynomial &dim) {
  if (std::optional<int64_t> value = dim.getConstant())
    return constant(static_cast<double>(*value), {Element::Int, {}, {}});
  Node *node = create(Op::Length, {Element::Int, {}, {}});
  node->dim = dim;
  return node;
}

Node *Builder::iota(Type type, size_t axis) {
  Node *node = create(Op::Iota, std::move(type));
  node->axes = {static_cast<int64_t>(axis)};
  return node;
}

Node *Builder::elementwise(llvm::StringRef name, llvm::ArrayRef<Node *> operands) {
  Node *node = create(Op::Elementwise, operands.front()->type, operands);
  node->name = name.str();
  return node;
}

Node *Builder::compare(llvm::StringRef kind, Node *lhs, Node *rhs) {
  Node *node = create(Op::Compare, lhs->type.withElement(Element::Bool), {lhs, rhs});
  node->name = kind.str();
  return node;
}

Node *Builder::select(Node *condition, Node *yes, Node *no) {
  Node *node = create(Op::Elementwise, yes->type, {condition, yes, no});
  node->name = "select";
  return node;
}

Node *Builder::convert(Node *operand, Type type) {
  if (operand->type == type)
    return operand;
  if (operand->op == Op::Constant)
    return constant(operand->number, std::move(type));
  Node *node = create(Op::Elementwise, std::move(type), {operand});
  node->name = "convert";
  return node;
}

Node *Builder::extend(Node *operand, llvm::ArrayRef<Polynomial> dims) {
  if (operand->type.rank() == dims.size())
    return operand;
  if (operand->op == Op::Constant)
    return constant(operand->number, operand->type.withDims(dims.vec()));
  Node *node = create(Op::Broadcast, operand->type.withDims(dims.vec()), {operand});
  node->axes.resize(operand->type.rank());
  std::iota(node->axes.begin(), node->axes.end(), 0);
  return node;
}

Node *Builder::prepend(Node *operand, llvm::ArrayRef<Polynomial> dims) {
  if (dims.empty())
    return operand;
  std::vector<Polynomial> all = dims.vec();
  llvm::append_range(all, operand->type.dims);
  if (operand->op == Op::Constant)
    return constant(operand->number, operand->type.withDims(std::move(all)));
  Node *node = create(Op::Broadcast, operand->type.withDims(std::move(all)), {operand});
  node->axes.resize(operand->type.rank());
  std::iota(node->axes.begin(), node->axes.end(), static_cast<int64_t>(dims.size()));
  return node;
}

Node *Builder::transpose(Node *operand, llvm::ArrayRef<int64_t> permutation) {
  std::vector<Polynomial> dims;
  for (int64_t axis : permutation)
    dims.push_back(operand->type.dims[static_cast<size_t>(axis)]);
  Node *node = create(Op::Transpose, operand->type.withDims(std::move(dims)), {operand});
  node->axes = permutation.vec();
  return node;
}

Node *Builder::reshape(Node *operand, std::vector<Polynomial> dims) {
  if (operand->type.dims == dims)
    return operand;
  return create(Op::Reshape, operand->type.withDims(std::move(dims)), {operand});
}

Node *Builder::slice(Node *operand, size_t axis, const Polynomial &offset, const Polynomial &size) {
  std::vector<Polynomial> dims = operand->type.dims;
  if (dims[axis] == size)
    return operand;
  dims[axis] = size;
  Node *node = create(Op::Slice, operand->type.withDims(std::move(dims)), {operand});
  node->axes = {static_cast<int64_t>(axis)};
  node->dim = offset;
  return node;
}

Node *Builder::concat(llvm::ArrayRef<Node *> parts, size_t axis) {
  std::vector<Polynomial> dims = parts.front()->type.dims;
  for (Node *part : parts.drop_front())
    dims[axis] = dims[axis] + part->type.dims[axis];
  Node *node = create(Op::Concat, parts.front()->type.withDims(std::move(dims)), parts);
  node->axes = {static_cast<int64_t>(axis)};
  return node;
}

/// `count` letters from the one numbered `first`.
static std::string letters(size_t first, size_t count) {
  std::string text;
  for (size_t i = first; i != first + count; ++i)
    text += static_cast<char>(i < 26 ? 'a' + i : 'A' + (i - 26));
  return text;
}

Node *Builder::gather(Node *table, size_t axis, Node *index) {
  size_t rank = table->type.rank(), indexRank = index->type.rank();
  std::string from = letters(0, rank), by = letters(rank, indexRank), to = from;
  to.replace(axis, 1, by);
  std::vector<Polynomial> dims = table->type.dims;
  dims.erase(dims.begin() + static_cast<ptrdiff_t>(axis));
  dims.insert(dims.begin() + static_cast<ptrdiff_t>(axis), index->type.dims.begin(),
              index->type.dims.end());
  Node *node = create(Op::Gather, table->type.withDims(std::move(dims)), {table, index});
  node->name = from + "," + by + "->" + to;
  return node;
}

Node *Builder::contract(Node *lhs, Node *rhs, llvm::StringRef spec, std::vector<Polynomial> dims) {
  Node *node = create(Op::Contract, lhs->type.withDims(std::move(dims)), {lhs, rhs});
  node->name = spec.str();
  return node;
}

Node *Builder::reduce(llvm::StringRef kind, Node *operand, llvm::ArrayRef<int64_t> axes) {
  if (axes.empty())
    return operand;
  std::vector<Polynomial> dims;
  for (auto [axis, dim] : llvm::enumerate(operand->type.dims))
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
      dims.push_back(dim);
  Node *node = create(Op::Reduce, operand->type.withDims(std::move(dims)), {operand});
  node->name = kind.str();
  node->axes = axes.vec();
  return node;
}

Node *Builder::argmax(Node *operand, size_t axis) {
  Type type = operand->type.withErased(axis);
  type.element = Element::Index;
  type.bound = operand->type.dims[axis];
  Node *node = create(Op::Argmax, std::move(type), {operand});
  node->axes = {static_cast<int64_t>(axis)};
  return node;
}

Node *Builder::check(Node *operand, Node *condition, llvm::StringRef message) {
  Node *node = create(Op::Check, operand->type, {operand, condition});
  node->name = message.str();
  return node;
}

Node *Builder::require(Node *operand, Need::Kind kind, const Polynomial &least,
                       llvm::StringRef message) {
  Node *node = create(Op::Require, operand->type, {operand});
  node->name = message.str();
  node->dim = least;
  node->need = kind;
  return node;
}
