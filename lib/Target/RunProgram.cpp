// Programs of others that finish what LLVM has made.
#include "Target/RunProgram.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

using namespace llvm;
using rondo::Scratch;

Scratch::~Scratch() {
  for (const std::string &path : paths)
    (void)sys::fs::remove(path);
}

Expected<std::string> Scratch::add(StringRef suffix, StringRef bytes) {
  SmallString<128> path;
  int descriptor = -1;
  if (std::error_code error = sys::fs::createTemporaryFile("rondo", suffix, descriptor, path))
    return createStringError(error, "cannot make a temporary file: " + error.message());
  paths.push_back(path.str().str());
  raw_fd_ostream out(descriptor, /*shouldClose=*/true);
  out << bytes;
  out.close();
  if (out.has_error()) {
    std::error_code error = out.error();
    out.clear_error();
    return createStringError(error, "cannot write " + path + ": " + error.message());
  }
  return path.str().str();
}

static std::string firstError(StringRef log) {
  SmallVector<StringRef> lines;
  log.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines)
    if (line.contains_insensitive("error") || line.contains("undefined"))
      return line.trim().str();
  return lines.empty() ? "" : lines.front().trim().str();
}

Error rondo::runProgram(StringRef path, ArrayRef<std::string> arguments, StringRef what,
                        Scratch &scratch) {
  Expected<std::string> log = scratch.add("log", "");
  if (!log)
    return log.takeError();
  SmallVector<StringRef> references(arguments.begin(), arguments.end());
  std::string message;
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(*log), StringRef(*log)};
  int status = sys::ExecuteAndWait(path, references, std::nullopt, redirects, 0, 0, &message);
  if (status == 0)
    return Error::success();
  std::string detail = message;
  if (auto text = MemoryBuffer::getFile(*log); text && detail.empty())
    detail = firstError((*text)->getBuffer());
  if (detail.empty())
    detail = (path + " ended with status " + std::to_string(status)).str();
  return createStringError(what + " failed: " + detail);
}
