// One array in NumPy's npy format: a magic number, a Python dictionary, the elements.
#include "Runtime/File.h"
#include "Runtime/Npz.h"

#include <algorithm>
#include <cstring>

using namespace rondo;

namespace {
/// The dictionary of an npy header: the three keys that every writer gives, in any order.
struct Header {
  std::string descr;
  bool fortran = false;
  std::vector<int64_t> sizes;
};

class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  bool parse(Header &header) {
    bool hasDescr = false, hasOrder = false, hasShape = false;
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!parseString(key) || !take(':'))
        return false;
      bool good = false;
      if (key == "descr" && !hasDescr)
        good = hasDescr = parseString(header.descr);
      else if (key == "fortran_order" && !hasOrder)
        good = hasOrder = parseBool(header.fortran);
      else if (key == "shape" && !hasShape)
        good = hasShape = parseSizes(header.sizes);
      if (!good)
        return false;
      (void)take(',');
    }
    skipSpace();
    return at == text.size() && hasDescr && hasOrder && hasShape;
  }

private:
  void skipSpace() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n'))
      ++at;
  }
  bool take(char c) {
    skipSpace();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool parseString(std::string &out) {
    skipSpace();
    if (at >= text.size() || (text[at] != '\'' && text[at] != '"'))
      return false;
    char quoteMark = text[at++];
    size_t end = text.find(quoteMark, at);
    if (end == std::string_view::npos)
      return false;
    out = text.substr(at, end - at);
    at = end + 1;
    return true;
  }
  bool parseBool(bool &value) {
    skipSpace();
    value = text.substr(at, 4) == "True";
    if (!value && text.substr(at, 5) != "False")
      return false;
    at += value ? 4 : 5;
    return true;
  }
  bool parseSizes(std::vector<int64_t> &sizes) {
    if (!take('('))
      return false;
    while (!take(')')) {
      skipSpace();
      size_t start = at;
      int64_t size = 0;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (size > INT64_MAX / 10 - 1)
          return false;
        size = size * 10 + (text[at] - '0');
      }
      if (at == start || sizes.size() >= 64)
        return false;
      sizes.push_back(size);
      skipSpace();
      if (!take(',') && (at >= text.size() || text[at] != ')'))
        return false;
    }
    return true;
  }

  std::string_view text;
  size_t at = 0;
};
} // namespace

/// Moves column-major elements into row-major order.
static Status fromFortran(Array &array) {
  Array copy;
  RONDO_TRY(copy.allocate(array.element(), array.sizes()));
  const std::vector<int64_t> &sizes = array.sizes();
  size_t width = elementSize(array.element());
  std::vector<int64_t> position(sizes.size(), 0);
  for (int64_t offset = 0; offset < array.elements(); ++offset) {
    int64_t from = 0;
    for (size_t i = sizes.size(); i-- > 0;)
      from = from * sizes[i] + position[i];
    std::memcpy(copy.data<char>() + static_cast<size_t>(offset) * width,
                array.data<char>() + static_cast<size_t>(from) * width, width);
    for (size_t i = sizes.size(); i-- > 0;) {
      if (++position[i] < sizes[i])
        break;
      position[i] = 0;
    }
  }
  array.swap(copy);
  return {};
}

/// Widens integers of `width` bytes into the i64 array.
static Status widen(std::string_view data, size_t width, bool isSigned, Array &array) {
  for (int64_t i = 0; i < array.elements(); ++i) {
    uint64_t value = readLittle(data, static_cast<size_t>(i) * width, width);
    if (isSigned && width < 8 && (value >> (8 * width - 1)))
      value |= ~uint64_t{0} << (8 * width);
    if (!isSigned && width == 8 && (value >> 63))
      return error("holds an integer that does not fit 64 bits with sign");
    array.data<int64_t>()[i] = static_cast<int64_t>(value);
  }
  return {};
}

Status rondo::parseNpy(std::string_view bytes, Array &array) {
  if (bytes.size() < 10 || bytes.substr(0, 6) != std::string_view("\x93NUMPY", 6))
    return error("is no npy file");
  unsigned version = static_cast<unsigned char>(bytes[6]);
  size_t lengthWidth = version == 1 ? 2 : 4;
  if (version < 1 || version > 3 || bytes.size() < 8 + lengthWidth)
    return error("has an unknown npy version");
  uint64_t headerSize = readLittle(bytes, 8, lengthWidth);
  size_t start = 8 + lengthWidth;
  if (headerSize > bytes.size() - start)
    return error("is truncated");
  Header header;
  if (!HeaderParser(bytes.substr(start, headerSize)).parse(header))
    return error("has a bad npy header");
  std::string_view data = bytes.substr(start + headerSize);

  if (header.descr.size() != 3)
    return error("has the unsupported dtype %s", quote(header.descr).c_str());
  char order = header.descr[0], kind = header.descr[1];
  size_t width = static_cast<size_t>(header.descr[2] - '0');
  bool known =
      (kind == 'f' && (width == 4 || width == 8)) || (kind == 'b' && width == 1) ||
      ((kind == 'i' || kind == 'u') && (width == 1 || width == 2 || width == 4 || width == 8));
  if (!known || (order != '<' && !((order == '|' || order == '=') && width == 1)))
    return error("has the unsupported dtype %s, expected little-endian floats, integers or bools",
                 quote(header.descr).c_str());
  int32_t element = kind == 'f'                 ? (width == 4 ? RONDO_F32 : RONDO_F64)
                    : kind == 'b'               ? RONDO_I1
                    : kind == 'i' && width == 4 ? RONDO_I32
                                                : RONDO_I64;
  int64_t count = countElements(element, header.sizes);
  if (count < 0 || static_cast<uint64_t>(count) > data.size() / width ||
      static_cast<size_t>(count) * width != data.size())
    return error("holds %zu bytes, expected sizes %s", data.size(),
                 sizesText(header.sizes).c_str());
  RONDO_TRY(array.allocate(element, header.sizes));
  if (elementSize(element) == width && !(kind == 'u' && width == 8))
    std::memcpy(array.raw(), data.data(), data.size());
  else
    RONDO_TRY(widen(data, width, kind == 'i', array));
  if (element == RONDO_I1)
    for (int64_t i = 0; i < count; ++i)
      array.data<uint8_t>()[i] = array.data<uint8_t>()[i] != 0;
  return header.fortran && header.sizes.size() > 1 ? fromFortran(array) : Status();
}

std::string rondo::npyHeader(const Array &array) {
  const char *descr = array.element() == RONDO_F32   ? "<f4"
                      : array.element() == RONDO_F64 ? "<f8"
                      : array.element() == RONDO_I1  ? "|b1"
                      : array.element() == RONDO_I32 ? "<i4"
                                                     : "<i8";
  std::string sizes;
  for (int64_t size : array.sizes())
    sizes += std::to_string(size) + ", ";
  if (array.sizes().size() > 1)
    sizes.resize(sizes.size() - 2);
  else if (!sizes.empty())
    sizes.resize(sizes.size() - 1);
  std::string dictionary =
      std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  // Magic, version, length, dictionary and a newline fill a multiple of 64 bytes.
  dictionary.resize((10 + dictionary.size() + 1 + 63) / 64 * 64 - 11, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  appendLittle(header, dictionary.size(), 2);
  return header + dictionary;
}
