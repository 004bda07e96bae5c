// PTX, NVIDIA's assembly language, which the driver of a GPU takes as text; and cubins, its machine
// code, where `ptxas` is there to make them. Neither needs anything of CUDA.
#ifndef RONDO_TARGET_PTX_H
#define RONDO_TARGET_PTX_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace rondo {

/// The least compute capability, 10 * major + minor, that code is made for: Ampere's, which has
/// asynchronous copies and products of tf32 and bf16.
inline constexpr int64_t ptxCapability = 80;
/// What cubins are made for, where they are: the capabilities of A100 and of H100.
struct CubinArchitecture {
  int64_t capability;
  llvm::StringLiteral name; // ptxas's
  llvm::StringLiteral symbol;
};
inline constexpr CubinArchitecture cubinArchitectures[] = {{80, "sm_80", "rondo.cubin.sm_80"},
                                                           {90, "sm_90a", "rondo.cubin.sm_90a"}};
/// The symbol of the text, like those of the cubins a constant of the module.
inline constexpr llvm::StringLiteral ptxSymbol = "rondo.ptx";

/// The text of a module of the LLVM dialect that rondo-lower-ptx has gone over, at -O0 to -O3.
/// Where the module cannot be translated, diagnostics say why, besides.
llvm::Expected<std::string> emitPtx(mlir::ModuleOp module, unsigned level);

/// The assembler that the user names: a path, "none", or "" for the first one of PATH,
/// $CUDA_HOME/bin and /usr/local/cuda/bin. Empty where there is none; an error where a path is
/// given and there is no program.
llvm::Expected<std::string> findPtxas(llvm::StringRef given);
/// Machine code for an architecture such as "sm_90a".
llvm::Expected<std::string> assemble(llvm::StringRef ptxas, llvm::StringRef ptx,
                                     llvm::StringRef architecture);

} // namespace rondo

#endif // RONDO_TARGET_PTX_H
