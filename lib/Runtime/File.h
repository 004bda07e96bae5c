// Whole files, read at once.
#ifndef RONDO_RUNTIME_FILE_H
#define RONDO_RUNTIME_FILE_H

#include "Runtime/Status.h"

namespace rondo::inline runtime {

/// Reads the whole file (or pipe).
Status readFile(const std::string &path, std::string &bytes);

/// A number that other bytes do not have, but by chance.
uint64_t hashBytes(std::string_view bytes);

/// Little-endian numbers in files.
uint64_t readLittle(std::string_view bytes, size_t offset, size_t width);
void appendLittle(std::string &bytes, uint64_t value, size_t width);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FILE_H
