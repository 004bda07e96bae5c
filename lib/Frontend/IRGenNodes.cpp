// IR generation: nodes to ops, one for one; nodes that nothing needs are left out.
#include "Frontend/IRGenerator.h"

using namespace rondo;
using namespace mlir;
using core::Node;

void IRGenerator::findLive(const core::Block &block) {
  for (const Node *result : block.results)
    markLive(result);
}

/// What a choice takes whose condition the configuration decides; null for all else. The other side
/// is not generated: it may ask for what the configuration lacks.
const Node *IRGenerator::chosen(const Node &node) {
  if (node.op != core::Op::Elementwise || node.name != "select")
    return nullptr;
  const Node *condition = core::withoutBroadcast(node.operands[0]);
  if (!core::isConfigured(condition))
    return nullptr;
  return node.operands[number(condition) != 0 ? 1 : 2];
}

/// A loop that is needed needs its carries, and of its stacks those that something reads.
void IRGenerator::markLive(const Node *node) {
  llvm::SmallVector<const Node *> open{node};
  while (!open.empty()) {
    const Node *next = open.pop_back_val();
    if (!live.insert(next).second)
      continue;
    if (const Node *only = chosen(*next)) {
      open.push_back(only);
      continue;
    }
    llvm::append_range(open, next->operands);
    if (next->op == core::Op::Scan)
      llvm::append_range(open, llvm::ArrayRef(next->body->results).take_front(next->numCarries));
    else if (next->body)
      llvm::append_range(open, next->body->results);
    if (next->op != core::Op::Result || next->operands[0]->op != core::Op::Scan)
      continue;
    open.push_back(next->operands[0]->body->results[next->index]);
    liveStacks.insert({next->operands[0], next->index});
  }
}

void IRGenerator::generateBlock(const core::Block &block) {
  for (const Node *node : block.nodes)
    if (live.contains(node))
      generateNode(*node);
}

void IRGenerator::generateNode(const Node &node) {
  Location loc = location(node.range);
  switch (node.op) {
  case core::Op::Scan:
    return generateScan(node, loc);
  case core::Op::Grad:
  case core::Op::Stream:
    return generateRegion(node, loc);
  case core::Op::Result: {
    auto stack = stackResults.find({node.operands[0], node.index});
    unsigned index = stack == stackResults.end() ? node.index : stack->second;
    nodes[&node] = operations.lookup(node.operands[0])->getResult(index);
    return;
  }
  default:
    nodes[&node] = generateSimple(node, loc);
  }
}

/// What an example lacks and no element of a result needs is 0, so that gradients which are 0 times
/// it are 0.
Value IRGenerator::generateOrZero(const Node &node, Value value, Location loc) {
  rondo::ArrayType type = arrayType(value);
  auto number = type.withDims({}).withElementType(builder.getI64Type());
  Value length = LengthOp::create(builder, loc, number, dim(node.dim));
  Value none = ConstantOp::create(builder, loc, number, 0);
  Value isThere = CompareOp::create(builder, loc, number.withElementType(builder.getI1Type()),
                                    Comparison::GreaterEqual, length, none);
  if (type.getRank() > 0)
    isThere = BroadcastOp::create(builder, loc, type.withElementType(builder.getI1Type()), isThere,
                                  ArrayRef<int64_t>());
  Value zero = ConstantOp::create(builder, loc, type, 0);
  return SelectOp::create(builder, loc, type, isThere, value, zero);
}

Value IRGenerator::generateSimple(const Node &node, Location loc) {
  if (const Node *only = chosen(node))
    return get(only);
  SmallVector<Value> operands = get(node.operands);
  rondo::ArrayType result = type(node.type);
  switch (node.op) {
  case core::Op::Constant:
    return ConstantOp::create(builder, loc, result, node.number);
  case core::Op::Iota:
    return IotaOp::create(builder, loc, result, builder.getI64IntegerAttr(node.axes[0]));
  case core::Op::Length:
    if (dim(node.dim).isConstant())
      return ConstantOp::create(builder, loc, result, double(dim(node.dim).getConstant()));
    return LengthOp::create(builder, loc, result, dim(node.dim));
  case core::Op::Elementwise: {
    OperationState state(loc, "rondo." + node.name, operands, {result});
    return builder.create(state)->getResult(0);
  }
  case core::Op::Compare:
    return CompareOp::create(builder, loc, result, *symbolizeComparison(node.name), operands[0],
                             operands[1]);
  case core::Op::Broadcast:
    return BroadcastOp::create(builder, loc, result, operands[0], node.axes);
  case core::Op::Transpose:
    return TransposeOp::create(builder, loc, result, operands[0], node.axes);
  case core::Op::Reshape:
    return ReshapeOp::create(builder, loc, result, operands[0]);
  case core::Op::Slice:
    return SliceOp::create(builder, loc, operands[0], node.axes[0], dim(node.dim),
                           result.getDim(node.axes[0]));
  case core::Op::Concat:
    return ConcatOp::create(builder, loc, result, operands, node.axes[0]);
  case core::Op::Gather:
    return GatherOp::create(builder, loc, result, operands[0], operands[1], node.name);
  case core::Op::Contract:
    return ContractOp::create(builder, loc, operands[0], operands[1], node.name);
  case core::Op::Reduce:
    return ReduceOp::create(builder, loc, *symbolizeReduceKind(node.name), operands[0], node.axes);
  case core::Op::Argmax:
    return ArgmaxOp::create(builder, loc, result, operands[0], node.axes[0]);
  case core::Op::Random: {
    std::string letters;
    for (int64_t i = 0; i < result.getRank(); ++i)
      letters += static_cast<char>('a' + i);
    std::string spec(operands.size() - 2, ',');
    return RandomOp::create(builder, loc, result, *symbolizeRandomKind(node.name), node.site,
                            letters, spec + "->" + letters, operands[0],
                            ValueRange(operands).drop_front());
  }
  case core::Op::Require: // the function's needs say it
    return wanting.contains(&node) ? generateOrZero(node, operands[0], loc) : operands[0];
  case core::Op::Check:
    return CheckOp::create(builder, loc, result, operands[0], operands[1], node.name);
  default:
    llvm_unreachable("arguments are known and ops with regions are generated elsewhere");
  }
}

void IRGenerator::generateBody(const core::Block &block, llvm::ArrayRef<Node *> results,
                               Location loc) {
  generateBlock(block);
  YieldOp::create(builder, loc, get(results));
}

void IRGenerator::generateScan(const Node &node, Location loc) {
  const core::Block &body = *node.body;
  SmallVector<Value> operands = get(node.operands);
  ValueRange starts = ValueRange(operands).take_front(node.numCarries);
  ValueRange slices = ValueRange(operands).drop_front(node.numCarries);
  SmallVector<Type> stacks;
  SmallVector<Node *> results(llvm::ArrayRef(body.results).take_front(node.numCarries));
  for (unsigned i = node.numCarries; i < body.results.size(); ++i) {
    if (!liveStacks.contains({&node, i}))
      continue;
    stackResults[{&node, i}] = static_cast<unsigned>(results.size());
    results.push_back(body.results[i]);
    stacks.push_back(type(body.results[i]->type).withInserted(0, dim(node.dim)));
  }
  SmallVector<int64_t> sliceAxes(slices.size(), 0), stackAxes(stacks.size(), 0);
  auto scan = ScanOp::create(builder, loc, dim(node.dim), node.reverse, starts, slices, sliceAxes,
                             stacks, stackAxes, ArrayRef<Type>());
  operations[&node] = scan;
  for (auto [argument, value] : llvm::zip_equal(body.arguments, scan.getBlock()->getArguments()))
    nodes[argument] = value;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(scan.getBlock());
  generateBody(body, results, loc);
}

/// grad and stream.
void IRGenerator::generateRegion(const Node &node, Location loc) {
  const core::Block &body = *node.body;
  SmallVector<Value> operands = get(node.operands);
  SmallVector<Type> results, arguments;
  for (const Node *argument : body.arguments)
    arguments.push_back(type(argument->type));
  if (node.op == core::Op::Grad)
    results = arguments;
  else
    for (const Node *result : body.results)
      results.push_back(type(result->type).withErased(0));
  bool isGrad = node.op == core::Op::Grad;
  OperationState state(loc, isGrad ? GradOp::getOperationName() : StreamOp::getOperationName(),
                       operands, results);
  if (!isGrad)
    state.getOrAddProperties<StreamOp::Properties>().dim = dim(node.dim);
  state.addRegion();
  Operation *op = builder.create(state);
  operations[&node] = op;
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&op->getRegion(0), {}, arguments,
                                     SmallVector<Location>(arguments.size(), loc));
  for (auto [argument, value] : llvm::zip_equal(body.arguments, block->getArguments()))
    nodes[argument] = value;
  generateBody(body, body.results, loc);
}
