// From a module of the LLVM dialect to LLVM IR, optimised, and to objects or assembly.
#ifndef RONDO_TARGET_TRANSLATE_H
#define RONDO_TARGET_TRANSLATE_H

#include "Target/Machine.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

namespace rondo {

/// Makes LLVM IR for a machine: every function carries its features. Null, with a diagnostic, where
/// the module is not yet in the LLVM dialect.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        llvm::TargetMachine &machine);
/// The same for a processor, with what it is tuned for.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const Processor &processor, llvm::TargetMachine &machine);

/// Runs passes that are named as in `opt -passes=`.
void runPasses(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef pipeline);

/// Runs LLVM's pipeline of -O0 to -O3.
void optimise(llvm::Module &module, llvm::TargetMachine &machine, unsigned level);

enum class CodeKind { Assembly, Object };

/// Writes machine code; false if the target cannot.
bool emitCode(llvm::Module &module, llvm::TargetMachine &machine, CodeKind kind,
              llvm::raw_pwrite_stream &out);

} // namespace rondo

#endif // RONDO_TARGET_TRANSLATE_H
