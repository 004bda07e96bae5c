// What a compilation says: refusals, remarks, internal errors, times.
#ifndef RONDO_DRIVER_REPORTS_H
#define RONDO_DRIVER_REPORTS_H

#include "Driver/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Regex.h"
#include <chrono>

namespace rondo {

/// Sorts what the stages report. A refusal is meant for the user and goes on to the next handler,
/// which prints it with its line; what speaks of ops, or comes while the IR is verified, is an
/// internal error, and its text is kept for the dump. Remarks pass if they were asked for.
class DiagnosticFilter {
public:
  DiagnosticFilter(mlir::MLIRContext *context, const Options &options);

  /// Everything that comes while this is true is an internal error.
  bool isVerifying = false;
  /// While this is true, errors about ops are refusals too: the stage may find that the model asks
  /// for what cannot be (a stream that looks ahead, an op without a derivative).
  bool mayRefuse = false;
  /// While this is true, a printed stage is read, which a person may have edited: what its ops are
  /// refused for is said as it is.
  bool isReading = false;
  /// The texts of internal errors since the last call.
  std::string takeInternal() { return std::exchange(internal, ""); }
  unsigned getNumRefusals() const { return numRefusals; }

private:
  mlir::LogicalResult handle(mlir::Diagnostic &diagnostic);

  mlir::ScopedDiagnosticHandler handler;
  std::optional<llvm::Regex> remarks;
  std::string internal;
  unsigned numRefusals = 0;
};

/// Says that a stage went wrong and writes what is needed to find out why: the module as it was
/// before the stage and the errors, to `folder` or, where that is empty, to a temporary file.
void reportInternalError(llvm::StringRef stage, llvm::StringRef before, llvm::StringRef errors,
                         llvm::StringRef folder);

/// Adds up how long each stage takes, for --time-report.
class StageTimes {
public:
  /// Times what happens until it is destroyed.
  class Scope {
  public:
    Scope(StageTimes &times, llvm::StringRef stage)
        : times(times), stage(stage), start(std::chrono::steady_clock::now()) {}
    ~Scope();

  private:
    StageTimes &times;
    std::string stage;
    std::chrono::steady_clock::time_point start;
  };
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<std::pair<std::string, double>> rows;
};

} // namespace rondo

#endif // RONDO_DRIVER_REPORTS_H
