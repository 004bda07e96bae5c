// File formats: round trips, and files made to break a careless reader.
#include "Runtime/File.h"
#include "Runtime/Inflate.h"
#include "Runtime/Json.h"
#include "Runtime/Npz.h"
#include "Runtime/Output.h"
#include "Unit.h"

#include <cmath>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rondo;

void testJson() {
  Json json;
  CHECK_OK(parseJson(R"( {"a": [1, -2.5e1, true, null], "b\u00e9\n": {"c": "x"}} )", json));
  CHECK(json.find("a")->list[0].kind == Json::Integer && json.find("a")->list[0].integer == 1);
  CHECK(json.find("a")->list[1].kind == Json::Number && json.find("a")->list[1].number == -25);
  CHECK(json.find("b\xC3\xA9\n")->find("c")->string == "x");
  for (const char *bad :
       {"",      "{",     "[1,]",  "{\"a\":1,}", "01",      "+1",          "1.",
        ".5",    "1e",    "tru",   "\"\x01\"",   "\"\\q\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"abc", "[1] 2", "{a:1}", "{\"a\" 1}",  "'a'",     "\"\xFF\"",    "\"\xC0\x80\"",
        "[1 2]", "NaN",   "nul"})
    CHECK_FAILS(parseJson(bad, json = Json()), " ");
  CHECK_FAILS(parseJson("{\"a\":1,\"b\":2,\"a\":3}", json = Json()), "'a' stands twice");
  CHECK_FAILS(parseJson(std::string(100000, '['), json = Json()), "too deep");
  CHECK(jsonString("a\"\\\n\xFF") == "\"a\\\"\\\\\\u000a\xEF\xBF\xBD\"");
}

static std::string safetensors(const std::string &header, const std::string &data) {
  std::string bytes;
  appendLittle(bytes, header.size(), 8);
  return bytes + header + data;
}

static Status parse(const std::string &header, const std::string &data) {
  TensorFile file;
  return parseSafetensors("w", safetensors(header, data), file);
}

void testSafetensors() {
  Array a, b;
  CHECK_OK(a.allocate(RONDO_F32, {2, 3}));
  CHECK_OK(b.allocate(RONDO_F64, {}));
  for (int i = 0; i < 6; ++i)
    a.set(i, i + 0.5);
  b.set(0, -1e300);
  std::string path = scratchFolder() + "/w.safetensors";
  CHECK_OK(writeSafetensors(path, {{"a\"\xC3\xA9", &a}, {"b", &b}}, {{"step", "3"}}));
  TensorFile file;
  CHECK_OK(readSafetensors(path, file));
  CHECK(file.metadata["step"] == "3" && file.tensors.size() == 2);
  const Array *back = file.find("a\"\xC3\xA9");
  CHECK(back && back->sizes() == a.sizes() && std::memcmp(back->raw(), a.raw(), a.bytes()) == 0);
  CHECK(file.find("b")->get(0) == -1e300);

  // Every truncation of a good file is refused.
  std::string bytes;
  CHECK_OK(readFile(path, bytes));
  CHECK(bytes.find("{\"__metadata__\"") == 8 && readLittle(bytes, 0, 8) % 8 == 0);
  for (size_t size = 0; size < bytes.size(); ++size)
    CHECK(parseSafetensors("w", std::string_view(bytes).substr(0, size), file).failed());
  // No byte changed in the header makes it crash; most changes are refused.
  for (size_t at = 0; at < bytes.size(); ++at)
    for (int flip : {1, 16, 128}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      (void)parseSafetensors("w", changed, file).failed();
    }

  std::string four(4, '\0'), eight(8, '\0');
  auto tensor = [](const std::string &dtype, const std::string &shape, const std::string &offsets) {
    return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  auto one = [&](const std::string &name, const std::string &value) {
    return "\"" + name + "\":" + value;
  };
  std::string x = one("x", tensor("F32", "[1]", "[0,4]"));
  CHECK_OK(parse("{" + x + "}   ", four));
  CHECK_FAILS(parse("{" + x + "," + one("y", tensor("F32", "[1]", "[2,6]")) + "}", eight),
              "overlaps another");
  CHECK_FAILS(parse("{" + x + "," + one("y", tensor("F32", "[1]", "[0,4]")) + "}", four),
              "overlaps another");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[1]", "[4,8]")) + "}", eight), "leaves a gap");
  CHECK_FAILS(parse("{" + x + "}", eight), "8 bytes of data, expected 4");
  CHECK_FAILS(parse("{" + x + "," + x + "}", four), "'x' stands twice");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[1]", "[0,9]")) + "}", eight), "outside the 8");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[1]", "[4,0]")) + "}", eight), "outside");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[1]", "[-4,0]")) + "}", eight), "no count");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[2]", "[0,4]")) + "}", four), "does not fill");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[-1]", "[0,4]")) + "}", four), "no count");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[1.0]", "[0,4]")) + "}", four), "no count");
  CHECK_FAILS(
      parse("{" + one("x", tensor("F32", "[4294967296,4294967296,4]", "[0,4]")) + "}", four),
      "does not fill");
  CHECK_FAILS(parse("{" + one("x", tensor("F32", "[9223372036854775807,2]", "[0,4]")) + "}", four),
              "does not fill");
  CHECK_FAILS(parse("{" + one("x", tensor("BF16", "[2]", "[0,4]")) + "}", four),
              "has dtype 'BF16', expected F32");
  CHECK_FAILS(parse("{" + one("x", "{\"dtype\":\"F32\",\"shape\":[1]}") + "}", four), "lacks");
  CHECK_FAILS(parse("{" + one("x", "3") + "}", four), "not described by an object");
  CHECK_FAILS(parse("{\"__metadata__\":{\"a\":1}}", ""), "no text");
  CHECK_FAILS(parse("{\"__metadata__\":3}", ""), "no object");
  CHECK_FAILS(parse("[]", ""), "expected an object");
  std::string huge;
  appendLittle(huge, ~uint64_t{0}, 8);
  CHECK_FAILS(parseSafetensors("w", huge + "{}", file), "truncated or no safetensors");
  CHECK_FAILS(readSafetensors(scratchFolder() + "/missing", file), "No such file");
  CHECK_FAILS(readSafetensors(scratchFolder(), file), "is a directory");
}

/// What `read` says of a pipe into which these bytes are written, and then zeros without end.
template <typename Read>
static Status throughPipe(const std::string &bytes, bool isEndless, Read read) {
  std::string path = scratchFolder() + "/pipe";
  (void)::unlink(path.c_str());
  CHECK(::mkfifo(path.c_str(), 0600) == 0);
  pid_t writer = ::fork();
  if (writer == 0) {
    ::signal(SIGPIPE, SIG_DFL);
    int file = ::open(path.c_str(), O_WRONLY);
    for (std::string piece = bytes;; piece.assign(1 << 16, '\0'))
      if (::write(file, piece.data(), piece.size()) < 0 || !isEndless)
        ::_exit(0);
  }
  Status status = read(path);
  ::waitpid(writer, nullptr, 0);
  return status;
}

void testPipes() {
  TensorFile file;
  TensorNames wanted{{"a", "b"}, "optimizer.", 32};
  auto readWanted = [&](const std::string &path) { return readSafetensors(path, file, &wanted); };
  auto given = [&](const std::string &header, const std::string &data, bool isEndless = false) {
    return throughPipe(safetensors(header, data), isEndless, readWanted);
  };
  auto entry = [](const char *name, const char *size, const char *offsets) {
    return std::string("\"") + name + "\":{\"dtype\":\"F32\",\"shape\":[" + size +
           "],\"data_offsets\":[" + offsets + "]}";
  };
  // The arrays come in another order than their names, with one between them that is not read.
  std::string data(20000 + 12, '\0'), one("\0\0\x80?", 4);
  data.replace(4, 4, one);
  data.replace(20008, 4, one);
  std::string good = "{" + entry("b", "1", "20008,20012") + "," +
                     entry("optimizer.m", "5000", "8,20008") + "," + entry("a", "2", "0,8") + "}";
  CHECK_OK(given(good, data));
  CHECK(file.tensors.size() == 2 && file.find("a")->get(0) == 0 && file.find("a")->get(1) == 1 &&
        file.find("b")->get(0) == 1 && file.others.empty());
  CHECK_FAILS(given(good, data.substr(1)), "ends too early");
  CHECK_FAILS(given(good, data + "x"), "has more than 20012 bytes of data");
  // No more is read of an endless one than is wanted, and nothing is made that is larger.
  CHECK_FAILS(given(good, data, true), "has more than 20012 bytes of data");
  CHECK_FAILS(given("{" + entry("a", "100000000000", "0,400000000000") + "}", "", true),
              "has arrays of 400000000000 bytes, expected at most 32");
  CHECK_FAILS(throughPipe("", true, readWanted), "expected an object");
  CHECK_FAILS(throughPipe("y\ny\ny\ny\n", true, readWanted), "is no safetensors file: header of");
  CHECK_FAILS(throughPipe("1234", false, readWanted), "is no safetensors file: it has 4 bytes");
  CHECK_FAILS(readSafetensors("/dev/zero", file), "expected an object");
  std::vector<NamedArray> arrays;
  auto readArrays = [&](const std::string &path) { return readNpz(path, arrays); };
  CHECK_FAILS(throughPipe("", true, readArrays), "is truncated or no npz file");
  Array array;
  CHECK_OK(array.allocate(RONDO_F64, {30000}));
  array.fill(2.5);
  std::string path = scratchFolder() + "/piped.npz", bytes;
  CHECK_OK(writeNpz(path, {{"x", &array}}));
  CHECK_OK(readFile(path, bytes));
  CHECK_OK(throughPipe(bytes, false, readArrays));
  CHECK(arrays.size() == 1 && arrays[0].array.get(29999) == 2.5);
  CHECK_FAILS(throughPipe(bytes.substr(0, bytes.size() - 1), false, readArrays), "truncated");
}

static std::string npy(const std::string &dictionary, const std::string &data) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  appendLittle(bytes, dictionary.size(), 2);
  return bytes + dictionary + data;
}

/// A zip file of one member, its sizes as given rather than as they are.
static std::string zip(const std::string &name, uint64_t method, const std::string &packed,
                       uint64_t packedSize, uint64_t size, uint64_t crc, uint64_t flags = 0) {
  std::string common;
  appendLittle(common, flags, 2);
  appendLittle(common, method, 2);
  appendLittle(common, 0, 4);
  appendLittle(common, crc, 4);
  appendLittle(common, packedSize, 4);
  appendLittle(common, size, 4);
  appendLittle(common, name.size(), 2);
  appendLittle(common, 0, 2);
  std::string bytes;
  appendLittle(bytes, 0x04034b50, 4);
  appendLittle(bytes, 20, 2);
  bytes += common + name + packed;
  size_t directory = bytes.size();
  appendLittle(bytes, 0x02014b50, 4);
  appendLittle(bytes, 20, 2);
  appendLittle(bytes, 20, 2);
  bytes += common;
  bytes += std::string(14, '\0') + name;
  size_t end = bytes.size();
  appendLittle(bytes, 0x06054b50, 4);
  appendLittle(bytes, 0, 4);
  appendLittle(bytes, 1, 2);
  appendLittle(bytes, 1, 2);
  appendLittle(bytes, end - directory, 4);
  appendLittle(bytes, directory, 4);
  appendLittle(bytes, 0, 2);
  return bytes;
}

/// Deflate streams made by zlib: dynamic codes with matches, fixed codes, stored.
static void testInflate() {
  const unsigned char fixed[] = {0x4b, 0x4c, 0x4a, 0x4e, 0x04, 0x23, 0x00};
  std::string stream(reinterpret_cast<const char *>(fixed), sizeof(fixed)), out;
  CHECK(inflate(stream, 9, out) && out == "abcabcabc");
  CHECK(!inflate(stream, 8, out) && !inflate(stream, 10, out));
  for (size_t size = 0; size < stream.size(); ++size)
    CHECK(!inflate(std::string_view(stream).substr(0, size), 9, out));
  std::string stored("\x01\x03\x00\xFC\xFFxyz", 8);
  CHECK(inflate(stored, 3, out) && out == "xyz");
  stored[3] = '\x00';
  CHECK(!inflate(stored, 3, out));
  CHECK(!inflate(std::string("\x07", 1), 0, out));                     // block kind 3
  CHECK(!inflate(std::string("\x4b\x04\x02\x00", 4), 3, out));         // distance before the start
  CHECK(!inflate(std::string("\x03\x00", 2), uint64_t{1} << 40, out)); // a size that lies
  // Random bytes never crash the decoder.
  uint32_t state = 1;
  for (int round = 0; round < 3000; ++round) {
    std::string noise;
    for (int i = 0; i < 80; ++i) {
      state = state * 1664525u + 1013904223u;
      noise += static_cast<char>(state >> 24);
    }
    noise[0] = static_cast<char>((noise[0] & ~7) | (round % 3 ? 5 : 3));
    (void)inflate(noise, 1000, out);
  }
  CHECK(crc32("123456789") == 0xCBF43926u);
}

static void parses(const char *descr, const std::string &data, std::vector<double> expected,
                   int32_t element, int line) {
  Array array;
  std::string sizes = "(" + std::to_string(expected.size()) + ",)";
  Status status = parseNpy(
      npy(std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': " + sizes + "}",
          data),
      array);
  check(!status.failed() && array.element() == element, descr, __FILE__, line, status.message());
  for (size_t i = 0; i < expected.size() && !status.failed(); ++i)
    check(array.get(static_cast<int64_t>(i)) == expected[i], descr, __FILE__, line,
          std::to_string(array.get(static_cast<int64_t>(i))));
}
#define PARSES(descr, data, element, ...)                                                          \
  parses(descr, std::string(data, sizeof(data) - 1), {__VA_ARGS__}, element, __LINE__)

/// Every type of NumPy that has one meaning here, in both orders of bytes.
static void testTypes() {
  // 1, -2, the least half, the largest, infinity, 0.333251953125.
  PARSES("<f2", "\x00\x3c\x00\xc0\x01\x00\xff\x7b\x00\x7c\x55\x35", RONDO_F32, 1, -2, 0x1p-24,
         65504, INFINITY, 0.333251953125);
  PARSES(">f2", "\x3c\x00\xc0\x00\x83\xff", RONDO_F32, 1, -2, -1023 * 0x1p-24);
  PARSES(">f4", "\x3f\x80\x00\x00\xc0\x20\x00\x00", RONDO_F32, 1, -2.5);
  PARSES(">f8", "\xc0\x04\x00\x00\x00\x00\x00\x00", RONDO_F64, -2.5);
  PARSES("|i1", "\x01\xfe", RONDO_I64, 1, -2);
  PARSES(">i2", "\x01\x02\xff\xfe", RONDO_I64, 258, -2);
  PARSES(">i4", "\x00\x00\x01\x02\xff\xff\xff\xfe", RONDO_I32, 258, -2);
  PARSES("<i4", "\x02\x01\x00\x00\xfe\xff\xff\xff", RONDO_I32, 258, -2);
  PARSES(">i8", "\xff\xff\xff\xff\xff\xff\xff\xfe", RONDO_I64, -2);
  PARSES("<u2", "\xfe\xff", RONDO_I64, 65534);
  PARSES(">u4", "\xff\xff\xff\xfe", RONDO_I64, 4294967294);
  PARSES("<u8", "\x02\x01\x00\x00\x00\x00\x00\x00", RONDO_I64, 258);
  PARSES("|b1", "\x00\x01\x05", RONDO_I1, 0, 1, 1);
  Array array;
  CHECK_FAILS(parseNpy(npy("{'descr': '>u8', 'fortran_order': False, 'shape': (1,)}",
                           "\x80" + std::string(7, '\0')),
                       array),
              "does not fit 64 bits with sign");
}

/// Files of a few bytes that ask for much: refused before anything is made of them.
static void testCost() {
  Array array;
  std::vector<NamedArray> arrays;
  for (const char *shape : {"(100000000, 0)", "(0, 65537)", "(300, 0, 300)",
                            "(0, 4611686018427387904, 4611686018427387904)"})
    CHECK_FAILS(parseNpy(npy(std::string("{'descr': '<f4', 'fortran_order': False, 'shape': ") +
                                 shape + "}",
                             ""),
                         array),
                *shape == '(' && std::strlen(shape) > 20 ? "expected sizes" : "but no elements");
  CHECK_OK(
      parseNpy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 0)}", ""), array));
  // Two names for one member.
  std::string whole =
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", std::string(4, '\0'));
  std::string bytes = zip("x.npy", 0, whole, whole.size(), whole.size(), crc32(whole));
  size_t directory = bytes.size() - 22 - 46 - 5;
  std::string entry = bytes.substr(directory, 46 + 5), end = bytes.substr(directory + 51);
  std::string second = entry;
  second[46] = 'y';
  bytes = bytes.substr(0, directory) + entry + second + end;
  bytes[bytes.size() - 22 + 8] = bytes[bytes.size() - 22 + 10] = 2;
  bytes[bytes.size() - 22 + 12] = 102;
  CHECK_FAILS(parseNpz("f", bytes, arrays), "'y' of 'f' overlaps 'x'");
  CHECK(arrays.empty());
  // What an array's header says is compared with the member's size before the rest is expanded.
  const unsigned char fixed[] = {0x4b, 0x4c, 0x4a, 0x4e, 0x04, 0x23, 0x00};
  std::string stream(reinterpret_cast<const char *>(fixed), sizeof(fixed)), out;
  CHECK(inflateStart(stream, 4, out) && out == "abca" && inflateStart(stream, 90, out) &&
        out == "abcabcabc");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 8, stream, stream.size(), 7000, 1), arrays),
              "is no npy file");
  CHECK(crc32("56789", crc32("1234")) == 0xCBF43926u);

  // A file that is large and holds nothing: its start tells so.
  TensorFile none;
  std::string sparse = scratchFolder() + "/sparse";
  CHECK_OK(writeFile(sparse, {std::string(8, '\0')}));
  CHECK(::truncate(sparse.c_str(), off_t{1} << 36) == 0);
  CHECK_FAILS(readSafetensors(sparse, none), "expected an object");
  CHECK_FAILS(readNpz(sparse, arrays), "less than 4 GB");
  CHECK_OK(writeFile(sparse, {std::string(8, '\1')}));
  CHECK(::truncate(sparse.c_str(), off_t{1} << 36) == 0);
  CHECK_FAILS(readSafetensors(sparse, none), "is truncated or no safetensors file");

  // Headers of many values, of many names, of much metadata.
  TensorFile file;
  TensorNames wanted = {{"a"}, "optimizer"};
  auto header = [](size_t number, const char *before, const char *name, const char *after) {
    std::string text = before;
    for (size_t i = 0; i < number; ++i)
      text += (i ? "," : "") + std::string(name ? "\"" + (name + std::to_string(i)) + "\":" : "") +
              after;
    return text;
  };
  const char *tensor = R"({"dtype":"F32","shape":[],"data_offsets":[0,0]})";
  const char *empty = R"({"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  auto refused = [&](const std::string &text, const char *message) {
    CHECK_FAILS(parseSafetensors("w", safetensors(text, ""), file, &wanted), message);
  };
  refused(header(20000, R"({"a":{"dtype":"F32","shape":[)", nullptr, "0") +
              R"(],"data_offsets":[0,0]}})",
          "too many values");
  refused(header(20000, R"({"__metadata__":{)", "k", "\"\"") + "}}", "too many values");
  refused(header(2000, "{", "t", empty) + "}", "has more than 1016 tensors, 't1016' is one");
  refused(header(1, "{", "t", tensor) + "}", "does not fill");
  CHECK_OK(parseSafetensors("w", safetensors(header(9, "{", "optimizer", empty) + "}", ""), file,
                            &wanted));
  CHECK(file.tensors.empty() && file.others.empty());
  CHECK_OK(parseSafetensors("w", safetensors(header(3, "{", "t", empty) + "}", ""), file, &wanted));
  CHECK(file.tensors.empty() && file.others.size() == 3);
}

void testNpz() {
  testInflate();
  testCost();
  Array array;
  std::string data("\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0", 24);
  CHECK_OK(
      parseNpy(npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n", data), array));
  CHECK(array.get(0) == 1 && array.get(1) == 3 && array.get(2) == 5 && array.get(3) == 2);
  CHECK_OK(parseNpy(npy("{'shape': (3,), 'descr': '|u1', 'fortran_order': False}", "\x01\x02\xFF"),
                    array));
  CHECK(array.element() == RONDO_I64 && array.get(2) == 255);
  CHECK_OK(
      parseNpy(npy("{'descr': '<i2', 'fortran_order': False, 'shape': (1,)}", "\xFE\xFF"), array));
  CHECK(array.get(0) == -2);
  CHECK_OK(parseNpy(
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", std::string("\0\0\x80\x3f", 4)),
      array));
  CHECK(array.sizes().empty() && array.get(0) == 1);
  auto dictionary = [](const char *descr, const char *shape) {
    return std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': " + shape +
           "}";
  };
  testTypes();
  CHECK_FAILS(parseNpy(npy(dictionary("<f16", "(6,)"), data), array), "unsupported dtype '<f16'");
  CHECK_FAILS(parseNpy(npy(dictionary("<c8", "(3,)"), data), array), "unsupported dtype '<c8'");
  CHECK_FAILS(parseNpy(npy(dictionary("|O", "(6,)"), data), array), "unsupported dtype");
  CHECK_FAILS(parseNpy(npy(dictionary("<f4", "(7,)"), data), array), "holds 24 bytes");
  CHECK_FAILS(parseNpy(npy(dictionary("<f4", "(5,)"), data), array), "holds 24 bytes");
  CHECK_FAILS(parseNpy(npy(dictionary("<f4", "(4611686018427387904, 4)"), data), array),
              "holds 24");
  CHECK_FAILS(parseNpy(npy(dictionary("<f4", "(99999999999999999999,)"), data), array), "bad npy");
  CHECK_FAILS(parseNpy(npy(dictionary("<f4", "(-6,)"), data), array), "bad npy header");
  CHECK_FAILS(parseNpy(npy("{'descr': '<f4', 'shape': (6,)}", data), array), "bad npy header");
  CHECK_FAILS(parseNpy(npy("{'descr': '<f4'", data), array), "bad npy header");
  CHECK_FAILS(parseNpy("\x93NUMPX", array), "no npy file");
  std::string whole = npy(dictionary("<f4", "(6,)"), data);
  for (size_t size = 0; size < whole.size(); ++size)
    CHECK(parseNpy(std::string_view(whole).substr(0, size), array).failed());

  std::vector<NamedArray> arrays;
  CHECK_OK(parseNpz("f", zip("x.npy", 0, whole, whole.size(), whole.size(), crc32(whole)), arrays));
  CHECK(arrays.size() == 1 && arrays[0].name == "x");
  uint64_t size = whole.size();
  CHECK_FAILS(parseNpz("f", zip("x.npy", 0, whole, size, size, 1), arrays), "checksum");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 0, whole, size, size + 1, 1), arrays), "two sizes");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 0, whole, size + 500, size + 500, 1), arrays), "outside");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 8, whole, size, size, 1), arrays), "is no npy file");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 8, whole, size, 0xFFFFFFF0, 1), arrays), "not well");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 14, whole, size, size, 1), arrays), "method 14");
  CHECK_FAILS(parseNpz("f", zip("x.npy", 0, whole, size, size, 1, 1), arrays), "encrypted");
  CHECK_FAILS(parseNpz("f", zip("x.txt", 0, whole, size, size, 1), arrays), "npy files only");
  CHECK_FAILS(parseNpz("f", "not a zip file, but longer than 22 bytes", arrays), "no npz file");

  Array floats, empty;
  CHECK_OK(floats.allocate(RONDO_F64, {2, 1, 2}));
  for (int i = 0; i < 4; ++i)
    floats.set(i, i * 0.1);
  CHECK_OK(empty.allocate(RONDO_I64, {0}));
  std::string path = scratchFolder() + "/a.npz", bytes;
  CHECK_OK(writeNpz(path, {{"result.0", &floats}, {"lengths.T", &empty}}));
  CHECK_OK(readNpz(path, arrays));
  CHECK(arrays.size() == 2 && arrays[0].name == "result.0" &&
        arrays[0].array.sizes() == floats.sizes() && arrays[0].array.get(3) == floats.get(3) &&
        arrays[1].array.elements() == 0);
  CHECK_OK(readFile(path, bytes));
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    CHECK(parseNpz("f", std::string_view(bytes).substr(0, cut), arrays).failed());
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    (void)parseNpz("f", changed, arrays).failed();
  }
}
