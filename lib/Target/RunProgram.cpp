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
  sys::ProcessInfo process;
  startChildProcess([&] {
    process =
        sys::ExecuteNoWait(path, references, std::nullopt, redirects, /*MemoryLimit=*/0, &message);
    return process.Pid;
  });
  int status = -1;
  if (process.Pid > 0)
    status = sys::Wait(process, /*SecondsToWait=*/std::nullopt, &message).ReturnCode;
  forgetChildProcess();
  if (status == 0)
    return Error::success();
  // A full disk ends programs in many ways: where nothing more can be written, that is what to say.
  if (Expected<std::string> probe = scratch.add("probe", std::string(1 << 16, '\n')); !probe)
    return probe.takeError();
  std::string detail = message;
  if (auto text = MemoryBuffer::getFile(*log); text && detail.empty())
    detail = firstError((*text)->getBuffer());
  if (detail.empty())
    detail = (path + " ended with status " + std::to_string(status)).str();
  return createStringError(what + " failed: " + detail);
}
