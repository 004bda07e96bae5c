// The checks of one program (Properties.h), and what they share: its forms, its data, the numbers
// that all others are compared with, and how they are compared.
//
// Checker.cpp compares; Stages.cpp has the stages in the interpreter and one example at a time,
// Gradients.cpp what gradients are, Execution.cpp compiled code.
#ifndef RONDO_TEST_FUZZ_CHECKER_H
#define RONDO_TEST_FUZZ_CHECKER_H

#include "Compiled.h"
#include "Data.h"
#include "Driver/Pipelines.h"
#include "Properties.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace rondo::fuzz {

/// Collects what is reported while it lives, instead of printing it.
class Messages {
public:
  explicit Messages(mlir::MLIRContext &context);
  std::string text;

private:
  mlir::ScopedDiagnosticHandler handler;
};

/// Each check returns true to go on; on a violation it fills `finding`.
class Checker {
public:
  Checker(mlir::MLIRContext &context, const std::string &text, const Settings &settings)
      : context(context), text(text), settings(settings), messages(context) {}

  std::optional<Finding> run();

private:
  /// Of a batch of many thousands a few examples are looked at one by one.
  static constexpr int64_t mostRows = 32;

  // Comparing.
  bool violated(std::string property, std::string what);
  std::string refusal() const;
  double conditionOf(llvm::StringRef name, size_t number, double digit);
  bool close(const std::string &property, llvm::StringRef name, size_t number,
             const std::string &where, const HostArray &found, const HostArray &wanted,
             double tolerance, double digit = 2e-16);
  llvm::SmallVector<mlir::func::FuncOp> entries();
  /// Whether an entry stops at every data that were tried, so that it has no numbers.
  bool alwaysStops(llvm::StringRef name) const { return stopsStill.count(differentiated(name)); }

  // Stages.
  bool importText();
  bool isFixpoint(llvm::StringRef stage);
  bool runStage(Stage stage);
  bool sameAsReference(llvm::StringRef stage);
  bool stagesAgree();
  using Stops = llvm::StringMap<llvm::BitVector>; // the examples at which an entry stops
  bool findStops(mlir::ModuleOp frontend, Stops &found);
  bool drawWhatGoesOn(mlir::ModuleOp frontend);
  bool stopsInBatch();
  bool examplesAgree(mlir::ModuleOp frontend, mlir::ModuleOp stream);

  // Gradients.
  bool gradientsAreThoseOfOneAtATime();
  bool isWeighted(llvm::StringRef gradient);
  std::optional<double> lossOf(llvm::StringRef name, const Call &at);
  std::optional<double> derivative(llvm::StringRef name, Call &at, double &x);
  bool differencesAgree();
  bool closeAtScale(llvm::StringRef name, llvm::StringRef path, const HostArray &gradient,
                    const HostArray &wanted);

  // Execution.
  bool compiledAgrees();
  bool compiledAgrees(const std::string &processor, bool isDouble);
  bool stopsCompiled(Compiled &program, llvm::StringRef name, const char *precision);
  bool sameBits(Compiled &program, llvm::StringRef name, int64_t workers,
                llvm::ArrayRef<HostArray> wanted);

  mlir::MLIRContext &context;
  const std::string &text;
  const Settings &settings;
  Messages messages;
  mlir::OwningOpRef<mlir::ModuleOp> module, batched;
  Data data;
  std::optional<Data> refused; // the first data, at which entries stop; `data` are others then
  Stops stops, stopsStill;     // at `refused` and, all the same, at `data`
  llvm::StringMap<std::vector<HostArray>> reference;
  bool inSegments = false;
  std::optional<Finding> finding;
};

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_CHECKER_H
