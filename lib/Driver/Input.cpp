// What a compilation starts from: a model's text or a printed stage.
#include "Driver/Input.h"
#include "Rondo/Rondo.h"
#include "mlir/IR/Builders.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace rondo;

bool rondo::openInput(const Options &options, llvm::SourceMgr &sources) {
  std::string reason;
  if (options.input != "-" && llvm::sys::fs::is_directory(options.input)) {
    reason = "it is a directory";
  } else {
    auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(options.input, /*IsText=*/true);
    if (buffer) {
      sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
      return true;
    }
    reason = buffer.getError().message();
  }
  llvm::errs() << "rondoc: cannot read " << options.input << ": " << reason << "\n";
  return false;
}

bool rondo::isPrintedStage(const Options &options) {
  return options.from || llvm::StringRef(options.input).ends_with(".mlir");
}

mlir::OwningOpRef<mlir::ModuleOp> rondo::readStage(const Options &options, llvm::SourceMgr &sources,
                                                   mlir::MLIRContext *context, Stage &stage) {
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(sources, mlir::ParserConfig(context));
  if (!module)
    return nullptr;
  std::optional<Stage> found = options.from;
  if (!found) {
    auto attr = (*module)->getAttrOfType<mlir::StringAttr>(names::stage);
    if (!attr) {
      llvm::errs() << "rondoc: " << options.input
                   << " does not say which stage it is: please give --from=STAGE\n";
      return nullptr;
    }
    found = stageNamed(attr.getValue());
    if (!found || !isModuleStage(*found)) {
      llvm::errs() << "rondoc: " << options.input << ": unknown stage '" << attr.getValue()
                   << "', expected " << stageNames(/*modules=*/true) << "\n";
      return nullptr;
    }
  }
  stage = *found;
  return module;
}

//===----------------------------------------------------------------------===//
// What a stage carries
//===----------------------------------------------------------------------===//

static constexpr llvm::StringLiteral optionsName = "rondo.options";

static std::string spellTarget(const Options &options) {
  std::string cuda = options.isEmulated ? "cuda-emulate" : "cuda";
  return !options.cuda ? "cpu" : options.cpu ? "cpu," + cuda : cuda;
}

void rondo::noteOptions(mlir::ModuleOp module, const Options &options) {
  mlir::Builder builder(module.getContext());
  llvm::SmallVector<mlir::NamedAttribute> noted;
  if (options.cuda)
    noted.push_back(builder.getNamedAttr("target", builder.getStringAttr(spellTarget(options))));
  if (!options.triple.empty())
    noted.push_back(builder.getNamedAttr("triple", builder.getStringAttr(options.triple)));
  if (options.products != "f32")
    noted.push_back(builder.getNamedAttr("products", builder.getStringAttr(options.products)));
  if (options.memoryBudget != 0)
    noted.push_back(
        builder.getNamedAttr("memory_budget", builder.getI64IntegerAttr(options.memoryBudget)));
  if (options.profile)
    noted.push_back(builder.getNamedAttr("profile", builder.getUnitAttr()));
  if (!noted.empty())
    module->setAttr(optionsName, builder.getDictionaryAttr(noted));
}

bool rondo::takeOptions(mlir::ModuleOp module, Stage stage, Options &options) {
  auto noted = module->getAttrOfType<mlir::DictionaryAttr>(optionsName);
  Options carried;
  if (auto target = noted ? noted.getAs<mlir::StringAttr>("target") : nullptr) {
    carried.cuda = true;
    carried.cpu = target.getValue().starts_with("cpu,");
    carried.isEmulated = target.getValue().ends_with("cuda-emulate");
  }
  // From Schedule on, what is for a device has another form.
  bool isScheduled = stage >= Stage::Schedule;
  if (options.givesTarget && isScheduled && options.cuda != carried.cuda) {
    llvm::errs() << "rondoc: " << options.input << " was scheduled for " << spellTarget(carried)
                 << ", not for " << spellTarget(options) << "\n";
    return false;
  }
  if (!options.givesTarget) {
    options.cpu = carried.cpu;
    options.cuda = carried.cuda;
    options.isEmulated = carried.isEmulated;
  }
  if (!noted)
    return true;
  if (auto products = noted.getAs<mlir::StringAttr>("products");
      products && options.products == "f32" && options.cuda)
    options.products = products.getValue().str();
  if (auto budget = noted.getAs<mlir::IntegerAttr>("memory_budget");
      budget && options.memoryBudget == 0)
    options.memoryBudget = budget.getInt();
  options.profile |= noted.contains("profile");
  if (auto triple = noted.getAs<mlir::StringAttr>("triple"); triple && options.triple.empty())
    options.triple = triple.getValue().str();
  return true;
}
