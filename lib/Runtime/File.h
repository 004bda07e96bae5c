// Whole files: read at once, and written so that a failure leaves the old file as it was.
#ifndef RONDO_RUNTIME_FILE_H
#define RONDO_RUNTIME_FILE_H

#include "Runtime/Status.h"

#include <string_view>
#include <vector>

namespace rondo::inline runtime {

/// Reads the whole file (or pipe).
Status readFile(const std::string &path, std::string &bytes);

/// Writes the pieces to a temporary file beside `path`, syncs it and renames it over `path`. A
/// target that is no regular file (a pipe, /dev/null) is written to directly.
Status writeFile(const std::string &path, const std::vector<std::string_view> &pieces);

/// Little-endian numbers in files.
uint64_t readLittle(std::string_view bytes, size_t offset, size_t width);
void appendLittle(std::string &bytes, uint64_t value, size_t width);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FILE_H
