// Random arguments for the entries of a module, and the ways to call them in the interpreter.
#ifndef RONDO_TEST_FUZZ_DATA_H
#define RONDO_TEST_FUZZ_DATA_H

#include "Properties.h"
#include "rondo/Interpret.h"

namespace rondo::fuzz {

/// Lengths, and an array for every argument by its name, drawn once for a program from the
/// signature of its batched entry, so that every stage gets the same numbers.
struct Data {
  Bindings bindings; // of the batched form
  llvm::StringMap<HostArray> arguments;
  int64_t rows = 0;

  /// Draws what `function` (batched) needs and is not there yet.
  void add(mlir::func::FuncOp function, const Settings &settings);
  /// The bindings and arguments of example `row` alone: in one-example form, or as a batch of one.
  Data example(mlir::func::FuncOp function, int64_t row, bool asBatch) const;
};

/// The results of an entry in the interpreter, or nothing after an error has been reported.
std::optional<std::vector<HostArray>> evaluate(mlir::ModuleOp module, llvm::StringRef entry,
                                               const Data &data);

/// The rows of `array` that belong to example `row` (its first dim), padding and all.
HostArray rowOf(const HostArray &array, int64_t row);

/// max |a - b| over positions where b is not padding (NaN), beside max |b| and `scale`; infinite
/// where shapes differ or where a is NaN and b is not. Integers are compared as numbers. `a` may be
/// padded further.
double errorOf(const HostArray &a, const HostArray &b, double scale = 0);

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_DATA_H
