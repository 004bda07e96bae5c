// --import-rondo: rondo text to the rondo dialect.
#include "ImportTranslation.h"

#include "Frontend/Frontend.h"
#include "Rondo/Rondo.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"

using namespace rondo;

static llvm::cl::list<std::string>
    definitions("D", llvm::cl::Prefix, llvm::cl::value_desc("name=number"),
                llvm::cl::desc("a value of the model's configuration, for --import-rondo"));

void rondo::registerImportTranslation() {
  static mlir::TranslateToMLIRRegistration import(
      "import-rondo", "check rondo text and make the rondo dialect of it",
      [](const std::shared_ptr<llvm::SourceMgr> &sources,
         mlir::MLIRContext *context) -> mlir::OwningOpRef<mlir::Operation *> {
        FrontendOptions options;
        for (const std::string &definition : definitions) {
          auto [name, value] = llvm::StringRef(definition).split('=');
          int64_t number = 0;
          if (value.getAsInteger(10, number)) {
            mlir::emitError(mlir::UnknownLoc::get(context))
                << "expected -D name=number, found -D " << definition;
            return {};
          }
          options.definitions[name.str()] = number;
        }
        return importRondo(*sources, context, options);
      },
      [](mlir::DialectRegistry &registry) {
        registry.insert<RondoDialect, mlir::func::FuncDialect>();
      });
}
