// Folders for temporary files, which are removed however the work ends.
#ifndef RONDO_TARGET_SCRATCH_H
#define RONDO_TARGET_SCRATCH_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <csignal>
#include <memory>
#include <string>

namespace rondo {

/// A folder `.rondoc-XXXXXX` of its own. It goes with this object, with `removeAllScratch`, and on
/// the signals that end a process. Where a process is killed outright the folder stays, and the
/// next one that makes a folder beside it sweeps it away: a process that lives holds a lock.
class Scratch {
public:
  /// Makes one in `parent`, for `what`: the file that cannot be written where this fails.
  static llvm::Expected<std::unique_ptr<Scratch>> create(llvm::StringRef parent,
                                                         llvm::StringRef what);
  /// One in the system's folder for temporary files.
  static llvm::Expected<std::unique_ptr<Scratch>> create();
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;
  ~Scratch();

  /// The path of a file in it that nobody has made yet.
  std::string path(llvm::StringRef name) const;
  /// A new file with these bytes; its path.
  llvm::Expected<std::string> add(llvm::StringRef name, llvm::StringRef bytes);

private:
  Scratch(std::string folder, int lock, llvm::StringRef what)
      : folder(std::move(folder)), what(what.str()), lock(lock) {}

  std::string folder, what;
  int lock;
};

/// Removes the folders of this process, also those whose owners a crash has left behind.
void removeAllScratch();

/// Those of SIGINT, SIGTERM and SIGHUP that are ignored, as `nohup` leaves them. Call this before
/// LLVM puts handlers of its own there.
sigset_t ignoredSignals();
/// From now on SIGINT, SIGTERM and SIGHUP, but for the ignored ones, end the program that runs for
/// this one, remove the folders, and then do what they always do. A file that grows too large, or a
/// reader that is gone, is an error of the write. Call this before there are threads.
void removeScratchOnSignals(sigset_t ignored);

/// Starts a process, whose number `start` returns, that is ended with this one.
void startChildProcess(llvm::function_ref<int()> start);
void forgetChildProcess();

} // namespace rondo

#endif // RONDO_TARGET_SCRATCH_H
