// The zip container of npz files: read through the central directory, written stored.
#include "Runtime/Npz.h"
#include "Runtime/File.h"
#include "Runtime/Inflate.h"
#include "Runtime/Output.h"

#include <algorithm>
#include <set>

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

/// The member of the directory at `at`, which moves on.
Status NpzFile::parseMember(uint64_t end, uint64_t &at, Member &member) const {
  if (end - at < 46 || readLittle(bytes, at, 4) != centralSignature)
    return error("%s has a bad directory", file.c_str());
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
  std::string_view name = bytes.substr(at + 46, nameSize);
  at += 46 + nameSize + extraSize;
  if (name.size() < 5 || !name.ends_with(".npy"))
    return error("%s holds %s, expected npy files only", file.c_str(), quote(name).c_str());
  member.name = name.substr(0, name.size() - 4);
  return {};
}

/// Where the member's bytes are; messages start after the member's name.
Status NpzFile::locate(uint64_t directory, Member &member) const {
  if (member.flags & 1)
    return error("is encrypted");
  if (member.packedSize == 0xFFFFFFFF || member.size == 0xFFFFFFFF || member.offset == 0xFFFFFFFF)
    return error("is larger than 4 GB, which is not supported");
  if (member.offset > directory || directory - member.offset < 30 ||
      readLittle(bytes, member.offset, 4) != localSignature)
    return error("has no local header");
  member.start = member.offset + 30 + readLittle(bytes, member.offset + 26, 2) +
                 readLittle(bytes, member.offset + 28, 2);
  if (member.start > directory || member.packedSize > directory - member.start)
    return error("lies outside the file");
  if (member.method != 0 && member.method != 8)
    return error("is compressed by method %llu, expected stored or deflated",
                 static_cast<unsigned long long>(member.method));
  if (member.method == 0 && member.size != member.packedSize)
    return error("has two sizes");
  // No stream expands more than 1032 times.
  return member.method == 8 && member.size / 1040 > member.packedSize
             ? error("is not well compressed")
             : Status();
}

Status NpzFile::parse(const std::string &path, std::string_view from) {
  file = quote(path);
  bytes = from;
  members.clear();
  size_t end = findEnd(bytes);
  if (end == std::string_view::npos)
    return error("%s is truncated or no npz file", file.c_str());
  uint64_t number = readLittle(bytes, end + 10, 2), size = readLittle(bytes, end + 12, 4);
  uint64_t directory = readLittle(bytes, end + 16, 4);
  if (readLittle(bytes, end + 4, 4) != 0 || number == 0xFFFF || directory > end ||
      size != end - directory)
    return error("%s is no npz file of one part and less than 4 GB", file.c_str());
  uint64_t at = directory;
  std::set<std::string, std::less<>> names;
  for (uint64_t i = 0; i < number; ++i) {
    Member member;
    RONDO_TRY(parseMember(end, at, member));
    if (Status status = locate(directory, member); status.failed())
      return error("%s of %s %s", quote(member.name).c_str(), file.c_str(),
                   status.message().c_str());
    if (!names.insert(member.name).second)
      return error("%s holds %s twice", file.c_str(), quote(member.name).c_str());
    members.push_back(std::move(member));
  }
  if (at != end)
    return error("%s has a bad directory", file.c_str());
  std::vector<const Member *> order;
  for (const Member &member : members)
    order.push_back(&member);
  std::sort(order.begin(), order.end(),
            [](const Member *a, const Member *b) { return a->offset < b->offset; });
  for (size_t i = 1; i < order.size(); ++i)
    if (order[i]->offset < order[i - 1]->start + order[i - 1]->packedSize)
      return error("%s of %s overlaps %s", quote(order[i]->name).c_str(), file.c_str(),
                   quote(order[i - 1]->name).c_str());
  return {};
}

Status NpzFile::open(const std::string &path) {
  constexpr uint64_t largest = 0xFFFFFFFF;
  FileReader reader;
  RONDO_TRY(reader.open(path));
  if (reader.size() > largest)
    return error("%s is no npz file of one part and less than 4 GB", quote(path).c_str());
  if (reader.isRegular()) {
    owned.resize(reader.size());
    RONDO_TRY(reader.read(0, owned.data(), owned.size()));
    return parse(path, owned);
  }
  // What a pipe has at its start tells whether there is a use in reading to its end.
  size_t got = 0;
  for (size_t used = 0;; used += got) {
    owned.resize(std::max<size_t>(2 * used, 1 << 16));
    RONDO_TRY(reader.next(owned.data() + used, owned.size() - used, got));
    bool isZip = got + used >= 2 && owned.compare(0, 2, "PK") == 0;
    if (used + got < owned.size() || !isZip || used + got > largest) {
      owned.resize(used + got);
      return used + got > largest
                 ? error("%s is no npz file of one part and less than 4 GB", quote(path).c_str())
                 : parse(path, owned);
    }
  }
}

/// The member's bytes, expanded into `storage` when they are deflated.
Status NpzFile::expand(const Member &member, std::string &storage, std::string_view &data) const {
  constexpr size_t longestHeader = 1 << 16;
  data = bytes.substr(member.start, member.packedSize);
  if (member.method == 8) {
    NpyHeader header;
    if (!inflateStart(data, std::min<size_t>(longestHeader, member.size), storage))
      return error("is not well compressed");
    RONDO_TRY(parseNpyHeader(storage, member.size, header));
    if (!inflate(data, member.size, storage))
      return error("is not well compressed");
    data = storage;
  }
  return crc32(data) == member.crc ? Status() : error("is damaged: its checksum does not match");
}

Status NpzFile::read(size_t i, Array &array) const {
  std::string storage;
  std::string_view data;
  Status status = expand(members[i], storage, data);
  if (!status.failed())
    status = parseNpy(data, array);
  return status.failed() ? error("%s of %s %s", quote(members[i].name).c_str(), file.c_str(),
                                 status.message().c_str())
                         : Status();
}

static Status readAll(const NpzFile &file, std::vector<NamedArray> &arrays) {
  arrays.clear();
  for (size_t i = 0; i < file.size(); ++i) {
    NamedArray array;
    array.name = file.name(i);
    RONDO_TRY(file.read(i, array.array));
    arrays.push_back(std::move(array));
  }
  return {};
}

Status rondo::parseNpz(const std::string &path, std::string_view bytes,
                       std::vector<NamedArray> &arrays) {
  NpzFile file;
  RONDO_TRY(file.parse(path, bytes));
  return readAll(file, arrays);
}

Status rondo::readNpz(const std::string &path, std::vector<NamedArray> &arrays) {
  NpzFile file;
  RONDO_TRY(file.open(path));
  return readAll(file, arrays);
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
    // Version 2.0, no flags, stored, midnight of 1980-01-01.
    std::string common;
    appendLittle(common, 20, 2);
    appendLittle(common, 0, 2);
    appendLittle(common, 0, 2);
    appendLittle(common, 0, 2);
    appendLittle(common, 0x21, 2);
    appendLittle(common, crc32(data, crc32(npy)), 4);
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
