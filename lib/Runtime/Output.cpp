// Finding where an output leads, temporary files, and replacing.
#include "Runtime/Output.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace rondo;

static Status cannotWrite(const std::string &path, const char *why) {
  return error("cannot write %s: %s", quote(path).c_str(), why);
}
static Status cannotWrite(const std::string &path, int reason) {
  return cannotWrite(path, std::strerror(reason));
}

/// "a/b/" of "a/b/c", "./" of "c".
static std::string folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

static std::string nameOf(const std::string &path) { return path.substr(path.rfind('/') + 1); }

/// The folder without any link; empty where there is none.
static std::string realFolder(const std::string &folder) {
  char *found = ::realpath(folder.c_str(), nullptr);
  std::string text = found ? found : "";
  std::free(found);
  return text;
}

namespace {
/// Where a path leads.
struct Target {
  std::string path;    // after all links
  int descriptor = -1; // of this process, where the path names one
  bool isInPlace = false;
  bool exists = false;
  struct stat info = {};
};
} // namespace

static bool isInProc(const std::string &folder) {
  constexpr auto procMagic = 0x9fa0;
  struct statfs system;
  return ::statfs(folder.c_str(), &system) == 0 && system.f_type == procMagic;
}

/// The links of /proc/self/fd are the open files themselves: their text may name nothing.
static void takeDescriptor(Target &target) {
  std::string folder = folderOf(target.path), name = nameOf(target.path);
  bool isNumber =
      !name.empty() && name.size() < 10 &&
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (isNumber && realFolder(folder) == realFolder("/proc/self/fd"))
    target.descriptor = std::atoi(name.c_str());
}

static bool isMountPoint(const std::string &path) {
  struct statx info;
  return ::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE, &info) == 0 &&
         (info.stx_attributes_mask & info.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static Status find(const std::string &path, Target &target) {
  if (path.empty())
    return error("the name of a file to write is empty");
  target = Target();
  target.path = path;
  for (int links = 0;; ++links) {
    if (isInProc(folderOf(target.path))) {
      target.isInPlace = true;
      takeDescriptor(target);
      break;
    }
    struct stat info;
    if (::lstat(target.path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode))
      break;
    char text[PATH_MAX];
    ssize_t size = ::readlink(target.path.c_str(), text, sizeof(text));
    if (size < 0 || links == 40)
      return cannotWrite(path, size < 0 ? errno : ELOOP);
    std::string next(text, static_cast<size_t>(size));
    target.path = next.starts_with('/') ? next : folderOf(target.path) + next;
  }
  target.exists = ::stat(target.path.c_str(), &target.info) == 0;
  if (!target.exists && (errno != ENOENT || target.isInPlace || target.path.ends_with('/')))
    return cannotWrite(path, errno);
  if (target.exists && S_ISDIR(target.info.st_mode))
    return cannotWrite(path, "it is a directory");
  target.isInPlace |= target.exists && (!S_ISREG(target.info.st_mode) || isMountPoint(target.path));
  return {};
}

/// The superuser may write to any file, but a file that nobody may write to is meant to stay.
static Status checkPermission(const std::string &path, const Target &target) {
  if (target.descriptor >= 0) {
    int flags = ::fcntl(target.descriptor, F_GETFL);
    if (flags < 0)
      return cannotWrite(path, errno);
    return (flags & O_ACCMODE) == O_RDONLY ? cannotWrite(path, "it is open for reading only")
                                           : Status();
  }
  if (!target.exists)
    return {};
  if (S_ISREG(target.info.st_mode) && !(target.info.st_mode & 0222))
    return cannotWrite(path, "it is read-only");
  return ::faccessat(AT_FDCWD, target.path.c_str(), W_OK, AT_EACCESS) == 0
             ? Status()
             : cannotWrite(path, errno);
}

//===--- Temporary files
//--------------------------------------------------------------------------//

static constexpr std::string_view temporaryStart = ".rondo-run-", temporaryEnd = ".tmp";
static constexpr size_t temporaryDigits = 16;

/// The one temporary file that may be there, for the handler of signals; empty: none.
static char temporary[PATH_MAX];

static constexpr int endingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU};
static constexpr size_t numEnding = sizeof(endingSignals) / sizeof(endingSignals[0]);
static struct sigaction handlersBefore[numEnding];

/// Does what the signal did before; if that ends the program, the temporary file goes first.
static void passOn(int number) {
  size_t i = 0;
  while (i + 1 < numEnding && endingSignals[i] != number)
    ++i;
  struct sigaction &before = handlersBefore[i];
  if (before.sa_handler != SIG_DFL) {
    auto *handler = before.sa_handler;
    if (before.sa_flags & static_cast<int>(SA_RESETHAND))
      before.sa_handler = SIG_DFL;
    handler(number);
    return;
  }
  ::unlink(temporary);
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  ::sigaction(number, &action, nullptr);
  ::raise(number); // comes when this returns
}

namespace {
/// A file that is locked for as long as it is being written and that is gone afterwards, unless it
/// was renamed.
class Temporary {
public:
  Temporary() = default;
  Temporary(const Temporary &) = delete;
  Temporary &operator=(const Temporary &) = delete;
  ~Temporary() {
    if (file >= 0) {
      ::unlink(temporary);
      ::close(file);
    }
    temporary[0] = '\0';
    giveSignalsBack();
  }

  /// The reason of a failure, or 0.
  int create(const std::string &folder, mode_t mode) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      unsigned char bits[temporaryDigits / 2];
      if (::getrandom(bits, sizeof(bits), 0) != static_cast<ssize_t>(sizeof(bits)))
        return EAGAIN;
      std::string name = folder;
      name += temporaryStart;
      for (unsigned char byte : bits)
        name += format("%02x", byte);
      name += temporaryEnd;
      if (name.size() >= sizeof(temporary))
        return ENAMETOOLONG;
      std::memcpy(temporary, name.c_str(), name.size() + 1);
      takeSignals();
      int opened = ::open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
      int reason = errno;
      struct stat info;
      // Who sweeps may have come between the two lines above and the lock.
      if (opened >= 0 && (::flock(opened, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
          ::fstat(opened, &info) == 0 && info.st_nlink > 0) {
        file = opened;
        return 0;
      }
      if (opened >= 0)
        ::close(opened);
      if (opened < 0 && reason != EEXIST)
        return reason;
    }
    return EEXIST;
  }

  int descriptor() const { return file; }

private:
  void takeSignals() {
    if (hasSignals)
      return;
    hasSignals = true;
    struct sigaction action = {};
    action.sa_handler = passOn;
    for (size_t i = 0; i < numEnding; ++i) {
      ::sigaction(endingSignals[i], nullptr, &handlersBefore[i]);
      if (handlersBefore[i].sa_handler != SIG_IGN)
        ::sigaction(endingSignals[i], &action, nullptr);
    }
  }
  void giveSignalsBack() const {
    for (size_t i = 0; i < numEnding && hasSignals; ++i)
      if (handlersBefore[i].sa_handler != SIG_IGN)
        ::sigaction(endingSignals[i], &handlersBefore[i], nullptr);
  }

  int file = -1;
  bool hasSignals = false;
};
} // namespace

/// Removes temporary files that nobody holds a lock of: their runs were killed.
static void sweep(const std::string &folder) {
  DIR *directory = ::opendir(folder.c_str());
  if (!directory)
    return;
  while (dirent *entry = ::readdir(directory)) {
    std::string_view name = entry->d_name;
    if (name.size() != temporaryStart.size() + temporaryDigits + temporaryEnd.size() ||
        !name.starts_with(temporaryStart) || !name.ends_with(temporaryEnd))
      continue;
    std::string path = folder + std::string(name);
    int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
      continue;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0)
      ::unlink(path.c_str());
    ::close(file);
  }
  ::closedir(directory);
}

//===--- Trying and writing
//-----------------------------------------------------------------------//

Status rondo::tryOutput(const std::string &path) {
  Target target;
  RONDO_TRY(find(path, target));
  RONDO_TRY(checkPermission(path, target));
  if (target.isInPlace)
    return {};
  sweep(folderOf(target.path));
  // A name that is too long is one before it is renamed to as well.
  struct stat info;
  if (!target.exists && ::lstat(target.path.c_str(), &info) != 0 && errno != ENOENT)
    return cannotWrite(path, errno);
  Temporary made;
  int reason = made.create(folderOf(target.path), 0600);
  return reason ? cannotWrite(path, reason) : Status();
}

Status rondo::tryRoom(const std::string &path, uint64_t bytes) {
  Target target;
  RONDO_TRY(find(path, target));
  if (target.isInPlace)
    return {};
  struct rlimit limit;
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < bytes)
    return error("cannot write %s: it would have %llu bytes, the limit of a file is %llu",
                 quote(path).c_str(), static_cast<unsigned long long>(bytes),
                 static_cast<unsigned long long>(limit.rlim_cur));
  struct statvfs system;
  if (::statvfs(folderOf(target.path).c_str(), &system) != 0 || system.f_blocks == 0)
    return {};
  uint64_t left = (::geteuid() == 0 ? system.f_bfree : system.f_bavail) * system.f_frsize;
  return bytes <= left
             ? Status()
             : error("cannot write %s: %s, it would have %llu bytes and %llu are free",
                     quote(path).c_str(), std::strerror(ENOSPC),
                     static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(left));
}

/// False with errno set when not everything could be written.
static bool writeAll(int file, const std::vector<std::string_view> &pieces) {
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      ssize_t put = ::write(file, piece.data(), piece.size());
      if (put < 0 && errno == EINTR)
        continue;
      if (put < 0 && errno == EAGAIN) {
        pollfd wanted = {file, POLLOUT, 0};
        (void)::poll(&wanted, 1, -1);
        continue;
      }
      if (put < 0)
        return false;
      piece.remove_prefix(static_cast<size_t>(put));
    }
  }
  return true;
}

static Status writeInPlace(const std::string &path, const Target &target,
                           const std::vector<std::string_view> &pieces) {
  std::fflush(stdout); // which may be the same
  if (target.descriptor >= 0)
    return writeAll(target.descriptor, pieces) ? Status() : cannotWrite(path, errno);
  bool isFile = S_ISREG(target.info.st_mode);
  int file = ::open(target.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | (isFile ? O_TRUNC : 0));
  bool good = file >= 0 && writeAll(file, pieces) && (!isFile || ::fsync(file) == 0);
  int reason = errno;
  if (file >= 0 && ::close(file) != 0 && good) {
    good = false;
    reason = errno;
  }
  return good ? Status() : cannotWrite(path, reason);
}

Status rondo::writeFile(const std::string &path, const std::vector<std::string_view> &pieces) {
  Target target;
  RONDO_TRY(find(path, target));
  RONDO_TRY(checkPermission(path, target));
  if (target.isInPlace)
    return writeInPlace(path, target, pieces);
  std::string folder = folderOf(target.path);
  Temporary made;
  if (int reason = made.create(folder, target.exists ? 0600 : 0666))
    return cannotWrite(path, reason);
  int file = made.descriptor();
  if (target.exists) { // there are file systems without owners and modes
    (void)!::fchown(file, target.info.st_uid, target.info.st_gid);
    (void)::fchmod(file, target.info.st_mode & 07777);
  }
  if (!writeAll(file, pieces) || ::fsync(file) != 0 ||
      ::rename(temporary, target.path.c_str()) != 0)
    return cannotWrite(path, errno);
  // The new name itself must reach the disk too; a file system that cannot say so is no error.
  if (int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); directory >= 0) {
    (void)::fsync(directory);
    ::close(directory);
  }
  return {};
}

Status rondo::openLines(const std::string &path, bool append, std::FILE *&file) {
  Target target;
  RONDO_TRY(find(path, target));
  RONDO_TRY(checkPermission(path, target));
  int descriptor =
      target.descriptor >= 0
          ? ::fcntl(target.descriptor, F_DUPFD_CLOEXEC, 3)
          : ::open(target.path.c_str(),
                   O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (append ? O_APPEND : O_TRUNC), 0666);
  file = descriptor < 0 ? nullptr : ::fdopen(descriptor, append ? "a" : "w");
  return file ? Status() : cannotWrite(path, errno);
}

bool rondo::isSameFile(const std::string &a, const std::string &b) {
  Target first, second;
  if (find(a, first).failed() || find(b, second).failed() || first.exists != second.exists)
    return false;
  if (first.exists)
    return S_ISREG(first.info.st_mode) && first.info.st_dev == second.info.st_dev &&
           first.info.st_ino == second.info.st_ino;
  return realFolder(folderOf(first.path)) == realFolder(folderOf(second.path)) &&
         nameOf(first.path) == nameOf(second.path);
}
