// Collecting and printing the front end's errors.
#include "Frontend/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <tuple>

using namespace rondo;

/// Beyond this many errors a file is of another language; the rest is dropped.
static constexpr unsigned maxErrors = 50;

Diagnostic &Diagnostics::add(Diagnostic::Severity severity, llvm::SMRange range,
                             const llvm::Twine &text) {
  Diagnostic diagnostic(severity, range, text);
  bool known = llvm::any_of(list, [&](const Diagnostic &other) {
    return other.range.Start == range.Start && other.text == diagnostic.text;
  });
  if (known || numErrors >= maxErrors) {
    dropped.clear();
    return dropped.emplace_back(std::move(diagnostic));
  }
  if (severity == Diagnostic::Severity::Error)
    ++numErrors;
  return list.emplace_back(std::move(diagnostic));
}

bool Diagnostics::isFull() const { return numErrors >= maxErrors; }

Diagnostic &Diagnostics::error(llvm::SMRange range, const llvm::Twine &text) {
  return add(Diagnostic::Severity::Error, range, text);
}

Diagnostic &Diagnostics::warning(llvm::SMRange range, const llvm::Twine &text) {
  return add(Diagnostic::Severity::Warning, range, text);
}

std::vector<const Diagnostic *> Diagnostics::inSourceOrder() const {
  // The index keeps what stands at one place in the order of reporting.
  std::vector<std::tuple<unsigned, const char *, size_t>> keys;
  for (const Diagnostic &diagnostic : list) {
    llvm::SMLoc start = diagnostic.range.Start;
    keys.emplace_back(start.isValid() ? sources.FindBufferContainingLoc(start) : 0,
                      start.getPointer(), keys.size());
  }
  llvm::sort(keys);
  std::vector<const Diagnostic *> order;
  for (const auto &[buffer, place, index] : keys)
    order.push_back(&list[index]);
  return order;
}

void Diagnostics::print(llvm::raw_ostream &os) const {
  using Kind = llvm::SourceMgr::DiagKind;
  auto show = [&](Kind kind, llvm::SMRange range, llvm::StringRef text) {
    llvm::SmallVector<llvm::SMRange, 1> ranges;
    if (range.isValid())
      ranges.push_back(range);
    sources.PrintMessage(os, range.Start, kind, text, ranges);
  };
  for (const Diagnostic *diagnostic : inSourceOrder()) {
    bool isError = diagnostic->severity == Diagnostic::Severity::Error;
    show(isError ? Kind::DK_Error : Kind::DK_Warning, diagnostic->range, diagnostic->text);
    for (const Diagnostic::Note &note : diagnostic->notes)
      if (note.range.isValid())
        show(Kind::DK_Note, note.range, note.text);
      else
        os << "  help: " << note.text << '\n';
  }
  if (isFull())
    os << "too many errors, the rest is not shown\n";
}

mlir::Location rondo::locationOf(llvm::SMRange range, const llvm::SourceMgr &sources,
                                 mlir::MLIRContext *context) {
  unsigned buffer = range.isValid() ? sources.FindBufferContainingLoc(range.Start) : 0;
  if (!buffer)
    return mlir::UnknownLoc::get(context);
  auto file =
      mlir::StringAttr::get(context, sources.getMemoryBuffer(buffer)->getBufferIdentifier());
  auto [line, column] = sources.getLineAndColumn(range.Start, buffer);
  auto [endLine, endColumn] = sources.getLineAndColumn(range.End, buffer);
  return mlir::FileLineColRange::get(file, line, column, endLine, endColumn);
}

void Diagnostics::emit(mlir::MLIRContext *context) const {
  for (const Diagnostic *diagnostic : inSourceOrder()) {
    mlir::Location place = locationOf(diagnostic->range, sources, context);
    bool isError = diagnostic->severity == Diagnostic::Severity::Error;
    mlir::InFlightDiagnostic report = isError ? mlir::emitError(place) : mlir::emitWarning(place);
    report << diagnostic->text;
    for (const Diagnostic::Note &note : diagnostic->notes)
      report.attachNote(note.range.isValid() ? locationOf(note.range, sources, context) : place)
          << note.text;
  }
}
