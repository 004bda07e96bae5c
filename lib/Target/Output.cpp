// Where output goes.
#include "Target/Output.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace rondo;

Error Output::failure(int number) const {
  std::error_code error(number, std::generic_category());
  return createStringError(error, "cannot write " +
                                      (given == "-" ? std::string("standard output") : given) +
                                      ": " + error.message());
}

static std::string folderOf(StringRef path) {
  StringRef parent = sys::path::parent_path(path);
  return parent.empty() ? "." : parent.str();
}

/// The number where `path` is a link to one of this process's descriptors, as /dev/stdout leads to.
static std::optional<int> descriptorOf(const std::string &path) {
  char real[PATH_MAX];
  int number = 0;
  StringRef name = sys::path::filename(path);
  if (name.getAsInteger(10, number) || !realpath(folderOf(path).c_str(), real))
    return std::nullopt;
  StringRef folder = real;
  std::string own = "/proc/" + std::to_string(getpid());
  bool isOwn =
      folder == own + "/fd" || (folder.starts_with(own + "/task/") && folder.ends_with("/fd"));
  return isOwn ? std::optional(number) : std::nullopt;
}

Expected<Output> Output::open(StringRef name) {
  Output output;
  output.given = name.str();
  if (name.empty())
    return createStringError("the output has no name");
  auto openStream = [&](int number) -> Expected<Output> {
    output.kind = Stream;
    output.descriptor = number;
    int flags = fcntl(number, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
      return output.failure(EBADF);
    return std::move(output);
  };
  if (name == "-")
    return openStream(STDOUT_FILENO);
  // Links are followed by hand, since one may lead to a descriptor or to a file that is to be made.
  std::string path = name.str();
  struct stat status;
  for (int links = 0;; ++links) {
    if (std::optional<int> number = descriptorOf(path))
      return openStream(*number);
    if (lstat(path.c_str(), &status) != 0) {
      if (errno != ENOENT)
        return output.failure(errno);
      break;
    }
    if (!S_ISLNK(status.st_mode)) {
      output.replaces = true;
      break;
    }
    char next[PATH_MAX];
    ssize_t size = readlink(path.c_str(), next, sizeof next);
    if (size < 0 || size == sizeof next || links == 40)
      return output.failure(size < 0 ? errno : size == sizeof next ? ENAMETOOLONG : ELOOP);
    StringRef link(next, static_cast<size_t>(size));
    path = sys::path::is_absolute(link) ? link.str() : folderOf(path) + "/" + link.str();
  }
  output.target = path;
  if (output.replaces) {
    if (S_ISDIR(status.st_mode))
      return createStringError("cannot write " + name + ": it is a directory");
    // Root may write what nobody may; it was made so on purpose.
    if (access(path.c_str(), W_OK) != 0 || (status.st_mode & 0222) == 0)
      return output.failure(EACCES);
    if (!S_ISREG(status.st_mode)) {
      output.kind = InPlace;
      return output;
    }
    output.mode = status.st_mode & 0777;
    output.owner = status.st_uid;
    output.group = status.st_gid;
  }
  Expected<std::unique_ptr<Scratch>> folder = Scratch::create(folderOf(path), name);
  if (folder) {
    output.folder = std::move(*folder);
    return output;
  }
  std::error_code error = errorToErrorCode(folder.takeError());
  bool isSealed = error == std::errc::permission_denied ||
                  error == std::errc::operation_not_permitted ||
                  error == std::errc::read_only_file_system;
  if (!output.replaces || !isSealed)
    return output.failure(error.value());
  output.kind = InPlace;
  output.truncates = true;
  return output;
}

Error Output::writeTo(int to, StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(to, bytes.data(), std::min(bytes.size(), size_t(1) << 30));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return failure(errno);
    bytes = bytes.drop_front(static_cast<size_t>(written));
  }
  return Error::success();
}

Error Output::write(StringRef bytes, bool isExecutable) {
  if (kind == Stream)
    return writeTo(descriptor, bytes);
  if (kind == Renamed) {
    Expected<std::string> made = folder->add("output", bytes);
    return made ? take(*made, isExecutable) : made.takeError();
  }
  int to = ::open(target.c_str(), O_WRONLY | O_CLOEXEC | (truncates ? O_TRUNC : 0));
  if (to < 0)
    return failure(errno);
  if (Error error = writeTo(to, bytes)) {
    close(to);
    return error;
  }
  return close(to) == 0 ? Error::success() : failure(errno);
}

Expected<Scratch *> Output::scratch() {
  if (!folder) {
    Expected<std::unique_ptr<Scratch>> made = Scratch::create();
    if (!made)
      return made.takeError();
    folder = std::move(*made);
  }
  return folder.get();
}

Error Output::take(const std::string &path, bool isExecutable) {
  if (kind != Renamed) {
    auto bytes = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    return bytes ? write((*bytes)->getBuffer(), isExecutable) : failure(bytes.getError().value());
  }
  // What a compiler gives its output: all permissions that the umask leaves.
  mode_t wanted = replaces ? mode : 0666 & ~static_cast<mode_t>(sys::fs::getUmask());
  if (isExecutable)
    wanted |= (wanted & 0444) >> 2;
  if (replaces && (owner != geteuid() || group != getegid()))
    (void)!chown(path.c_str(), owner, group); // only some may give a file away
  if (chmod(path.c_str(), wanted) != 0 || rename(path.c_str(), target.c_str()) != 0)
    return failure(errno);
  return Error::success();
}

Error rondo::writeFile(StringRef bytes, StringRef name) {
  Expected<Output> output = Output::open(name);
  return output ? output->write(bytes) : output.takeError();
}

bool rondo::isSameFile(StringRef name, StringRef other) {
  return sys::fs::is_regular_file(name) && sys::fs::equivalent(name, other);
}

bool rondo::isSameFile(StringRef name, int descriptor) {
  struct stat left, right;
  return stat(name.str().c_str(), &left) == 0 && fstat(descriptor, &right) == 0 &&
         S_ISREG(left.st_mode) && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}
