// What must hold for every program, whatever it computes. The random programs and the models of
// test/Std go through the same list:
//
//   - at every stage, printing and parsing is a fixpoint;
//   - the interpreter gives the same numbers at every stage, one example at a time or in a ragged
//     batch, losses and gradients, and they are finite;
//   - gradients equal central differences;
//   - compiled code gives the interpreter's numbers, in double and in single precision, whatever
//     stands in padding and in memory that is not written yet;
//   - and the same bits for any number of workers;
//   - a program that reads positions which an example does not have stops at it, in the interpreter
//     and compiled, and no other program stops;
//   - all this with every target and with every optional pass off (Configurations.h).
#ifndef RONDO_TEST_FUZZ_PROPERTIES_H
#define RONDO_TEST_FUZZ_PROPERTIES_H

#include "Configurations.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringMap.h"
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rondo::fuzz {

/// Which examples' inputs are all 0.
enum class Zeros { None, Some, All };

struct Settings {
  uint64_t seed = 0;
  /// Lengths per ragged symbol, one per example; others are drawn from `shortest` to `longest`.
  llvm::StringMap<std::vector<int64_t>> lengths;
  int64_t shortest = 1, longest = 5;
  bool padding = true; // arrays may be padded further than to the longest example
  Zeros zeros = Zeros::None;
  bool mayRefuse = false;            // examples that the program stops at are lawful
  llvm::StringMap<int64_t> uniforms; // symbols with one value for the call; 3 where not given
  int64_t rows = 3;
  std::map<std::string, int64_t> definitions; // -D
  bool differences = true;                    // compare with central differences
  bool compiled = true;
  int64_t threads = 3;         // compiled code is run with up to so many workers
  bool verbose = false;        // print the worst error of every comparison
  Configuration configuration; // what is compiled, and with which passes

  double stageTolerance = 1e-12;
  double raggedTolerance =
      1e-11; // gradients of a batch and of its examples, summed in other orders
  double differenceTolerance = 1e-6;
  double f64Tolerance = 1e-10;
  double f32Tolerance = 1e-4; // not compared where it is 0
  bool excused = true;        // what the last digits of its inputs change may be further off
};

/// Why a property does not hold for the program, or nothing.
/// The property "front end" is that the text is accepted.
struct Finding {
  std::string property;
  std::string what;
  std::string processor; // of compiled code
  std::string lengths;   // of the data, as options
};
std::optional<Finding> findViolation(mlir::MLIRContext &context, const std::string &text,
                                     const Settings &settings);

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_PROPERTIES_H
