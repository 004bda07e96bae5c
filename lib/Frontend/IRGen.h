// IR generation: the elaborated program to the rondo dialect. It cannot fail.
#ifndef RONDO_FRONTEND_IRGEN_H
#define RONDO_FRONTEND_IRGEN_H

#include "Frontend/Core.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>

namespace llvm {
class SourceMgr;
} // namespace llvm

namespace rondo {

/// One `func.func` per function of the program, the parameters and the train spec, for the given
/// values of the configuration, which the module names with the model. Every op has the place in
/// the source that made it. Floats are singles, or doubles where asked for.
mlir::OwningOpRef<mlir::ModuleOp> generateIR(const core::Program &program,
                                             const std::map<const Atom *, int64_t> &values,
                                             const llvm::SourceMgr &sources,
                                             mlir::MLIRContext *context,
                                             bool doublePrecision = false);

} // namespace rondo

#endif // RONDO_FRONTEND_IRGEN_H
