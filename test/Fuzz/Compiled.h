// A module compiled in memory, called with the interpreter's arrays.
#ifndef RONDO_TEST_FUZZ_COMPILED_H
#define RONDO_TEST_FUZZ_COMPILED_H

#include "Configurations.h"
#include "Data.h"
#include <memory>

namespace rondo::fuzz {

class Compiled {
public:
  virtual ~Compiled() = default;

  /// Compiles a copy of a normalised module for a processor, or for the emulated GPU
  /// "cuda-emulate", as the configuration says; null after an error has been reported.
  static std::unique_ptr<Compiled> make(mlir::ModuleOp module, bool isDouble,
                                        const std::string &processor,
                                        const Configuration &configuration);

  /// Calls an entry with so many workers (the emulated GPU has its threads, in another order with
  /// every call); the results are padded as the interpreter's. Returns an error, or "".
  /// Whatever is not valid holds NaN, and in every other call other numbers that are far off: the
  /// padding of arguments, results and work space before the code has written to them. Behind the
  /// last element of an argument or a result is memory that nobody may touch.
  virtual std::string call(llvm::StringRef entry, const Call &data, int64_t workers,
                           std::vector<HostArray> &results) = 0;
};

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_COMPILED_H
