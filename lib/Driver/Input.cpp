// What a compilation starts from: a model's text or a printed stage.
#include "Driver/Input.h"
#include "Rondo/Rondo.h"
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
