// The stages of a compilation, in order: what `--emit` can name and `--from` can start at.
#ifndef RONDO_DRIVER_STAGE_H
#define RONDO_DRIVER_STAGE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace rondo {

enum class Stage {
  AST,           // the syntax tree, as rondo text
  Frontend,      // the rondo dialect, one example
  Stream,        // one-step forms are carries
  Batch,         // batched and ragged
  Differentiate, // adjoints are there
  Normalise,     // the end of target-free IR
  Schedule,      // grouped for a target
  Plan,          // storage is assigned
  Lower,         // scf, vector, memref
  Target,        // the LLVM dialect, with the descriptor
  Ptx,           // the kernels of a program for a GPU
  LLVM,          // LLVM IR, optimised
  Assembly,
  Object,
  Executable
};

inline constexpr Stage firstStage = Stage::AST, lastStage = Stage::Executable;

llvm::StringRef stageName(Stage stage);
std::optional<Stage> stageNamed(llvm::StringRef name);
/// Those that are printed as MLIR and read back.
inline bool isModuleStage(Stage stage) {
  return stage >= Stage::Frontend && stage <= Stage::Target;
}
/// "ast, frontend, ... or exe", for messages; only those that can be read back with `modules`.
std::string stageNames(bool modules);

} // namespace rondo

#endif // RONDO_DRIVER_STAGE_H
