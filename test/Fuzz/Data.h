// Random arguments for the entries of a module, and the ways to call them in the interpreter.
#ifndef RONDO_TEST_FUZZ_DATA_H
#define RONDO_TEST_FUZZ_DATA_H

#include "Properties.h"
#include "rondo/Interpret.h"

namespace rondo::fuzz {

/// What an entry is called with.
struct Call {
  Bindings bindings;
  llvm::StringMap<HostArray> arguments; // by name; what is not there has a default
};

/// The calls of a program's entries, drawn once from their batched signatures, so that every stage
/// gets the same numbers. Of one name all entries have the same lengths and, where the shape is one
/// too, the same numbers.
struct Data {
  llvm::StringMap<Call> calls; // by entry; its gradient is called as it is itself
  int64_t rows = 0;

  /// Draws what `function` (batched) needs.
  void add(mlir::func::FuncOp function, const Settings &settings);
  const Call &of(llvm::StringRef entry) const;
  /// The call for example `row` alone: in one-example form, or as a batch of one.
  Call example(mlir::func::FuncOp function, int64_t row, bool asBatch) const;
  /// One length per example of each ragged dim of any entry, in the order of their names.
  std::map<std::string, std::vector<int64_t>> lengths() const;
};

/// The entry that `name` is, or of which it is the gradient.
llvm::StringRef differentiated(llvm::StringRef name);

/// The results of an entry in the interpreter, or nothing after an error has been reported.
std::optional<std::vector<HostArray>> evaluate(mlir::ModuleOp module, llvm::StringRef entry,
                                               const Call &call, Noise noise = {});

/// The rows of `array` that belong to example `row` (its first dim), padding and all.
HostArray rowOf(const HostArray &array, int64_t row);

/// max |a - b| over positions where b is not padding (NaN), beside max |b| and `scale`; infinite
/// where shapes differ or where a is NaN and b is not. Integers are compared as numbers. `a` may be
/// padded further.
double errorOf(const HostArray &a, const HostArray &b, double scale = 0);

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_DATA_H
