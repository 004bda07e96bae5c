// Runs a program in the compiler's own process: for `rondo-opt --run` and for tests.
#ifndef RONDO_TARGET_JIT_H
#define RONDO_TARGET_JIT_H

#include "Target/Machine.h"
#include "mlir/IR/BuiltinOps.h"
#include "rondo/Abi.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace rondo {

class Jit {
public:
  /// Compiles a module of the stage `target` (the LLVM dialect, with the descriptor) for a
  /// processor that this machine can stand for, at -O0 to -O3.
  static llvm::Expected<std::unique_ptr<Jit>>
  create(mlir::ModuleOp module, const Processor &processor, unsigned level = 2);
  /// The same for a module that need not have a descriptor: its functions are found by name.
  static llvm::Expected<std::unique_ptr<Jit>> load(mlir::ModuleOp module,
                                                   const Processor &processor, unsigned level = 2);
  ~Jit();

  /// The address of a function or a global.
  llvm::Expected<void *> lookup(llvm::StringRef name);

  /// The descriptor, whose functions can be called as long as this lives (see Runtime/Call.h).
  const RondoProgram &program() const { return *descriptor; }

private:
  struct Engine;
  explicit Jit(std::unique_ptr<Engine> engine);

  std::unique_ptr<Engine> engine;
  const RondoProgram *descriptor = nullptr;
};

} // namespace rondo

#endif // RONDO_TARGET_JIT_H
