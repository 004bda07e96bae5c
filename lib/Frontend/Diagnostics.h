// The errors of the front end: collected with ranges, notes and advice, and at the end printed or
// handed to MLIR's own diagnostics.
//
// An error text is lower case, has no full stop, and says what was expected and what was found.
#ifndef RONDO_FRONTEND_DIAGNOSTICS_H
#define RONDO_FRONTEND_DIAGNOSTICS_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/SMLoc.h"
#include "llvm/Support/SourceMgr.h"

#include <deque>
#include <string>
#include <vector>

namespace rondo {

/// One error or warning with what belongs to it.
class Diagnostic {
public:
  enum class Severity { Error, Warning };
  struct Note {
    llvm::SMRange range; ///< Invalid for advice, which stands at no other place.
    std::string text;
  };

  Diagnostic(Severity severity, llvm::SMRange range, const llvm::Twine &text)
      : severity(severity), range(range), text(text.str()) {}

  /// Points at another place, for example at the earlier declaration.
  Diagnostic &note(llvm::SMRange place, const llvm::Twine &noteText) {
    notes.push_back({place, noteText.str()});
    return *this;
  }
  /// Says what to do about it.
  Diagnostic &advice(const llvm::Twine &adviceText) {
    notes.push_back({llvm::SMRange(), adviceText.str()});
    return *this;
  }

  const Severity severity;
  const llvm::SMRange range;
  const std::string text;
  std::vector<Note> notes;
};

/// Collects everything that one run of the front end has to say.
class Diagnostics {
public:
  explicit Diagnostics(llvm::SourceMgr &sources) : sources(sources) {}

  /// Adds an error. One at exactly the place and text of an earlier one, and everything after the
  /// fiftieth, is returned but not kept. Use the reference at once.
  Diagnostic &error(llvm::SMRange range, const llvm::Twine &text);
  Diagnostic &warning(llvm::SMRange range, const llvm::Twine &text);

  bool hasErrors() const { return numErrors != 0; }
  /// So many errors that going on is of no use.
  bool isFull() const;
  unsigned getNumErrors() const { return numErrors; }
  const std::deque<Diagnostic> &get() const { return list; }
  llvm::SourceMgr &getSources() const { return sources; }

  /// Prints everything with the line, a caret and the range, in source order.
  void print(llvm::raw_ostream &os) const;

  /// Hands everything to the handler of an MLIR context, in source order, each at its
  /// FileLineColRange. Notes without a place stand at the place of their error.
  void emit(mlir::MLIRContext *context) const;

private:
  Diagnostic &add(Diagnostic::Severity severity, llvm::SMRange range, const llvm::Twine &text);
  std::vector<const Diagnostic *> inSourceOrder() const;

  llvm::SourceMgr &sources;
  std::deque<Diagnostic> list;
  std::deque<Diagnostic> dropped; ///< Holds the last one that was not kept.
  unsigned numErrors = 0;
};

/// The MLIR location of a range: a FileLineColRange, or unknown where the range is invalid.
mlir::Location locationOf(llvm::SMRange range, const llvm::SourceMgr &sources,
                          mlir::MLIRContext *context);

} // namespace rondo

#endif // RONDO_FRONTEND_DIAGNOSTICS_H
