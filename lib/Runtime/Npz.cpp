// The zip container of npz files: read through the central directory, written stored.
#include "Runtime/Npz.h"
#include "Runtime/File.h"
#include "Runtime/Inflate.h"
#include "Runtime/Output.h"

using namespace rondo;

static constexpr uint64_t localSignature = 0x04034b50, centralSignature = 0x02014b50,
                          endSignature = 0x06054b50;

/// Where the end record starts, or npos.
static size_t findEnd(std::string_view bytes) {
  if (bytes.size() < 22)
    return std::string_view::npos;
  size_t lowest = bytes.size() > 22 + 65535 ? bytes.size() - 22 - 65535 : 0;
  for (size_t at = bytes.size() - 22 + 1; at-- > lowest;)
    if (readLittle(bytes, at, 4) == endSignature &&
        readLittle(bytes, at + 20, 2) == bytes.size() - at - 22)
      return at;
  return std::string_view::npos;
}

namespace {
struct Member {
  std::string name;
  uint64_t flags, method, crc, packedSize, size, offset;
};
} // namespace

/// The member's bytes, expanded into `storage` when they are deflated; messages start after the
/// member's name.
static Status openMember(std::string_view bytes, size_t directory, const Member &member,
                         std::string &storage, std::string_view &data) {
  if (member.flags & 1)
    return error("is encrypted");
  if (member.packedSize == 0xFFFFFFFF || member.size == 0xFFFFFFFF || member.offset == 0xFFFFFFFF)
    return error("is larger than 4 GB, which is not supported");
  if (member.offset > directory || directory - member.offset < 30 ||
      readLittle(bytes, member.offset, 4) != localSignature)
    return error("has no local header");
  uint64_t start = member.offset + 30 + readLittle(bytes, member.offset + 26, 2) +
                   readLittle(bytes, member.offset + 28, 2);
  if (start > directory || member.packedSize > directory - start)
    return error("lies outside the file");
  std::string_view packed = bytes.substr(start, member.packedSize);
  if (member.method == 0) {
    if (member.size != member.packedSize)
      return error("has two sizes");
    data = packed;
  } else if (member.method == 8) {
    if (!inflate(packed, member.size, storage))
      return error("is not well compressed");
    data = storage;
  } else {
    return error("is compressed by method %llu, expected stored or deflated",
                 static_cast<unsigned long long>(member.method));
  }
  return crc32(data) == member.crc ? Status() : error("is damaged: its checksum does not match");
}

Status rondo::parseNpz(const std::string &path, std::string_view bytes,
                       std::vector<NamedArray> &arrays) {
  std::string file = quote(path);
  arrays.clear();
  size_t end = findEnd(bytes);
  if (end == std::string_view::npos)
    return error("%s is truncated or no npz file", file.c_str());
  uint64_t number = readLittle(bytes, end + 10, 2), size = readLittle(bytes, end + 12, 4);
  uint64_t directory = readLittle(bytes, end + 16, 4);
  if (readLittle(bytes, end + 4, 4) != 0 || number == 0xFFFF || directory > end ||
      size != end - directory)
    return error("%s is no npz file of one part and less than 4 GB", file.c_str());
  uint64_t at = directory;
  for (uint64_t i = 0; i < number; ++i) {
    if (end - at < 46 || readLittle(bytes, at, 4) != centralSignature)
      return error("%s has a bad directory", file.c_str());
    Member member;
    member.flags = readLittle(bytes, at + 8, 2);
    member.method = readLittle(bytes, at + 10, 2);
    member.crc = readLittle(bytes, at + 16, 4);
    member.packedSize = readLittle(bytes, at + 20, 4);
    member.size = readLittle(bytes, at + 24, 4);
    member.offset = readLittle(bytes, at + 42, 4);
    uint64_t nameSize = readLittle(bytes, at + 28, 2);
    uint64_t extraSize = readLittle(bytes, at + 30, 2) + readLittle(bytes, at + 32, 2);
    if (end - at - 46 < nameSize + extraSize)
      return error("%s has a bad directory", file.c_str());
    member.name = bytes.substr(at + 46, nameSize);
    at += 46 + nameSize + extraSize;
    if (member.name.size() < 5 || !member.name.ends_with(".npy"))
      return error("%s holds %s, expected npy files only", file.c_str(),
                   quote(member.name).c_str());
    NamedArray array;
    array.name = member.name.substr(0, member.name.size() - 4);
    for (const NamedArray &other : arrays)
      if (other.name == array.name)
        return error("%s holds %s twice", file.c_str(), quote(array.name).c_str());
    std::string storage;
    std::string_view data;
    Status status = openMember(bytes, directory, member, storage, data);
    if (!status.failed())
      status = parseNpy(data, array.array);
    if (status.failed())
      return error("%s of %s %s", quote(array.name).c_str(), file.c_str(),
                   status.message().c_str());
    arrays.push_back(std::move(array));
  }
  return at == end ? Status() : error("%s has a bad directory", file.c_str());
}

Status rondo::readNpz(const std::string &path, std::vector<NamedArray> &arrays) {
  std::string bytes;
  RONDO_TRY(readFile(path, bytes));
  return parseNpz(path, bytes, arrays);
}

Status rondo::writeNpz(const std::string &path, const std::vector<TensorView> &arrays) {
  std::vector<std::string> headers;
  std::vector<std::string_view> pieces;
  std::string directory;
  uint64_t offset = 0;
  // Views into the headers are taken once all stand.
  for (const TensorView &view : arrays) {
    std::string npy = npyHeader(*view.array), name = view.name + ".npy";
    std::string_view data(static_cast<const char *>(view.array->raw()), view.array->bytes());
    uint64_t size = npy.size() + data.size();
    if (offset + size > 0xFFFFFFF0u - 65536)
      return error("cannot write %s: more than 4 GB in an npz file", quote(path).c_str());
    std::string whole = npy;
    whole += data;
    // Version 2.0, no flags, stored, midnight of 1980-01-01.
    std::string common;
    appendLittle(common, 20, 2);
    appendLittle(common, 0, 2);
    appendLittle(common, 0, 2);
    appendLittle(common, 0, 2);
    appendLittle(common, 0x21, 2);
    appendLittle(common, crc32(whole), 4);
    appendLittle(common, size, 4);
    appendLittle(common, size, 4);
    appendLittle(common, name.size(), 2);
    appendLittle(common, 0, 2);
    std::string local;
    appendLittle(local, localSignature, 4);
    local += common + name + npy;
    appendLittle(directory, centralSignature, 4);
    appendLittle(directory, 20, 2);
    directory += common;
    appendLittle(directory, 0, 2); // comment
    appendLittle(directory, 0, 2); // disk
    appendLittle(directory, 0, 2); // internal attributes
    appendLittle(directory, 0, 4); // external attributes
    appendLittle(directory, offset, 4);
    directory += name;
    offset += local.size() + data.size();
    headers.push_back(std::move(local));
  }
  for (size_t i = 0; i < arrays.size(); ++i) {
    pieces.emplace_back(headers[i]);
    pieces.emplace_back(static_cast<const char *>(arrays[i].array->raw()),
                        arrays[i].array->bytes());
  }
  uint64_t size = directory.size();
  appendLittle(directory, endSignature, 4);
  appendLittle(directory, 0, 4);
  appendLittle(directory, arrays.size(), 2);
  appendLittle(directory, arrays.size(), 2);
  appendLittle(directory, size, 4);
  appendLittle(directory, offset, 4);
  appendLittle(directory, 0, 2);
  pieces.emplace_back(directory);
  return writeFile(path, pieces);
}
