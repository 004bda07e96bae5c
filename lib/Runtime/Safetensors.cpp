// The safetensors format: 8 bytes of header length, a JSON header, the arrays' bytes.
#include "Runtime/Safetensors.h"
#include "Runtime/File.h"
#include "Runtime/Json.h"
#include "Runtime/Output.h"

#include <algorithm>
#include <cstring>

using namespace rondo;

namespace {
struct Dtype {
  const char *name;
  int32_t element;
};
struct Entry {
  std::string name;
  int32_t element = 0;
  std::vector<int64_t> sizes;
  uint64_t begin = 0, end = 0;
};
} // namespace

static constexpr Dtype dtypes[] = {{"F32", RONDO_F32},
                                   {"F64", RONDO_F64},
                                   {"BOOL", RONDO_I1},
                                   {"I32", RONDO_I32},
                                   {"I64", RONDO_I64}};

const Array *TensorFile::find(std::string_view name) const {
  for (const NamedArray &tensor : tensors)
    if (tensor.name == name)
      return &tensor.array;
  return nullptr;
}

/// Reads one header entry; messages start after "tensor 'x' ".
static Status parseEntry(const Json &json, uint64_t dataSize, Entry &entry) {
  if (json.kind != Json::Object)
    return error("is not described by an object");
  for (const std::string &field : json.names)
    if (field != "dtype" && field != "shape" && field != "data_offsets")
      return error("has the unknown field %s", quote(field).c_str());
  const Json *dtype = json.find("dtype"), *shape = json.find("shape");
  const Json *offsets = json.find("data_offsets");
  if (!dtype || dtype->kind != Json::String || !shape || shape->kind != Json::List || !offsets ||
      offsets->kind != Json::List || offsets->list.size() != 2)
    return error("lacks dtype, shape or data_offsets");
  const Dtype *found = nullptr;
  for (const Dtype &known : dtypes)
    if (dtype->string == known.name)
      found = &known;
  if (!found)
    return error("has dtype %s, expected F32, F64, I32, I64 or BOOL", quote(dtype->string).c_str());
  entry.element = found->element;
  for (const Json &size : shape->list) {
    if (size.kind != Json::Integer || size.integer < 0)
      return error("has a size that is no count");
    entry.sizes.push_back(size.integer);
  }
  if (entry.sizes.size() > 64)
    return error("has %zu dims", entry.sizes.size());
  for (const Json &offset : offsets->list)
    if (offset.kind != Json::Integer || offset.integer < 0)
      return error("has an offset that is no count");
  entry.begin = static_cast<uint64_t>(offsets->list[0].integer);
  entry.end = static_cast<uint64_t>(offsets->list[1].integer);
  if (entry.begin > entry.end || entry.end > dataSize)
    return error("has the offsets %llu to %llu, outside the %llu bytes of data",
                 static_cast<unsigned long long>(entry.begin),
                 static_cast<unsigned long long>(entry.end),
                 static_cast<unsigned long long>(dataSize));
  int64_t count = countElements(entry.element, entry.sizes);
  if (count < 0 ||
      static_cast<uint64_t>(count) * elementSize(entry.element) != entry.end - entry.begin)
    return error("of sizes %s does not fill its %llu bytes", sizesText(entry.sizes).c_str(),
                 static_cast<unsigned long long>(entry.end - entry.begin));
  return {};
}

/// The size of what a pipe has: it is known when its end is met.
static constexpr uint64_t unknownSize = UINT64_MAX;

/// Refuses extents that overlap, or do not cover the data; tells the size that they cover.
static Status checkExtents(const std::string &name, uint64_t &dataSize,
                           const std::vector<Entry> &entries) {
  std::vector<const Entry *> order;
  order.reserve(entries.size());
  for (const Entry &entry : entries)
    order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const Entry *a, const Entry *b) { return a->name < b->name; });
  auto twice = std::adjacent_find(order.begin(), order.end(), [](const Entry *a, const Entry *b) {
    return a->name == b->name;
  });
  if (twice != order.end())
    return error("%s has a bad header: the name %s stands twice in the JSON", name.c_str(),
                 quote((*twice)->name).c_str());
  std::sort(order.begin(), order.end(), [](const Entry *a, const Entry *b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  uint64_t covered = 0;
  for (const Entry *entry : order) {
    if (entry->begin != covered)
      return error("tensor %s of %s %s", quote(entry->name).c_str(), name.c_str(),
                   entry->begin < covered ? "overlaps another" : "leaves a gap before it");
    covered = entry->end;
  }
  if (dataSize == unknownSize)
    dataSize = covered;
  if (covered != dataSize)
    return error("%s has %llu bytes of data, expected %llu", name.c_str(),
                 static_cast<unsigned long long>(dataSize),
                 static_cast<unsigned long long>(covered));
  return {};
}

static Status takeMetadata(const std::string &name, const Json &json, TensorFile &file) {
  if (json.kind != Json::Object)
    return error("%s has metadata that is no object", name.c_str());
  if (!file.metadata.empty())
    return error("%s has a bad header: its metadata stands twice", name.c_str());
  for (size_t k = 0; k < json.names.size(); ++k) {
    if (json.list[k].kind != Json::String)
      return error("%s has metadata that is no text: %s", name.c_str(),
                   quote(json.names[k]).c_str());
    file.metadata[json.names[k]] = json.list[k].string;
  }
  return {};
}

/// Makes the array of a tensor; `read` puts its bytes there.
template <typename Read>
static Status takeTensor(const std::string &name, const Entry &entry, TensorFile &file, Read read) {
  NamedArray tensor;
  tensor.name = entry.name;
  RONDO_TRY(tensor.array.allocate(entry.element, entry.sizes));
  RONDO_TRY(read(entry.begin, tensor.array.raw(), tensor.array.bytes()));
  if (entry.element == RONDO_I1)
    for (int64_t i = 0; i < tensor.array.elements(); ++i)
      if (tensor.array.data<uint8_t>()[i] > 1)
        return error("tensor %s of %s holds a bool that is neither 0 nor 1",
                     quote(tensor.name).c_str(), name.c_str());
  file.tensors.push_back(std::move(tensor));
  return {};
}

/// The length of the header in a file that starts with these 8 bytes.
static Status readHeaderSize(const std::string &name, std::string_view start, uint64_t fileSize,
                             uint64_t &size) {
  if (start.size() < 8)
    return error("%s is no safetensors file: it has %zu bytes", name.c_str(), start.size());
  size = readLittle(start, 0, 8);
  if (fileSize == unknownSize && size > 100000000)
    return error("%s is no safetensors file: header of %llu bytes", name.c_str(),
                 static_cast<unsigned long long>(size));
  return size <= 100000000 && size <= fileSize - 8
             ? Status()
             : error("%s is truncated or no safetensors file: header of %llu bytes in a file of "
                     "%llu",
                     name.c_str(), static_cast<unsigned long long>(size),
                     static_cast<unsigned long long>(fileSize));
}

/// Takes everything but the arrays: what is checked before any of them is made.
static Status parseHeader(const std::string &name, std::string_view header, uint64_t &dataSize,
                          const TensorNames *wanted, std::vector<Entry> &entries,
                          TensorFile &file) {
  // A few values describe a tensor, and names that nobody wants are few: a header costs no more
  // memory than its text.
  JsonMembers members(header, 10000);
  size_t most = wanted ? 1000 + 16 * wanted->names.size() : SIZE_MAX;
  for (std::string key;;) {
    Json json;
    bool there = false;
    if (Status status = members.next(there, key, json); status.failed())
      return error("%s has a bad header: %s", name.c_str(), status.message().c_str());
    if (!there)
      return checkExtents(name, dataSize, entries);
    if (key == "__metadata__") {
      RONDO_TRY(takeMetadata(name, json, file));
      continue;
    }
    Entry entry;
    entry.name = key;
    if (Status status = parseEntry(json, dataSize, entry); status.failed())
      return error("tensor %s of %s %s", quote(key).c_str(), name.c_str(),
                   status.message().c_str());
    if (entries.size() == most)
      return error("%s has more than %zu tensors, %s is one", name.c_str(), most,
                   quote(key).c_str());
    entries.push_back(std::move(entry));
  }
}

template <typename Read>
static Status takeTensors(const std::string &name, const std::vector<Entry> &entries,
                          const TensorNames *wanted, TensorFile &file, Read read) {
  for (const Entry &entry : entries) {
    if (!wanted || wanted->names.find(entry.name) != wanted->names.end())
      RONDO_TRY(takeTensor(name, entry, file, read));
    else if (wanted->unread.empty() || !entry.name.starts_with(wanted->unread))
      file.others.push_back(entry.name);
  }
  return {};
}

Status rondo::parseSafetensors(const std::string &path, std::string_view bytes, TensorFile &file,
                               const TensorNames *wanted) {
  std::string name = quote(path);
  file = TensorFile();
  uint64_t headerSize = 0;
  RONDO_TRY(readHeaderSize(name, bytes.substr(0, 8), bytes.size(), headerSize));
  std::string_view data = bytes.substr(8 + headerSize);
  uint64_t dataSize = data.size();
  std::vector<Entry> entries;
  RONDO_TRY(parseHeader(name, bytes.substr(8, headerSize), dataSize, wanted, entries, file));
  return takeTensors(name, entries, wanted, file, [&](uint64_t offset, void *to, size_t count) {
    std::memcpy(to, data.data() + offset, count);
    return Status();
  });
}

/// Brings the arrays of a pipe into the order in which they come, and refuses more of them than are
/// wanted before any is made.
static Status orderPipe(const std::string &name, const TensorNames *wanted,
                        std::vector<Entry> &entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry &a, const Entry &b) { return a.begin < b.begin; });
  uint64_t bytes = 0;
  for (const Entry &entry : entries)
    if (wanted && wanted->names.find(entry.name) != wanted->names.end())
      bytes += entry.end - entry.begin;
  return !wanted || bytes <= wanted->mostBytes
             ? Status()
             : error("%s has arrays of %llu bytes, expected at most %llu", name.c_str(),
                     static_cast<unsigned long long>(bytes),
                     static_cast<unsigned long long>(wanted->mostBytes));
}

Status rondo::readSafetensors(const std::string &path, TensorFile &file,
                              const TensorNames *wanted) {
  FileReader reader;
  RONDO_TRY(reader.open(path));
  file = TensorFile();
  std::string name = quote(path), header(8, '\0');
  uint64_t size = reader.isRegular() ? reader.size() : unknownSize;
  if (reader.isRegular()) {
    header.resize(std::min<uint64_t>(size, 8));
    RONDO_TRY(reader.read(0, header.data(), header.size()));
  } else {
    size_t got = 0;
    RONDO_TRY(reader.next(header.data(), header.size(), got));
    header.resize(got);
  }
  uint64_t headerSize = 0;
  RONDO_TRY(readHeaderSize(name, header, size, headerSize));
  header.resize(headerSize);
  RONDO_TRY(reader.read(8, header.data(), headerSize));
  std::vector<Entry> entries;
  uint64_t dataAt = 8 + headerSize, dataSize = size == unknownSize ? size : size - dataAt;
  RONDO_TRY(parseHeader(name, header, dataSize, wanted, entries, file));
  if (!reader.isRegular())
    RONDO_TRY(orderPipe(name, wanted, entries));
  RONDO_TRY(takeTensors(name, entries, wanted, file, [&](uint64_t offset, void *to, size_t count) {
    return reader.read(dataAt + offset, to, count);
  }));
  if (reader.isRegular())
    return {};
  RONDO_TRY(reader.read(dataAt + dataSize, nullptr, 0));
  size_t more = 0;
  RONDO_TRY(reader.next(header.data(), 1, more));
  return more ? error("%s has more than %llu bytes of data", name.c_str(),
                      static_cast<unsigned long long>(dataSize))
              : Status();
}

Status rondo::writeSafetensors(const std::string &path, std::vector<TensorView> tensors,
                               const std::map<std::string, std::string> &metadata) {
  // Wide elements first, so that every array is aligned to its element.
  std::vector<TensorView> given;
  given.swap(tensors);
  for (size_t width : {8, 4, 1})
    for (const TensorView &tensor : given)
      if (elementSize(tensor.array->element()) == width)
        tensors.push_back(tensor);
  std::string header = "{";
  if (!metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto &[key, value] : metadata)
      header += (header.back() == '{' ? "" : ",") + jsonString(key) + ":" + jsonString(value);
    header += "}";
  }
  uint64_t offset = 0;
  std::vector<std::string_view> pieces(1);
  for (const TensorView &tensor : tensors) {
    const char *dtype = "";
    for (const Dtype &known : dtypes)
      if (known.element == tensor.array->element())
        dtype = known.name;
    std::string sizes = sizesText(tensor.array->sizes());
    sizes.erase(std::remove(sizes.begin(), sizes.end(), ' '), sizes.end());
    uint64_t end = offset + tensor.array->bytes();
    header += (header.size() == 1 ? "" : ",") + jsonString(tensor.name) + ":{\"dtype\":\"" + dtype +
              "\",\"shape\":" + sizes + ",\"data_offsets\":[" + std::to_string(offset) + "," +
              std::to_string(end) + "]}";
    offset = end;
    pieces.emplace_back(static_cast<const char *>(tensor.array->raw()), tensor.array->bytes());
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string start;
  appendLittle(start, header.size(), 8);
  start += header;
  pieces[0] = start;
  return writeFile(path, pieces);
}
