// Compiled code on a machine of another architecture, which an emulator stands in for.
#ifndef RONDO_TEST_FUZZ_ELSEWHERE_H
#define RONDO_TEST_FUZZ_ELSEWHERE_H

#include "Runtime/Array.h"
#include "Runtime/Dims.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace rondo {
struct Processor;
}

namespace rondo::fuzz {

class Elsewhere {
public:
  /// Why there is no such machine here, if so.
  static llvm::Error check();
  /// Makes a program for `processor` of a module in the LLVM dialect, and starts it.
  static llvm::Expected<std::unique_ptr<Elsewhere>>
  start(mlir::ModuleOp module, const Processor &processor, unsigned level);
  ~Elsewhere();

  /// Makes a call; returns an error, or "". What the code is to write holds `stale` bytes before.
  std::string call(int64_t entry, int64_t workers, int stale, const CallShape &shape,
                   const std::vector<Array> &arguments, std::vector<Array> &results);

private:
  std::string folder; // of the program
  pid_t process = -1;
  FILE *requests = nullptr, *answers = nullptr;
};

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_ELSEWHERE_H
