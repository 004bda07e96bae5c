// Whole files, read at once.
#ifndef RONDO_RUNTIME_FILE_H
#define RONDO_RUNTIME_FILE_H

#include "Runtime/Status.h"

namespace rondo::inline runtime {

/// Reads the whole file (or pipe).
Status readFile(const std::string &path, std::string &bytes);

/// A file or pipe that is read in parts, so that nothing is allocated for what its start tells is
/// wrong, and no more is read of a pipe than is wanted.
class FileReader {
public:
  FileReader() = default;
  FileReader(const FileReader &) = delete;
  FileReader &operator=(const FileReader &) = delete;
  ~FileReader();

  Status open(const std::string &path);
  /// Whether its size is known and every part can be read; a pipe has an order.
  bool isRegular() const { return regular; }
  /// The size of a regular file.
  uint64_t size() const { return bytes; }
  /// Fails where the file is too short. In a pipe the part begins where the last one ended, or
  /// behind it.
  Status read(uint64_t offset, void *to, size_t count);
  /// Reads what comes next in a pipe, less than `count` bytes at its end.
  Status next(void *to, size_t count, size_t &got);

private:
  std::string path;
  int file = -1;
  bool regular = false;
  uint64_t bytes = 0, position = 0;
};

/// A number that other bytes do not have, but by chance.
uint64_t hashBytes(std::string_view bytes);

/// Little-endian numbers in files.
uint64_t readLittle(std::string_view bytes, size_t offset, size_t width);
void appendLittle(std::string &bytes, uint64_t value, size_t width);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FILE_H
