// Reading and replacing files with plain system calls.
#include "Runtime/File.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace rondo;

Status rondo::readFile(const std::string &path, std::string &bytes) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return error("cannot open %s: %s", quote(path).c_str(), std::strerror(errno));
  struct stat info;
  bytes.clear();
  if (::fstat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
    ::close(file);
    return error("cannot read %s: it is a directory", quote(path).c_str());
  }
  // One byte more than the size, so that the end is seen without growing.
  bytes.resize(S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) + 1 : 1 << 16);
  size_t used = 0;
  while (true) {
    if (used == bytes.size())
      bytes.resize(bytes.size() * 2);
    ssize_t got = ::read(file, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      Status status = error("cannot read %s: %s", quote(path).c_str(), std::strerror(errno));
      ::close(file);
      return status;
    }
    if (got == 0)
      break;
    used += static_cast<size_t>(got);
  }
  bytes.resize(used);
  ::close(file);
  return {};
}

/// False with errno set when not everything could be written.
static bool writeAll(int file, const std::vector<std::string_view> &pieces) {
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      ssize_t put = ::write(file, piece.data(), piece.size());
      if (put < 0 && errno == EINTR)
        continue;
      if (put < 0)
        return false;
      piece.remove_prefix(static_cast<size_t>(put));
    }
  }
  return true;
}

Status rondo::writeFile(const std::string &path, const std::vector<std::string_view> &pieces) {
  struct stat info;
  bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    return error("cannot write %s: it is a directory", quote(path).c_str());
  if (exists && !S_ISREG(info.st_mode)) {
    int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && writeAll(file, pieces);
    int reason = errno;
    if (file >= 0)
      ::close(file);
    return good ? Status()
                : error("cannot write %s: %s", quote(path).c_str(), std::strerror(reason));
  }
  std::string temporary = path + ".tmp." + std::to_string(::getpid());
  int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0)
    return error("cannot write %s: %s", quote(path).c_str(), std::strerror(errno));
  bool good = writeAll(file, pieces) && ::fsync(file) == 0;
  int reason = errno;
  if (::close(file) != 0 && good) {
    good = false;
    reason = errno;
  }
  if (good && ::rename(temporary.c_str(), path.c_str()) != 0) {
    good = false;
    reason = errno;
  }
  if (!good) {
    ::unlink(temporary.c_str());
    return error("cannot write %s: %s", quote(path).c_str(), std::strerror(reason));
  }
  // The new name itself must reach the disk too; a file system that cannot say so is no error.
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); directory >= 0) {
    (void)::fsync(directory);
    ::close(directory);
  }
  return {};
}

uint64_t rondo::readLittle(std::string_view bytes, size_t offset, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  return value;
}

void rondo::appendLittle(std::string &bytes, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i)
    bytes += static_cast<char>(value >> (8 * i));
}
