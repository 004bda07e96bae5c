// Where output goes: one policy for every file that rondoc makes.
//
// A file appears complete or not at all: it is written beside its place and renamed. It keeps the
// mode (and owner, where possible) of the one that it replaces; one that may not be written is
// refused. Symbolic links are followed, to files that are not there yet as well. What is no file,
// a device, a pipe or a descriptor, is written in place, and so is a file in a folder in which
// nothing can be made. What could fail when the work is done is tried when the output is opened.
#ifndef RONDO_TARGET_OUTPUT_H
#define RONDO_TARGET_OUTPUT_H

#include "Target/Scratch.h"
#include <sys/types.h>

namespace rondo {

class Output {
public:
  /// "-" is standard output.
  static llvm::Expected<Output> open(llvm::StringRef name);

  /// Writes the bytes; for `isExecutable` with the right to execute for all who may read.
  llvm::Error write(llvm::StringRef bytes, bool isExecutable = false);
  /// Where a program can make files on the way to this one.
  llvm::Expected<Scratch *> scratch();
  /// As `write`, with the bytes of a file in `scratch`, which may then be gone.
  llvm::Error take(const std::string &path, bool isExecutable);
  const std::string &name() const { return given; }

private:
  enum Kind { Stream, InPlace, Renamed };
  llvm::Error writeTo(int descriptor, llvm::StringRef bytes);
  llvm::Error failure(int number) const;

  Kind kind = Renamed;
  std::string given, target;
  int descriptor = -1;    ///< Stream: what to write to.
  bool truncates = false; ///< InPlace: a file.
  bool replaces = false;  ///< Renamed: there is a file.
  mode_t mode = 0;        ///< Of that file.
  uid_t owner = 0;
  gid_t group = 0;
  std::shared_ptr<Scratch> folder;
};

/// Writes a whole file.
llvm::Error writeFile(llvm::StringRef bytes, llvm::StringRef name);

/// True if the two names, or a name and a descriptor, are of one file.
bool isSameFile(llvm::StringRef name, llvm::StringRef other);
bool isSameFile(llvm::StringRef name, int descriptor);

} // namespace rondo

#endif // RONDO_TARGET_OUTPUT_H
