// What a compilation starts from: a model's text or a printed stage.
#ifndef RONDO_DRIVER_INPUT_H
#define RONDO_DRIVER_INPUT_H

#include "Driver/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

namespace rondo {

/// Opens the input as the main buffer of `sources`; on failure prints one line.
bool openInput(const Options &options, llvm::SourceMgr &sources);

/// Whether the input is a printed stage rather than a model's text.
bool isPrintedStage(const Options &options);

/// Reads a printed stage and finds out which it is: from the flag, or as the module says.
mlir::OwningOpRef<mlir::ModuleOp> readStage(const Options &options, llvm::SourceMgr &sources,
                                            mlir::MLIRContext *context, Stage &stage);

/// Notes on the module what later stages have to be told again: the target, what its products round
/// to, a memory budget, a profile; nothing where these are the defaults.
void noteOptions(mlir::ModuleOp module, const Options &options);
/// Takes what a printed stage says of that where the flags do not; on a contradiction, prints one
/// line and returns false.
bool takeOptions(mlir::ModuleOp module, Stage stage, Options &options);

} // namespace rondo

#endif // RONDO_DRIVER_INPUT_H
