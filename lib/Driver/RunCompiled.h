// Compiles a module in memory and calls its functions, in the terms of the interpreter, so that the
// two can be compared.
#ifndef RONDO_DRIVER_RUNCOMPILED_H
#define RONDO_DRIVER_RUNCOMPILED_H

#include "Driver/Pipelines.h"
#include "Rondo/Domain.h"
#include "Rondo/HostArray.h"
#include "Runtime/Device.h"
#include "Target/Jit.h"
#include "mlir/IR/OwningOpRef.h"

namespace rondo {

class CompiledModule {
public:
  /// Compiles a copy of `module`, which is of the stage `stage`, for the processor of that name
  /// (as for `--mcpu`), and emits errors where it cannot. What is for an emulated GPU runs there.
  static mlir::FailureOr<std::unique_ptr<CompiledModule>>
  compile(mlir::ModuleOp module, Stage stage, PipelineOptions options, llvm::StringRef processor,
          unsigned level);

  /// Calls the entry that `function` (of the module as it was given, or with the same type) was
  /// compiled to, with so many workers. Arguments are in order; errors are emitted at the function.
  mlir::FailureOr<std::vector<HostArray>> call(mlir::func::FuncOp function,
                                               llvm::ArrayRef<HostArray> arguments,
                                               const Bindings &bindings, int64_t workers = 1) const;

private:
  std::unique_ptr<Jit> jit;
  std::unique_ptr<Device> device; // null: the host
};

} // namespace rondo

#endif // RONDO_DRIVER_RUNCOMPILED_H
