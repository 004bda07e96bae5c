// A module compiled in memory, called with the interpreter's arrays.
#ifndef RONDO_TEST_FUZZ_COMPILED_H
#define RONDO_TEST_FUZZ_COMPILED_H

#include "Data.h"
#include <memory>

namespace rondo::fuzz {

class Compiled {
public:
  virtual ~Compiled() = default;

  /// Compiles a copy of a normalised module for a processor, or for the emulated GPU
  /// "cuda-emulate", without some of the optional passes; null after an error has been reported.
  static std::unique_ptr<Compiled> make(mlir::ModuleOp module, bool isDouble,
                                        const std::string &processor,
                                        const std::vector<std::string> &disabled);

  /// Calls an entry with so many workers (the emulated GPU has its threads, in another order with
  /// every call); the results are padded as the interpreter's. Returns an error, or "".
  virtual std::string call(llvm::StringRef entry, const Data &data, int64_t workers,
                           std::vector<HostArray> &results) = 0;
};

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_COMPILED_H
