// IR generation: nodes to ops, one for one; nodes that nothing needs are left out.
#include "Frontend/IRGen.h"

#include "Frontend/Needs.h"
#include "Rondo/Needs.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SourceMgr.h"

using namespace rondo;
using namespace mlir;
using core::Element;
using core::Node;

namespace {
class Generator {
public:
  Generator(const core::Program &program, const std::map<const Atom *, int64_t> &values,
            const llvm::SourceMgr &sources, MLIRContext *context, bool doublePrecision)
      : program(program), values(values), sources(sources), context(context), builder(context),
        floatType(doublePrecision ? builder.getF64Type() : builder.getF32Type()) {}

  OwningOpRef<ModuleOp> run();

private:
  void nameModel(ModuleOp module);
  void generateParameter(const core::Parameter &parameter);
  void generateTrain(const core::TrainSpec &train);
  void generateFunction(const core::Function &function);
  void declareSymbols(const core::Function &function, SmallVectorImpl<Attribute> &symbols);
  DictionaryAttr argumentAttributes(const core::Argument &argument);
  ArrayAttr generateNeeds(const core::Function &function);
  DictionaryAttr resultAttributes(const core::Function::Result &result);

  void generateBlock(const core::Block &block);
  void generateNode(const Node &node);
  Value generateSimple(const Node &node, Location loc);
  Value generateOrZero(const Node &node, Value value, Location loc);
  void generateScan(const Node &node, Location loc);
  void generateRegion(const Node &node, Location loc);
  void generateBody(const core::Block &block, llvm::ArrayRef<Node *> results, Location loc);
  const Node *chosen(const Node &node);
  void findLive(const core::Block &block);
  void markLive(const Node *node);

  Value get(const Node *node) { return nodes.lookup(node); }
  SmallVector<Value> get(llvm::ArrayRef<Node *> list) {
    return llvm::map_to_vector(list, [&](const Node *node) { return get(node); });
  }
  int64_t number(const Polynomial &polynomial) {
    return polynomial.evaluate([&](const Atom *atom) {
      auto it = values.find(atom);
      return it == values.end() ? int64_t(1) : it->second;
    });
  }
  double number(const Node *configured) {
    return core::evaluateConfigured(configured,
                                    [&](const Atom *atom) { return number(Polynomial(atom)); });
  }
  DimAttr dim(const Polynomial &polynomial);
  DimAttr symbol(const Atom *atom);
  rondo::ArrayType type(const core::Type &type);
  Location location(llvm::SMRange range);

  const core::Program &program;
  const std::map<const Atom *, int64_t> &values;
  const llvm::SourceMgr &sources;
  MLIRContext *context;
  OpBuilder builder;
  Type floatType;
  llvm::DenseMap<const Node *, Value> nodes;
  llvm::DenseMap<const Node *, Operation *> operations;
  llvm::DenseSet<const Node *> live, wanting;
  llvm::DenseSet<std::pair<const Node *, unsigned>> liveStacks;
  llvm::DenseMap<std::pair<const Node *, unsigned>, unsigned> stackResults; ///< Their numbers.
  std::map<const Atom *, std::string> symbolNames;
  llvm::StringSet<> usedNames;
};
} // namespace

OwningOpRef<ModuleOp> rondo::generateIR(const core::Program &program,
                                        const std::map<const Atom *, int64_t> &values,
                                        const llvm::SourceMgr &sources, MLIRContext *context,
                                        bool doublePrecision) {
  context->loadDialect<RondoDialect, func::FuncDialect>();
  return Generator(program, values, sources, context, doublePrecision).run();
}

OwningOpRef<ModuleOp> Generator::run() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(FileLineColLoc::get(
      context, sources.getMemoryBuffer(sources.getMainFileID())->getBufferIdentifier(), 1, 1));
  builder.setInsertionPointToEnd(module->getBody());
  nameModel(*module);
  for (const core::Parameter &parameter : program.parameters)
    generateParameter(parameter);
  if (program.train)
    generateTrain(*program.train);
  for (const core::Function &function : program.functions)
    generateFunction(function);
  return module;
}

//===----------------------------------------------------------------------===//
// Types and places
//===----------------------------------------------------------------------===//

Location Generator::location(llvm::SMRange range) {
  unsigned buffer = range.isValid() ? sources.FindBufferContainingLoc(range.Start) : 0;
  if (buffer == 0)
    return builder.getUnknownLoc();
  auto [line, column] = sources.getLineAndColumn(range.Start, buffer);
  return FileLineColLoc::get(context, sources.getMemoryBuffer(buffer)->getBufferIdentifier(), line,
                             column);
}

/// Symbols are called like their atoms; a second one of a name gets a number.
DimAttr Generator::symbol(const Atom *atom) {
  std::string &name = symbolNames[atom];
  if (name.empty()) {
    name = atom->name;
    for (unsigned i = 1; !usedNames.insert(name).second; ++i)
      name = atom->name + std::to_string(i);
  }
  return DimAttr::get(context, name);
}

DimAttr Generator::dim(const Polynomial &polynomial) {
  // The factors of one run-time length are integers together only: T * (d + 1) / 2.
  DimAttr sum = DimAttr::get(context, int64_t(0));
  for (const auto &[length, factor] : polynomial.splitByLength()) {
    DimAttr term = DimAttr::get(context, int64_t(1));
    if (length && length->kind == Atom::Quotient)
      term = dim(length->numerator).floorDivide(number(length->denominator));
    else if (length)
      term = symbol(length);
    sum = sum.add(term.multiply(number(factor)));
  }
  return sum;
}

rondo::ArrayType Generator::type(const core::Type &type) {
  SmallVector<DimAttr> dims =
      llvm::map_to_vector(type.dims, [&](const Polynomial &size) { return dim(size); });
  switch (type.element) {
  case Element::Float:
    return ArrayType::get(dims, floatType);
  case Element::Int:
    return ArrayType::get(dims, builder.getI64Type());
  case Element::Bool:
    return ArrayType::get(dims, builder.getI1Type());
  case Element::Index:
    return ArrayType::get(dims, builder.getI32Type());
  }
  llvm_unreachable("all elements are handled");
}

//===----------------------------------------------------------------------===//
// The manifest
//===----------------------------------------------------------------------===//

/// The model's name and the integers it is configured with, for the program's descriptor.
void Generator::nameModel(ModuleOp module) {
  if (program.modelName.empty())
    return;
  SmallVector<NamedAttribute> configuration;
  for (const core::ConfigValue &config : program.configuration)
    if (auto it = values.find(config.atom); it != values.end())
      configuration.push_back(
          builder.getNamedAttr(config.atom->name, builder.getI64IntegerAttr(it->second)));
  module->setAttr(names::model, builder.getStringAttr(program.modelName));
  module->setAttr(names::configuration, builder.getDictionaryAttr(configuration));
}

void Generator::generateParameter(const core::Parameter &parameter) {
  SmallVector<Attribute> arguments;
  for (const Node *argument : parameter.initArguments)
    arguments.push_back(builder.getF64FloatAttr(number(argument)));
  ParamOp::create(builder, location(parameter.range), builder.getStringAttr(parameter.path),
                  TypeAttr::get(type(parameter.type)),
                  InitAttr::get(context, builder.getStringAttr(parameter.initialiser),
                                builder.getArrayAttr(arguments)));
}

void Generator::generateTrain(const core::TrainSpec &train) {
  SmallVector<NamedAttribute> options;
  for (const auto &[name, value] : train.options)
    options.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(number(value))));
  TrainOp::create(builder, location(train.range), builder.getStringAttr(train.loss),
                  builder.getStringAttr("train.update"), builder.getStringAttr(train.source),
                  builder.getDictionaryAttr(options),
                  builder.getI64IntegerAttr(number(train.batch)),
                  builder.getI64IntegerAttr(number(train.steps)));
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static llvm::StringRef roleName(core::Role role) {
  switch (role) {
  case core::Role::Parameter:
    return "parameter";
  case core::Role::Input:
    return "input";
  case core::Role::State:
    return "state";
  case core::Role::Gradient:
    return "gradient";
  case core::Role::Setting:
    return "setting";
  case core::Role::Seed:
    return "seed";
  case core::Role::Step:
    return "step";
  case core::Role::Ordinal:
    return "ordinal";
  }
  llvm_unreachable("all roles are handled");
}

DictionaryAttr Generator::argumentAttributes(const core::Argument &argument) {
  SmallVector<NamedAttribute> attributes{
      builder.getNamedAttr(names::role, builder.getStringAttr(roleName(argument.role))),
      builder.getNamedAttr(names::name, builder.getStringAttr(argument.name))};
  if (argument.node->type.bound)
    attributes.push_back(builder.getNamedAttr(names::index, dim(*argument.node->type.bound)));
  if (argument.defaultValue)
    attributes.push_back(builder.getNamedAttr(
        names::defaultValue, builder.getF64FloatAttr(number(argument.defaultValue))));
  return builder.getDictionaryAttr(attributes);
}

DictionaryAttr Generator::resultAttributes(const core::Function::Result &result) {
  llvm::StringRef role = result.role == core::Role::Input ? "result" : roleName(result.role);
  return builder.getDictionaryAttr(
      {builder.getNamedAttr(names::role, builder.getStringAttr(role)),
       builder.getNamedAttr(names::name, builder.getStringAttr(result.name))});
}

/// The run-time atoms of the arguments' dims, the `int` arguments, then the lengths of streams.
void Generator::declareSymbols(const core::Function &function,
                               SmallVectorImpl<Attribute> &symbols) {
  symbolNames.clear();
  usedNames.clear();
  llvm::SmallVector<const Atom *> atoms;
  auto add = [&](const Polynomial &polynomial) {
    for (const Atom *atom : polynomial.getAtoms())
      if ((atom->kind == Atom::Ragged || atom->kind == Atom::Uniform) &&
          !llvm::is_contained(atoms, atom))
        atoms.push_back(atom);
  };
  for (const core::Argument &argument : function.arguments) {
    llvm::for_each(argument.node->type.dims, add);
    if (argument.node->type.bound)
      add(*argument.node->type.bound);
  }
  for (const Atom *atom : function.symbols)
    add(atom);
  llvm::append_range(atoms, function.streamLengths);
  for (const Atom *atom : atoms)
    symbols.push_back(
        SymbolAttr::get(context, symbol(atom).getSymbol(),
                        atom->kind == Atom::Uniform ? SymbolKind::Uniform : SymbolKind::Ragged));
}

/// Null where the function needs nothing of the lengths.
ArrayAttr Generator::generateNeeds(const core::Function &function) {
  SmallVector<Attribute> needs;
  auto isTrue = [&](const Node *configured) { return number(configured) != 0; };
  for (const core::Need &need : core::findNeeds(function, isTrue, wanting)) {
    DimAttr least = dim(need.least);
    if (least.isConstant() && least.getConstant() >= 0)
      continue;
    auto uses = llvm::map_to_vector(need.uses, [&](const std::vector<Polynomial> &use) {
      return llvm::map_to_vector(use, [&](const Polynomial &size) { return dim(size); });
    });
    std::string place;
    if (auto at = dyn_cast<FileLineColLoc>(location(need.range)))
      place =
          (at.getFilename().getValue() + ":" + Twine(at.getLine()) + ":" + Twine(at.getColumn()))
              .str();
    needs.push_back(needAttribute(least, need.message, place, uses));
  }
  return needs.empty() ? ArrayAttr() : builder.getArrayAttr(needs);
}

void Generator::generateFunction(const core::Function &function) {
  OpBuilder::InsertionGuard guard(builder);
  nodes.clear();
  operations.clear();
  live.clear();
  wanting.clear();
  liveStacks.clear();
  stackResults.clear();
  findLive(*function.body);
  SmallVector<Attribute> symbols;
  declareSymbols(function, symbols);

  SmallVector<Type> inputs, results;
  SmallVector<const core::Argument *> arguments;
  for (const core::Argument &argument : function.arguments) {
    // Parameters, seed, step and ordinal only where something needs them.
    bool isOptional = !function.isUpdate && argument.role != core::Role::Input;
    if (isOptional && !live.contains(argument.node))
      continue;
    arguments.push_back(&argument);
    inputs.push_back(type(argument.node->type));
  }
  for (const Node *result : function.body->results)
    results.push_back(type(result->type));
  Location loc = location(function.range);
  auto op =
      func::FuncOp::create(builder, loc, function.name, builder.getFunctionType(inputs, results));
  op->setAttr(names::kind, builder.getStringAttr(function.isUpdate ? "update" : "entry"));
  op->setAttr(names::symbols, builder.getArrayAttr(symbols));
  if (ArrayAttr needs = generateNeeds(function))
    op->setAttr(names::needs, needs);
  Block *body = op.addEntryBlock();
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    op.setArgAttrs(static_cast<unsigned>(i), argumentAttributes(*argument));
    nodes[argument->node] = body->getArgument(static_cast<unsigned>(i));
  }
  for (auto [i, result] : llvm::enumerate(function.results))
    op.setResultAttrs(static_cast<unsigned>(i), resultAttributes(result));
  builder.setInsertionPointToEnd(body);
  generateBlock(*program.outside);
  generateBlock(*function.body);
  func::ReturnOp::create(builder, loc, get(function.body->results));
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

void Generator::findLive(const core::Block &block) {
  for (const Node *result : block.results)
    markLive(result);
}

/// What a choice takes whose condition the configuration decides; null for all else. The other side
/// is not generated: it may ask for what the configuration lacks.
const Node *Generator::chosen(const Node &node) {
  if (node.op != core::Op::Elementwise || node.name != "select")
    return nullptr;
  const Node *condition = core::withoutBroadcast(node.operands[0]);
  if (!core::isConfigured(condition))
    return nullptr;
  return node.operands[number(condition) != 0 ? 1 : 2];
}

/// A loop that is needed needs its carries, and of its stacks those that something reads.
void Generator::markLive(const Node *node) {
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

void Generator::generateBlock(const core::Block &block) {
  for (const Node *node : block.nodes)
    if (live.contains(node))
      generateNode(*node);
}

void Generator::generateNode(const Node &node) {
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
Value Generator::generateOrZero(const Node &node, Value value, Location loc) {
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

Value Generator::generateSimple(const Node &node, Location loc) {
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

void Generator::generateBody(const core::Block &block, llvm::ArrayRef<Node *> results,
                             Location loc) {
  generateBlock(block);
  YieldOp::create(builder, loc, get(results));
}

void Generator::generateScan(const Node &node, Location loc) {
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
void Generator::generateRegion(const Node &node, Location loc) {
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
