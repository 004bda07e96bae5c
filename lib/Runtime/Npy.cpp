// One array in NumPy's npy format: a magic number, a Python dictionary, the elements.
#include "Runtime/File.h"
#include "Runtime/Npz.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace rondo;

namespace {
/// The dictionary of an npy header: the three keys that every writer gives, in any order.
struct Dictionary {
  std::string descr;
  bool fortran = false;
  std::vector<int64_t> sizes;
};

class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  bool parse(Dictionary &header) {
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

/// A half: sign, 5 bits of exponent, 10 of fraction.
static float widenHalf(uint64_t bits) {
  int exponent = static_cast<int>(bits >> 10 & 31);
  auto fraction = static_cast<float>(bits & 1023);
  float value = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                : exponent == 0 ? std::ldexp(fraction, -24)
                                : std::ldexp(fraction + 1024, exponent - 25);
  return bits >> 15 ? -value : value;
}

/// Integers and halves of any width and order, one by one.
static Status widen(std::string_view data, const NpyType &type, Array &array) {
  for (int64_t i = 0; i < array.elements(); ++i) {
    size_t width = type.width, at = static_cast<size_t>(i) * width;
    uint64_t value = 0;
    for (size_t k = 0; k < width; ++k)
      value |= static_cast<uint64_t>(
                   static_cast<unsigned char>(data[at + (type.isBig ? width - 1 - k : k)]))
               << (8 * k);
    if (type.kind == 'f' && width == 2) {
      array.data<float>()[i] = widenHalf(value);
      continue;
    }
    if (type.kind == 'f') {
      std::memcpy(array.data<char>() + at, &value, width); // little-endian machines only
      continue;
    }
    if (type.kind == 'i' && width < 8 && (value >> (8 * width - 1)))
      value |= ~uint64_t{0} << (8 * width);
    if (type.kind == 'u' && (value >> 63))
      return error("holds an integer that does not fit 64 bits with sign");
    if (array.element() == RONDO_I32)
      array.data<int32_t>()[i] = static_cast<int32_t>(value);
    else
      array.data<int64_t>()[i] = static_cast<int64_t>(value);
  }
  return {};
}

static Status readType(const std::string &descr, NpyType &type) {
  static constexpr const char *expected = "expected floats, integers or bools";
  if (descr.size() != 3 ||
      (descr[0] != '<' && descr[0] != '>' && descr[0] != '|' && descr[0] != '='))
    return error("has the unsupported dtype %s, %s", quote(descr).c_str(), expected);
  type.kind = descr[1];
  type.width = static_cast<size_t>(descr[2] - '0');
  type.isBig = descr[0] == '>' && type.width > 1;
  bool isKnown = (type.kind == 'f' && (type.width == 2 || type.width == 4 || type.width == 8)) ||
                 (type.kind == 'b' && type.width == 1) ||
                 ((type.kind == 'i' || type.kind == 'u') &&
                  (type.width == 1 || type.width == 2 || type.width == 4 || type.width == 8));
  if (!isKnown)
    return error("has the unsupported dtype %s, %s", quote(descr).c_str(), expected);
  type.element = type.kind == 'f'                      ? (type.width == 8 ? RONDO_F64 : RONDO_F32)
                 : type.kind == 'b'                    ? RONDO_I1
                 : type.kind == 'i' && type.width == 4 ? RONDO_I32
                                                       : RONDO_I64;
  return {};
}

/// An array without elements costs nothing in its file, but a call works through its rows.
static constexpr int64_t mostOfNothing = 1 << 16;

Status rondo::parseNpyHeader(std::string_view bytes, uint64_t size, NpyHeader &header) {
  if (bytes.size() < 10 || bytes.substr(0, 6) != std::string_view("\x93NUMPY", 6))
    return error("is no npy file");
  unsigned version = static_cast<unsigned char>(bytes[6]);
  size_t lengthWidth = version == 1 ? 2 : 4;
  if (version < 1 || version > 3 || bytes.size() < 8 + lengthWidth)
    return error("has an unknown npy version");
  uint64_t headerSize = readLittle(bytes, 8, lengthWidth);
  size_t start = 8 + lengthWidth;
  if (headerSize > size - start)
    return error("is truncated");
  if (headerSize > bytes.size() - start)
    return error("has an npy header of %llu bytes", static_cast<unsigned long long>(headerSize));
  Dictionary dictionary;
  if (!HeaderParser(bytes.substr(start, headerSize)).parse(dictionary))
    return error("has a bad npy header");
  RONDO_TRY(readType(dictionary.descr, header.type));
  header.isFortran = dictionary.fortran && dictionary.sizes.size() > 1;
  header.sizes = dictionary.sizes;
  header.dataAt = start + headerSize;
  uint64_t dataSize = size - header.dataAt;
  int64_t count = countElements(header.type.element, header.sizes);
  if (count < 0 || static_cast<uint64_t>(count) > dataSize / header.type.width ||
      static_cast<size_t>(count) * header.type.width != dataSize)
    return error("holds %llu bytes, expected sizes %s", static_cast<unsigned long long>(dataSize),
                 sizesText(header.sizes).c_str());
  int64_t rows = 1;
  for (int64_t extent : header.sizes)
    if (count == 0 && extent > 0)
      rows =
          extent > mostOfNothing ? mostOfNothing + 1 : std::min(rows * extent, mostOfNothing + 1);
  return rows <= mostOfNothing
             ? Status()
             : error("has sizes %s but no elements, at most %lld rows of nothing are possible",
                     sizesText(header.sizes).c_str(), static_cast<long long>(mostOfNothing));
}

Status rondo::parseNpy(std::string_view bytes, Array &array) {
  NpyHeader header;
  RONDO_TRY(parseNpyHeader(bytes, bytes.size(), header));
  const NpyType &type = header.type;
  std::string_view data = bytes.substr(header.dataAt);
  RONDO_TRY(array.allocate(type.element, header.sizes));
  if (elementSize(type.element) == type.width && !type.isBig && type.kind != 'u')
    std::memcpy(array.raw(), data.data(), data.size());
  else
    RONDO_TRY(widen(data, type, array));
  if (type.element == RONDO_I1)
    for (int64_t i = 0; i < array.elements(); ++i)
      array.data<uint8_t>()[i] = array.data<uint8_t>()[i] != 0;
  return header.isFortran ? fromFortran(array) : Status();
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
