// IR generation: the manifest, the symbols, the needs and the functions of a module.
#include "Frontend/IRGen.h"

#include "Frontend/IRGenerator.h"
#include "Frontend/Needs.h"
#include "Rondo/Needs.h"

using namespace rondo;
using namespace mlir;
using core::Element;
using core::Node;

OwningOpRef<ModuleOp> rondo::generateIR(const core::Program &program,
                                        const std::map<const Atom *, int64_t> &values,
                                        const llvm::SourceMgr &sources, MLIRContext *context,
                                        bool doublePrecision) {
  context->loadDialect<RondoDialect, func::FuncDialect>();
  return IRGenerator(program, values, sources, context, doublePrecision).run();
}

OwningOpRef<ModuleOp> IRGenerator::run() {
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

Location IRGenerator::location(llvm::SMRange range) {
  unsigned buffer = range.isValid() ? sources.FindBufferContainingLoc(range.Start) : 0;
  if (buffer == 0)
    return builder.getUnknownLoc();
  auto [line, column] = sources.getLineAndColumn(range.Start, buffer);
  return FileLineColLoc::get(context, sources.getMemoryBuffer(buffer)->getBufferIdentifier(), line,
                             column);
}

/// Symbols are called like their atoms; a second one of a name gets a number.
DimAttr IRGenerator::symbol(const Atom *atom) {
  std::string &name = symbolNames[atom];
  if (name.empty()) {
    name = atom->name;
    for (unsigned i = 1; !usedNames.insert(name).second; ++i)
      name = atom->name + std::to_string(i);
  }
  return DimAttr::get(context, name);
}

DimAttr IRGenerator::dim(const Polynomial &polynomial) {
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

rondo::ArrayType IRGenerator::type(const core::Type &type) {
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
void IRGenerator::nameModel(ModuleOp module) {
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

void IRGenerator::generateParameter(const core::Parameter &parameter) {
  SmallVector<Attribute> arguments;
  for (const Node *argument : parameter.initArguments)
    arguments.push_back(builder.getF64FloatAttr(number(argument)));
  ParamOp::create(builder, location(parameter.range), builder.getStringAttr(parameter.path),
                  TypeAttr::get(type(parameter.type)),
                  InitAttr::get(context, builder.getStringAttr(parameter.initialiser),
                                builder.getArrayAttr(arguments)));
}

void IRGenerator::generateTrain(const core::TrainSpec &train) {
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

DictionaryAttr IRGenerator::argumentAttributes(const core::Argument &argument) {
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

DictionaryAttr IRGenerator::resultAttributes(const core::Function::Result &result) {
  llvm::StringRef role = result.role == core::Role::Input ? "result" : roleName(result.role);
  return builder.getDictionaryAttr(
      {builder.getNamedAttr(names::role, builder.getStringAttr(role)),
       builder.getNamedAttr(names::name, builder.getStringAttr(result.name))});
}

/// The run-time atoms of the arguments' dims, the `int` arguments, then the lengths of streams.
void IRGenerator::declareSymbols(const core::Function &function,
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
ArrayAttr IRGenerator::generateNeeds(const core::Function &function) {
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

void IRGenerator::generateFunction(const core::Function &function) {
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
