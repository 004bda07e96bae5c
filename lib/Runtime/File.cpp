// Reading files with plain system calls.
#include "Runtime/File.h"

#include <algorithm>
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

FileReader::~FileReader() {
  if (file >= 0)
    ::close(file);
}

Status FileReader::open(const std::string &name) {
  path = name;
  file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (file < 0 || ::fstat(file, &info) != 0)
    return error("cannot open %s: %s", quote(path).c_str(), std::strerror(errno));
  if (S_ISDIR(info.st_mode))
    return error("cannot read %s: it is a directory", quote(path).c_str());
  regular = S_ISREG(info.st_mode);
  bytes = regular ? static_cast<uint64_t>(info.st_size) : 0;
  return {};
}

Status FileReader::next(void *to, size_t count, size_t &got) {
  for (got = 0; got < count;) {
    ssize_t some = ::read(file, static_cast<char *>(to) + got, count - got);
    if (some < 0 && errno == EINTR)
      continue;
    if (some < 0)
      return error("cannot read %s: %s", quote(path).c_str(), std::strerror(errno));
    if (some == 0)
      break;
    got += static_cast<size_t>(some);
  }
  position += got;
  return {};
}

Status FileReader::read(uint64_t offset, void *to, size_t count) {
  auto *at = static_cast<char *>(to);
  if (!regular) {
    size_t got = 0;
    for (char skipped[4096]; position < offset;) {
      size_t most = std::min<uint64_t>(offset - position, sizeof(skipped));
      RONDO_TRY(next(skipped, most, got));
      if (got < most)
        return error("%s ends too early", quote(path).c_str());
    }
    RONDO_TRY(next(to, count, got));
    return got == count ? Status() : error("%s ends too early", quote(path).c_str());
  }
  while (count > 0) {
    ssize_t got = ::pread(file, at, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return error("cannot read %s: %s", quote(path).c_str(),
                   got < 0 ? std::strerror(errno) : "it became shorter");
    at += got;
    offset += static_cast<uint64_t>(got);
    count -= static_cast<size_t>(got);
  }
  return {};
}

uint64_t rondo::hashBytes(std::string_view bytes) {
  uint64_t hash = bytes.size();
  auto take = [&](uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  };
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    take(word);
  }
  for (char c : bytes)
    take(static_cast<unsigned char>(c));
  return hash;
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
