// Deflate, decoded one bit of a code at a time with canonical Huffman counts: small and safe rather
// than fast. Every read is checked against the input, every write against the size asked for.
#include "Runtime/Inflate.h"

#include <algorithm>
#include <array>

using namespace rondo;

namespace {
/// A canonical Huffman code: how many codes each length has, and the symbols in code order.
struct Huffman {
  std::array<uint16_t, 16> counts{};
  std::array<uint16_t, 288> symbols{};

  /// False when the lengths over-subscribe the code, or leave it incomplete with more than one
  /// symbol.
  bool build(const uint8_t *lengths, size_t number) {
    counts.fill(0);
    for (size_t i = 0; i < number; ++i)
      ++counts[lengths[i]];
    size_t used = number - counts[0];
    counts[0] = 0;
    int left = 1;
    std::array<uint16_t, 16> offsets{};
    for (size_t length = 1; length < 16; ++length) {
      left = left * 2 - counts[length];
      if (left < 0)
        return false;
      if (length < 15)
        offsets[length + 1] = static_cast<uint16_t>(offsets[length] + counts[length]);
    }
    for (size_t i = 0; i < number; ++i)
      if (lengths[i])
        symbols[offsets[lengths[i]]++] = static_cast<uint16_t>(i);
    return left == 0 || used <= 1;
  }
};

class Inflater {
public:
  Inflater(std::string_view packed, size_t size, std::string &out)
      : packed(packed), size(size), out(out) {}

  bool run() {
    expand();
    return good && out.size() == size;
  }
  /// What stops at the size asked for was good so far.
  bool runStart() {
    expand();
    return good || out.size() == size;
  }

private:
  void expand() {
    out.clear();
    out.reserve(size);
    bool last = false;
    while (!last && good) {
      last = bits(1) != 0;
      switch (bits(2)) {
      case 0:
        stored();
        break;
      case 1:
        fixed();
        break;
      case 2:
        dynamic();
        break;
      default:
        good = false;
      }
    }
  }

  unsigned bits(int number) {
    unsigned value = 0;
    for (int i = 0; i < number; ++i, ++position) {
      if (position / 8 >= packed.size()) {
        good = false;
        return 0;
      }
      value |= ((static_cast<unsigned char>(packed[position / 8]) >> (position % 8)) & 1u) << i;
    }
    return value;
  }

  void put(char c) {
    if (out.size() >= size)
      good = false;
    else
      out += c;
  }

  void stored() {
    position = (position + 7) / 8 * 8;
    unsigned length = bits(16), inverse = bits(16);
    size_t start = position / 8;
    if (!good || (length ^ inverse) != 0xFFFF || packed.size() - start < length) {
      good = false;
      return;
    }
    good = length <= size - out.size();
    out += packed.substr(start, std::min<size_t>(length, size - out.size()));
    position += static_cast<size_t>(length) * 8;
  }

  int symbol(const Huffman &code) {
    int value = 0, first = 0, index = 0;
    for (size_t length = 1; length < 16 && good; ++length) {
      value |= static_cast<int>(bits(1));
      int count = code.counts[length];
      if (value - first < count)
        return code.symbols[static_cast<size_t>(index + value - first)];
      index += count;
      first = (first + count) * 2;
      value *= 2;
    }
    good = false;
    return 0;
  }

  void body(const Huffman &literals, const Huffman &distances) {
    static constexpr uint16_t lengthBase[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                67, 83, 99, 115, 131, 163, 195, 227, 258};
    static constexpr uint8_t lengthBits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                               2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static constexpr uint16_t distanceBase[30] = {
        1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
        193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    while (good) {
      int literal = symbol(literals);
      if (!good || literal == 256)
        return;
      if (literal < 256) {
        put(static_cast<char>(literal));
        continue;
      }
      if (literal > 285) {
        good = false;
        return;
      }
      size_t length = lengthBase[literal - 257] + bits(lengthBits[literal - 257]);
      int which = symbol(distances);
      if (!good || which > 29) {
        good = false;
        return;
      }
      size_t distance = distanceBase[which] + bits(which < 2 ? 0 : which / 2 - 1);
      if (!good || distance > out.size()) {
        good = false;
        return;
      }
      good = length <= size - out.size();
      length = std::min(length, size - out.size());
      for (size_t i = 0; i < length; ++i)
        out += out[out.size() - distance];
    }
  }

  void fixed() {
    uint8_t lengths[288];
    for (int i = 0; i < 288; ++i)
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    Huffman literals, distances;
    literals.build(lengths, 288);
    for (int i = 0; i < 30; ++i)
      lengths[i] = 5;
    distances.build(lengths, 30); // incomplete by two codes, which body() refuses
    body(literals, distances);
  }

  void dynamic() {
    size_t numLiterals = bits(5) + 257, numDistances = bits(5) + 1, numLengths = bits(4) + 4;
    if (numLiterals > 286 || numDistances > 30) {
      good = false;
      return;
    }
    static constexpr uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                          11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[320] = {};
    for (size_t i = 0; i < numLengths; ++i)
      lengths[order[i]] = static_cast<uint8_t>(bits(3));
    Huffman code;
    if (!good || !code.build(lengths, 19)) {
      good = false;
      return;
    }
    size_t total = numLiterals + numDistances;
    for (size_t i = 0; i < total && good;) {
      int which = symbol(code);
      if (which < 16) {
        lengths[i++] = static_cast<uint8_t>(which);
        continue;
      }
      uint8_t repeated = 0;
      size_t times = which == 16 ? 3 + bits(2) : which == 17 ? 3 + bits(3) : 11 + bits(7);
      if (which == 16) {
        if (i == 0) {
          good = false;
          return;
        }
        repeated = lengths[i - 1];
      }
      if (times > total - i) {
        good = false;
        return;
      }
      while (times-- > 0)
        lengths[i++] = repeated;
    }
    Huffman literals, distances;
    if (!good || lengths[256] == 0 || !literals.build(lengths, numLiterals) ||
        !distances.build(lengths + numLiterals, numDistances)) {
      good = false;
      return;
    }
    body(literals, distances);
  }

  std::string_view packed;
  size_t size;
  std::string &out;
  size_t position = 0; // in bits
  bool good = true;
};
} // namespace

bool rondo::inflate(std::string_view packed, size_t size, std::string &out) {
  // No stream expands more than 1032 times, so a lying size costs no memory.
  if (size / 1040 > packed.size())
    return false;
  return Inflater(packed, size, out).run();
}

bool rondo::inflateStart(std::string_view packed, size_t size, std::string &out) {
  return Inflater(packed, size, out).runStart();
}

uint32_t rondo::crc32(std::string_view bytes, uint32_t before) {
  static constexpr std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int k = 0; k < 8; ++k)
        c = (c & 1) ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      t[i] = c;
    }
    return t;
  }();
  uint32_t crc = ~before;
  for (char c : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ (crc >> 8);
  return ~crc;
}
