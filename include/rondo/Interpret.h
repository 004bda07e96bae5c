// The reference interpreter: evaluates functions of the rondo dialect, at every stage before
// lowering, in double precision. It is the oracle that other results are compared with.
#ifndef RONDO_INTERPRET_H
#define RONDO_INTERPRET_H

#include "Rondo/Domain.h"
#include "Rondo/HostArray.h"
#include <string>
#include <vector>

namespace rondo {

/// Arithmetic of fewer digits than the interpreter's: what each op computes (not what it moves or
/// chooses) is off by `digit` of itself, up or down by chance. Two draws show what rounding may do
/// to a result, where values cancel too (Parker, "Monte Carlo arithmetic", UCLA 1997).
struct Noise {
  double digit = 0;
  uint64_t draw = 0;
};

/// Evaluates `function` for the given arguments. All floats are doubles whatever the types say;
/// positions that are not valid hold NaN (integers: `poison`), so that an op that reads them shows.
/// Errors are emitted at the op that is at fault.
mlir::FailureOr<std::vector<HostArray>> interpret(mlir::func::FuncOp function,
                                                  llvm::ArrayRef<HostArray> arguments,
                                                  const Bindings &bindings, Noise noise = {});

/// Evaluates the function `name` of `module`, its arguments found by name (`rondo.name`). An
/// argument that is not given takes its default (`rondo.default`) or, with the roles seed, step and
/// ordinal, what a call at step 0 with seed 0 has. Indices are checked against `rondo.index`.
mlir::FailureOr<std::vector<HostArray>> interpretEntry(mlir::ModuleOp module, llvm::StringRef name,
                                                       const llvm::StringMap<HostArray> &arguments,
                                                       const Bindings &bindings, Noise noise = {});

/// True if the interpreter has a function for the op.
bool hasEvaluator(mlir::OperationName name);

} // namespace rondo

#endif // RONDO_INTERPRET_H
