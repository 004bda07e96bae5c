// Reading the deflate format (RFC 1951), which compressed npz files use.
#ifndef RONDO_RUNTIME_INFLATE_H
#define RONDO_RUNTIME_INFLATE_H

#include "Runtime/Status.h"

namespace rondo::inline runtime {

/// Expands `packed` into exactly `size` bytes; false when the stream is bad or of another length.
bool inflate(std::string_view packed, size_t size, std::string &out);

/// Expands the first `size` bytes of what `packed` holds, or all where it holds less; false when
/// the stream is bad before that.
bool inflateStart(std::string_view packed, size_t size, std::string &out);

/// The CRC-32 of zip files, of bytes that follow others whose CRC-32 is `before`.
uint32_t crc32(std::string_view bytes, uint32_t before = 0);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_INFLATE_H
