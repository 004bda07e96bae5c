// Makes nodes of the elaborated program. It trusts its caller: types were checked before.
#ifndef RONDO_FRONTEND_COREBUILDER_H
#define RONDO_FRONTEND_COREBUILDER_H

#include "Frontend/Core.h"

namespace rondo::core {

class Builder {
public:
  explicit Builder(Program &program) : program(program) {}

  Program &program;
  /// Where nodes are appended, and the place in the source that they get.
  Block *block = nullptr;
  llvm::SMRange range;

  Block *createBlock(Block *parent, Node *owner);
  /// A node that stands nowhere yet.
  Node *createDetached(Op op, Type type, llvm::ArrayRef<Node *> operands = {});
  Node *create(Op op, Type type, llvm::ArrayRef<Node *> operands = {});
  Node *argument(Block *of, Type type);
  void append(Node *node);
  /// Result `index` of an op with several results.
  Node *result(Node *of, unsigned index, Type type);

  Node *constant(double number, Type type);
  Node *length(const Polynomial &dim);
  Node *iota(Type type, size_t axis);
  Node *elementwise(llvm::StringRef name, llvm::ArrayRef<Node *> operands);
  Node *compare(llvm::StringRef kind, Node *lhs, Node *rhs);
  Node *select(Node *condition, Node *yes, Node *no);
  Node *convert(Node *operand, Type type);
  /// Repeats an array whose dims are a prefix of `dims` along the rest.
  Node *extend(Node *operand, llvm::ArrayRef<Polynomial> dims);
  /// Repeats an array along new leading dims.
  Node *prepend(Node *operand, llvm::ArrayRef<Polynomial> dims);
  Node *transpose(Node *operand, llvm::ArrayRef<int64_t> permutation);
  Node *reshape(Node *operand, std::vector<Polynomial> dims);
  Node *slice(Node *operand, size_t axis, const Polynomial &offset, const Polynomial &size);
  Node *concat(llvm::ArrayRef<Node *> parts, size_t axis);
  /// Indexes an axis of a table.
  Node *gather(Node *table, size_t axis, Node *index);
  Node *contract(Node *lhs, Node *rhs, llvm::StringRef spec, std::vector<Polynomial> dims);
  Node *reduce(llvm::StringRef kind, Node *operand, llvm::ArrayRef<int64_t> axes);
  Node *argmax(Node *operand, size_t axis);
  Node *check(Node *operand, Node *condition, llvm::StringRef message);
  /// The operand, which needs `least` not to be negative.
  Node *require(Node *operand, Need::Kind kind, const Polynomial &least, llvm::StringRef message);
};

} // namespace rondo::core

#endif // RONDO_FRONTEND_COREBUILDER_H
