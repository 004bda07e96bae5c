// The front end as one step: rondo text to the rondo dialect.
#ifndef RONDO_FRONTEND_FRONTEND_H
#define RONDO_FRONTEND_FRONTEND_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>

namespace llvm {
class SourceMgr;
class raw_ostream;
} // namespace llvm

namespace rondo {

struct FrontendOptions {
  /// Values of the model's configuration that replace the written ones: -D width=512.
  std::map<std::string, int64_t> definitions;
  /// Floats are doubles; constants are then exact to double precision.
  bool doublePrecision = false;
};

/// Imports the main buffer of `sources`; library modules that it imports are added to `sources`.
/// Errors go to the context's diagnostics, and the result is null when there are any.
mlir::OwningOpRef<mlir::ModuleOp> importRondo(llvm::SourceMgr &sources, mlir::MLIRContext *context,
                                              const FrontendOptions &options = {});

/// Prints the syntax tree of the main buffer as rondo text. False, with errors to the context's
/// diagnostics, where it or a module that it imports cannot be parsed.
bool printSyntax(llvm::SourceMgr &sources, mlir::MLIRContext *context, llvm::raw_ostream &os);

} // namespace rondo

#endif // RONDO_FRONTEND_FRONTEND_H
