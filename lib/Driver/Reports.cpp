// What a compilation says: refusals, remarks, internal errors, times.
#include "Driver/Reports.h"
#include "Target/Output.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace rondo;

namespace {

/// Turns remarks into diagnostics, which are printed with their line: "hoist (loss): ...". A pass
/// that runs twice says a thing once.
class RemarkPrinter : public remark::detail::MLIRRemarkStreamerBase {
public:
  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string text = remark.getCategoryName().str();
    if (remark.getRemarkType() == llvm::remarks::Type::Missed)
      text += " missed";
    text += " (" + remark.getFunction().str() + "): ";
    for (const remark::detail::Remark::Arg &part : remark.getArgs())
      text += part.val;
    std::string key;
    llvm::raw_string_ostream(key) << remark.getLocation() << text;
    if (said.insert(key).second)
      emitRemark(remark.getLocation()) << text;
  }

private:
  llvm::StringSet<> said;
};

} // namespace

DiagnosticFilter::DiagnosticFilter(MLIRContext *context, const Options &options)
    : handler(context, [this](Diagnostic &diagnostic) { return handle(diagnostic); }) {
  if (!options.remarks)
    return;
  remarks.emplace(options.remarks->empty() ? "." : *options.remarks);
  remark::RemarkCategories all;
  all.passed = all.missed = all.analysis = all.failed = ".*"; // filtered by their text, below
  bool isOn = succeeded(
      remark::enableOptimizationRemarks(*context, std::make_unique<RemarkPrinter>(),
                                        std::make_unique<remark::RemarkEmittingPolicyAll>(), all));
  assert(isOn && "a context has one remark engine");
  (void)isOn;
}

/// Errors about ops ("'rondo.scan' op ...") are how passes and verifiers report our own mistakes.
static bool isRefusal(llvm::StringRef text) {
  return !text.starts_with("'") || !text.contains("op ");
}

LogicalResult DiagnosticFilter::handle(Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  if (diagnostic.getSeverity() == DiagnosticSeverity::Remark)
    return failure(remarks && remarks->match(text)); // failure: the next handler prints it
  if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
    return failure();
  if (isReading || (!isVerifying && isRefusal(text))) {
    ++numRefusals;
    if (!isa<UnknownLoc>(diagnostic.getLocation()))
      return failure();
    llvm::errs() << "rondoc: " << text << "\n"; // about a flag: no line to show
    return success();
  }
  if (!isVerifying && mayRefuse) {
    // The op's name is for those who work on the compiler.
    llvm::StringRef said = text;
    said = said.drop_front(said.find("op ") + 3);
    InFlightDiagnostic again = emitError(diagnostic.getLocation()) << said;
    for (Diagnostic &note : diagnostic.getNotes())
      again.attachNote(note.getLocation()) << note.str();
    return success();
  }
  llvm::raw_string_ostream os(internal);
  os << diagnostic.getLocation() << ": " << text << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    os << "  " << note.getLocation() << ": " << note.str() << "\n";
  return success();
}

void rondo::reportInternalError(llvm::StringRef stage, llvm::StringRef before,
                                llvm::StringRef errors, llvm::StringRef folder) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::SmallVector<llvm::StringRef> lines;
  errors.trim().split(lines, '\n');
  os << "// rondoc " RONDO_VERSION ", internal error in stage " << stage << "\n";
  for (llvm::StringRef line : lines)
    os << "// " << line << "\n";
  os << before;

  llvm::SmallString<128> path;
  int descriptor = -1;
  if (!folder.empty()) {
    path = folder;
    llvm::sys::path::append(path, "internal-error.mlir");
    if (llvm::Error error = writeFile(text, path)) {
      llvm::consumeError(std::move(error));
      path.clear();
    }
  } else if (llvm::sys::fs::createTemporaryFile("rondo-internal-error", "mlir", descriptor, path)) {
    path.clear();
  } else {
    llvm::raw_fd_ostream out(descriptor, /*shouldClose=*/true);
    out << text;
    out.close();
    out.clear_error();
  }
  llvm::errs() << "rondoc: internal error in stage " << stage << "; please report it";
  if (!path.empty())
    llvm::errs() << ", with the dump " << path;
  llvm::errs() << "\n";
}

StageTimes::Scope::~Scope() {
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (auto &[name, total] : times.rows)
    if (name == stage) {
      total += seconds;
      return;
    }
  times.rows.emplace_back(stage, seconds);
}

void StageTimes::print(llvm::raw_ostream &os) const {
  double total = 0;
  for (const auto &[name, seconds] : rows)
    total += seconds;
  os << "stage            seconds  share\n";
  for (const auto &[name, seconds] : rows)
    os << llvm::format("%-16s %7.3f %5.0f%%\n", name.c_str(), seconds,
                       total > 0 ? 100 * seconds / total : 0);
  os << llvm::format("%-16s %7.3f\n", "total", total);
}
