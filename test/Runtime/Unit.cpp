// The runtime's own test: rows, padding, checks and first values. Prints what failed; the exit
// status is 1 when something did.
#include "Unit.h"
#include "Runtime/Dims.h"
#include "Runtime/Initialise.h"
#include "Runtime/Session.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <unistd.h>

using namespace rondo;

static int failures = 0, checks = 0;

void check(bool good, const char *what, const char *file, int line, const std::string &more) {
  ++checks;
  if (good)
    return;
  ++failures;
  std::printf("FAIL %s:%d: %s %s\n", file, line, what, more.c_str());
}

void checkFails(const Status &status, const char *text, const char *file, int line) {
  check(status.failed() && status.message().find(text) != std::string::npos, text, file, line,
        status.failed() ? "is not in: " + status.message() : "was expected, but it succeeded");
}

const std::string &scratchFolder() {
  static std::string folder = [] {
    char name[] = "/tmp/rondo-runtime-XXXXXX";
    return std::string(::mkdtemp(name) ? name : "/tmp");
  }();
  return folder;
}

static void removeScratch() {
  const std::string &folder = scratchFolder();
  if (folder == "/tmp")
    return;
  if (DIR *directory = ::opendir(folder.c_str())) {
    while (dirent *entry = ::readdir(directory))
      ::unlink((folder + "/" + entry->d_name).c_str());
    ::closedir(directory);
  }
  ::rmdir(folder.c_str());
}

static const RondoEntry &entry(const char *name) {
  for (int64_t i = 0; i < rondo_program.num_entries; ++i)
    if (std::string_view(rondo_program.entries[i].name) == name)
      return rondo_program.entries[i];
  std::abort();
}

/// Unsorted ragged rows come back in their own order, with zeros in the padding.
static void testRows() {
  EntryCaller scale(entry("scale"));
  float x[3][4][2], s[3] = {2, 3, 4};
  for (int b = 0; b < 3; ++b)
    for (int t = 0; t < 4; ++t)
      for (int k = 0; k < 2; ++k)
        x[b][t][k] = static_cast<float>(100 * b + 10 * t + k);
  float y[3][3][2];
  int64_t seen[3];
  const void *arguments[] = {x, s};
  void *results[] = {y, seen};
  CallShape shape = {{3, 4}, {{}, {1, 4, 2}}};
  CHECK_OK(scale.call(shape, arguments, results));
  for (int b = 0; b < 3; ++b) {
    int64_t length = shape.lengths[1][static_cast<size_t>(b)];
    CHECK(seen[b] == length);
    for (int t = 0; t < 3; ++t)
      for (int k = 0; k < 2; ++k)
        CHECK(y[b][t][k] == (t < length - 1 ? s[b] * x[b][t + 1][k] : 0));
  }
  // A dim T - 1 has no size for an empty example.
  shape.lengths[1] = {1, 0, 2};
  CHECK_FAILS(scale.call(shape, arguments, results), "T - 1, would be -1 in example 1");
  shape.lengths[1] = {1, 5, 2};
  CHECK_FAILS(scale.call(shape, arguments, results),
              "lengths.T of example 1 is 5, expected 0 to 4");
  shape.lengths[1] = {1, 2};
  CHECK_FAILS(scale.call(shape, arguments, results), "2 lengths of T for 3 examples");
  CallShape none = {{0, 4}, {{}, {}}};
  CHECK_FAILS(scale.call(none, arguments, results), "no examples");
  CHECK_FAILS(EntryCaller(entry("scale"), true).call(shape, arguments, results),
              "not compiled in double precision");
}

/// What a call may keep of the parameters is valid for the next call with the same version of them.
static void testCache() {
  static const RondoValue valid = {RONDO_RESULT, RONDO_I64, "valid", 0, nullptr, 0, 0,
                                   {},           0,         nullptr};
  RondoEntry cached = {};
  cached.name = "cached";
  cached.sorted_by = -1;
  cached.num_results = 1;
  cached.results = &valid;
  cached.cache_bytes = 8;
  cached.code = [](const RondoCall *call, int64_t) {
    auto *kept = static_cast<int64_t *>(call->cache);
    *kept = call->is_cache_valid ? *kept + 1 : 0;
    *static_cast<int64_t *>(call->results[0]) = *kept;
  };
  EntryCaller caller(cached);
  CHECK(caller.cacheBytes() == 8 && EntryCaller(cached, true).cacheBytes() == 0);
  auto calls = [&](int64_t version) {
    alignas(64) int64_t kept = -1;
    void *results[] = {&kept};
    CHECK_OK(caller.call({}, nullptr, results, version));
    return kept;
  };
  CHECK(calls(1) == 0 && calls(1) == 1 && calls(1) == 2);
  CHECK(calls(2) == 0 && calls(2) == 1);
  CHECK(calls(0) == 0 && calls(0) == 0);
  CHECK(calls(2) == 0);
}

/// A ragged batch gives what its examples give alone, and failures name the caller's row.
static void testLoss() {
  Session session(rondo_program, nullptr, true);
  CHECK_OK(session.initialise(7));
  int32_t tokens[3][3] = {{5, -9, 12345}, {1, 2, 3}, {250, 4, -1}};
  int32_t targets[3][3] = {{1, 77777, -1}, {2, 3, 4}, {4, 6, 256}};
  double table[65536], zeros[256], together[3], alone[1];
  for (int64_t i = 0; i < 65536; ++i)
    table[i] = session.parameters[0].get(i);
  for (double &zero : zeros)
    zero = 0;
  EntryCaller loss(entry("loss"), true);
  const void *arguments[] = {table, zeros, tokens, targets};
  void *results[] = {together};
  CallShape shape = {{3, 3}, {{}, {1, 3, 2}}};
  CHECK_OK(loss.call(shape, arguments, results));
  for (size_t b = 0; b < 3; ++b) {
    const void *one[] = {table, zeros, tokens[b], targets[b]};
    void *result[] = {alone};
    int64_t length = shape.lengths[1][b];
    CHECK_OK(loss.call({{1, length}, {{}, {length}}}, one, result));
    CHECK(together[b] == alone[0]);
  }
  shape.lengths[1] = {2, 3, 2};
  CHECK_FAILS(loss.call(shape, arguments, results),
              "'tokens' of example 0 is -9 at position [1], expected 0 to 255");
  shape.lengths[1] = {1, 3, 3};
  CHECK_FAILS(loss.call(shape, arguments, results), "'tokens' of example 2 is -1 at position [2]");
  shape.lengths[1] = {0, 3, 2};
  CHECK_FAILS(loss.call(shape, arguments, results),
              "'loss' stopped in example 0: a mean over no elements");
}

/// Symbols are found from sizes; contradictions name both sides.
static void testShapes() {
  const RondoEntry &loss = entry("loss"), &scale = entry("scale");
  CallShape shape;
  auto solve = [&](const RondoEntry &of, std::vector<std::vector<int64_t>> sizes) {
    std::vector<GivenSizes> given;
    for (int64_t i = 0; i < of.num_arguments && given.size() < sizes.size(); ++i)
      if (of.arguments[i].role == RONDO_INPUT)
        given.push_back({&of.arguments[i], sizes[given.size()]});
    return solveShape(of, given, {-1, -1}, shape);
  };
  CHECK_OK(solve(loss, {{2, 7}, {2, 7}}));
  CHECK(shape.dims[0] == 2 && shape.dims[1] == 7 && shape.lengths[1].size() == 2);
  CHECK_FAILS(solve(loss, {{2, 7}, {2, 8}}),
              "dim 1 of 'targets' has size 8, expected T = 7, where T is 7 (from 'tokens', dim 1)");
  CHECK_FAILS(solve(loss, {{2, 7}, {3, 7}}), "where B is 2");
  CHECK_FAILS(solve(loss, {{2}, {2, 7}}), "has sizes [2], expected idx<256>[B, T]");
  CHECK_FAILS(solve(scale, {{2, 7, 3}, {2}}), "dim 2 of 'x' has size 3, expected 2");
  // 2 * (T floordiv 2) + 1 - B, as text and as a value.
  RondoDimTerm inner = {1, 1, 0, {0, 0, nullptr}};
  RondoDimTerm terms[] = {{2, 0, 2, {0, 1, &inner}}, {-1, 0, 0, {0, 0, nullptr}}};
  RondoDim dim = {1, 2, terms};
  int64_t values[] = {3, 7};
  CHECK(evaluateDim(dim, values) == 4);
  CHECK(dimText(loss, dim) == "2 * ((T) floordiv 2) - B + 1");
}

void testCall() {
  testRows();
  testCache();
  testLoss();
  testShapes();
}

void testInitialise() {
  const int64_t sizes[] = {2, 6, 4}, wide[] = {3, 5};
  const double gain[] = {2}, range[] = {-3, 5};
  Array array, other;
  RondoParameter orthogonal = {"cell.U", RONDO_F64, 3, sizes, "orthogonal", 1, gain};
  CHECK_OK(initialiseParameter(orthogonal, 1, RONDO_F64, array));
  double worst = 0;
  for (int copy = 0; copy < 2; ++copy) // columns are the smaller side
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) {
        double dot = 0;
        for (int r = 0; r < 6; ++r)
          dot += array.get(copy * 24 + r * 4 + i) * array.get(copy * 24 + r * 4 + j);
        worst = std::fmax(worst, std::fabs(dot - (i == j ? 4 : 0)));
      }
  CHECK(worst <= 1e-13);
  RondoParameter rows = {"cell.V", RONDO_F64, 2, wide, "orthogonal", 0, nullptr};
  CHECK_OK(initialiseParameter(rows, 1, RONDO_F64, array));
  double dot = 0, square = 0;
  for (int i = 0; i < 5; ++i) {
    dot += array.get(i) * array.get(5 + i);
    square += array.get(i) * array.get(i);
  }
  CHECK(std::fabs(dot) <= 1e-14 && std::fabs(square - 1) <= 1e-14);

  RondoParameter glorot = {"W", RONDO_F32, 3, sizes, "glorot", 0, nullptr};
  CHECK_OK(initialiseParameter(glorot, 3, RONDO_F32, array));
  CHECK_OK(initialiseParameter(glorot, 3, RONDO_F64, other));
  double most = 0, bound = std::sqrt(6.0 / 10);
  for (int64_t i = 0; i < array.elements(); ++i) {
    most = std::fmax(most, std::fabs(array.get(i)));
    CHECK(array.get(i) == static_cast<double>(static_cast<float>(other.get(i))));
  }
  CHECK(most <= bound && most > 0.8 * bound);
  RondoParameter uniform = {"W", RONDO_F32, 3, sizes, "uniform", 2, range};
  CHECK_OK(initialiseParameter(uniform, 3, RONDO_F32, array));
  for (int64_t i = 0; i < array.elements(); ++i)
    CHECK(array.get(i) > -3 && array.get(i) < 5);
  RondoParameter constant = {"b", RONDO_F32, 3, sizes, "constant", 1, gain};
  CHECK_OK(initialiseParameter(constant, 3, RONDO_F32, array));
  CHECK(array.get(0) == 2 && array.get(47) == 2);
  RondoParameter unknown = {"b", RONDO_F32, 3, sizes, "magic", 0, nullptr};
  CHECK_FAILS(initialiseParameter(unknown, 3, RONDO_F32, array), "unknown initialiser 'magic'");
}

int main() {
  testCall();
  testAllocations();
  testTeam();
  testInitialise();
  testJson();
  testSafetensors();
  testPipes();
  testNpz();
  testOutput();
  testCommands();
  testDevice();
  testTraining();
  testResume();
  testEmulator();
  testEmulatorFaults();
  removeScratch();
  std::printf("%s: %d of %d checks failed\n", failures ? "FAIL" : "PASS", failures, checks);
  return failures != 0;
}
