// Makes the ops of a program: the module's manifest and functions (IRGen.cpp), and their nodes
// (IRGenNodes.cpp). The header is theirs alone.
#ifndef RONDO_FRONTEND_IRGENERATOR_H
#define RONDO_FRONTEND_IRGENERATOR_H

#include "Frontend/Core.h"
#include "Rondo/Rondo.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SourceMgr.h"

#include <map>

namespace rondo {

class IRGenerator {
public:
  IRGenerator(const core::Program &program, const std::map<const Atom *, int64_t> &values,
              const llvm::SourceMgr &sources, mlir::MLIRContext *context, bool doublePrecision)
      : program(program), values(values), sources(sources), context(context), builder(context),
        floatType(doublePrecision ? builder.getF64Type() : builder.getF32Type()) {}

  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  void nameModel(mlir::ModuleOp module);
  void generateParameter(const core::Parameter &parameter);
  void generateTrain(const core::TrainSpec &train);
  void generateFunction(const core::Function &function);
  void declareSymbols(const core::Function &function,
                      mlir::SmallVectorImpl<mlir::Attribute> &symbols);
  mlir::DictionaryAttr argumentAttributes(const core::Argument &argument);
  mlir::ArrayAttr generateNeeds(const core::Function &function);
  mlir::DictionaryAttr resultAttributes(const core::Function::Result &result);

  void generateBlock(const core::Block &block);
  void generateNode(const core::Node &node);
  mlir::Value generateSimple(const core::Node &node, mlir::Location loc);
  mlir::Value generateOrZero(const core::Node &node, mlir::Value value, mlir::Location loc);
  void generateScan(const core::Node &node, mlir::Location loc);
  void generateRegion(const core::Node &node, mlir::Location loc);
  void generateBody(const core::Block &block, llvm::ArrayRef<core::Node *> results,
                    mlir::Location loc);
  const core::Node *chosen(const core::Node &node);
  void findLive(const core::Block &block);
  void markLive(const core::Node *node);

  mlir::Value get(const core::Node *node) { return nodes.lookup(node); }
  mlir::SmallVector<mlir::Value> get(llvm::ArrayRef<core::Node *> list) {
    return llvm::map_to_vector(list, [&](const core::Node *node) { return get(node); });
  }
  int64_t number(const Polynomial &polynomial) {
    return polynomial.evaluate([&](const Atom *atom) {
      auto it = values.find(atom);
      return it == values.end() ? int64_t(1) : it->second;
    });
  }
  double number(const core::Node *configured) {
    return core::evaluateConfigured(configured,
                                    [&](const Atom *atom) { return number(Polynomial(atom)); });
  }
  DimAttr dim(const Polynomial &polynomial);
  DimAttr symbol(const Atom *atom);
  ArrayType type(const core::Type &type);
  mlir::Location location(llvm::SMRange range);

  const core::Program &program;
  const std::map<const Atom *, int64_t> &values;
  const llvm::SourceMgr &sources;
  mlir::MLIRContext *context;
  mlir::OpBuilder builder;
  mlir::Type floatType;
  llvm::DenseMap<const core::Node *, mlir::Value> nodes;
  llvm::DenseMap<const core::Node *, mlir::Operation *> operations;
  llvm::DenseSet<const core::Node *> live, wanting;
  llvm::DenseSet<std::pair<const core::Node *, unsigned>> liveStacks;
  llvm::DenseMap<std::pair<const core::Node *, unsigned>, unsigned>
      stackResults; ///< Their numbers.
  std::map<const Atom *, std::string> symbolNames;
  llvm::StringSet<> usedNames;
};

} // namespace rondo

#endif // RONDO_FRONTEND_IRGENERATOR_H
