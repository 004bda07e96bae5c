// Calls like the one before allocate nothing. The linker gives every malloc of this program and of
// the runtime to the counters below (--wrap); operator new goes the same way.
#include "Runtime/Data.h"
#include "Runtime/Emulator.h"
#include "Runtime/File.h"
#include "Runtime/Output.h"
#include "Runtime/Place.h"
#include "Runtime/TrainingStep.h"
#include "Unit.h"

#include <cstdlib>
#include <new>

using namespace rondo;

static int64_t allocations = 0;

extern "C" {
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
int __real_posix_memalign(void **pointer, size_t alignment, size_t bytes);

void *__wrap_malloc(size_t bytes) {
  ++allocations;
  return __real_malloc(bytes);
}
void *__wrap_calloc(size_t count, size_t bytes) {
  ++allocations;
  return __real_calloc(count, bytes);
}
void *__wrap_realloc(void *old, size_t bytes) {
  ++allocations;
  return __real_realloc(old, bytes);
}
int __wrap_posix_memalign(void **pointer, size_t alignment, size_t bytes) {
  ++allocations;
  return __real_posix_memalign(pointer, alignment, bytes);
}
}

void *operator new(size_t bytes) {
  if (void *pointer = std::malloc(bytes))
    return pointer;
  std::abort();
}
void *operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void *pointer) noexcept { std::free(pointer); }
void operator delete[](void *pointer) noexcept { std::free(pointer); }
void operator delete(void *pointer, size_t) noexcept { std::free(pointer); }
void operator delete[](void *pointer, size_t) noexcept { std::free(pointer); }

/// Allocations of `times` runs of `work`.
template <typename Work> static int64_t countAllocations(int times, Work work) {
  int64_t before = allocations;
  for (int i = 0; i < times; ++i)
    work();
  return allocations - before;
}

/// The first call allocates, which shows that the counters count; the following do not, though
/// lengths, row order and contents change.
static void testCaller(const RondoEntry &scale) {
  EntryCaller caller(scale);
  alignas(64) float x[3 * 4 * 2 + 1], s[3] = {2, 3, 4}, y[3 * 3 * 2];
  for (int i = 0; i < 25; ++i)
    x[i] = static_cast<float>(i);
  int64_t seen[3], call = 0;
  CallShape shape = {{3, 4}, {{}, {1, 4, 2}}};
  auto run = [&] {
    // Memory that is not aligned is copied in every other call.
    const void *arguments[] = {x + call % 2, s};
    void *results[] = {y, seen};
    shape.lengths[1][static_cast<size_t>(call % 3)] = 1 + call % 4;
    CHECK_OK(caller.call(shape, arguments, results));
    ++call;
  };
  CHECK(countAllocations(1, run) > 0);
  countAllocations(11, run);
  CHECK(countAllocations(100, run) == 0);
}

/// Indices as 64 bits, lengths, scalars and ordinals by name.
static void testPrepared(Session &session, const RondoEntry &generate) {
  Array prompt, lengths;
  CHECK_OK(prompt.allocate(RONDO_I64, {3, 5}));
  CHECK_OK(lengths.allocate(RONDO_I64, {3}));
  prompt.fill(7);
  Feed feed;
  feed.arrays["prompt"] = &prompt;
  feed.arrays["lengths.P"] = &lengths;
  feed.scalars["n"] = 2;
  PreparedCall call;
  auto run = [&] {
    ++feed.seed;
    for (int64_t row = 0; row < 3; ++row)
      lengths.data<int64_t>()[row] = 1 + (feed.seed + row) % 5;
    CHECK_OK(call.run());
  };
  CHECK_OK(call.prepare(session, generate, feed));
  CHECK(countAllocations(1, run) > 0);
  countAllocations(11, run);
  CHECK(countAllocations(100, run) == 0);
  CHECK(call.results[0].sizes() == std::vector<int64_t>({3, 2}));
  // What is bound by name may change its size and its value.
  CHECK_OK(prompt.allocate(RONDO_I64, {3, 6}));
  prompt.fill(8);
  feed.scalars["n"] = 4;
  CHECK_OK(call.run());
  CHECK(call.shape().dims[1] == 6 && call.results[0].sizes() == std::vector<int64_t>({3, 4}));
  feed.scalars["n"] = 1.5;
  CHECK_FAILS(call.run(), "'n' is 1.5, expected a count");
}

/// Steps of training with fresh windows of a text, started and their losses taken when they are
/// there.
static void testSteps(Session &session) {
  std::string path = scratchFolder() + "/allocations.txt", text;
  for (int i = 0; i < 500; ++i)
    text += static_cast<char>('a' + i * i % 23);
  CHECK_OK(writeFile(path, {text}));
  TextData data;
  CHECK_OK(data.open(path, *rondo_program.train, 9));
  TrainingStep step;
  CHECK_OK(step.find(session, *rondo_program.train));
  int64_t number = 0;
  double loss = 0, first = 0;
  auto run = [&] {
    CHECK_OK(data.sample(0, number, 4));
    CHECK_OK(data.feed(*step.gradient, step.gradientFeed));
    CHECK_OK(step.start(session, 0, number++));
    std::optional<double> known;
    CHECK_OK(step.takeLoss(false, known));
    loss = known.value_or(loss);
  };
  CHECK(countAllocations(1, run) > 0);
  first = loss;
  countAllocations(2, run);
  CHECK(countAllocations(30, run) == 0);
  CHECK(loss < first);
}

/// A launch takes the stacks and threads of the one before.
static void testLaunches() {
  static const RondoSource source = {"kernel", 1, 1};
  RondoKernel kernel = {"k", 64, 512, 0, 1, 0, nullptr};
  kernel.emulated = [](RondoThread *thread, const RondoCall *, const int64_t *) {
    thread->emulator->copy_async(thread, static_cast<int64_t *>(thread->shared) + thread->thread,
                                 nullptr, 8, &source);
    thread->emulator->grid_barrier(thread, &source);
  };
  Emulator emulator;
  CHECK_OK(emulator.open());
  auto run = [&] { CHECK_OK(emulator.launch(kernel, 3, nullptr, nullptr)); };
  CHECK(countAllocations(1, run) > 0);
  CHECK(countAllocations(100, run) == 0);
}

void testAllocations() {
  Session session(rondo_program);
  CHECK_OK(session.initialise(1));
  testLaunches();
  testCaller(*session.find("scale"));
  testPrepared(session, *session.find("generate"));
  testSteps(session);
  RondoProgram program = rondo_program;
  program.device = &handwrittenEmulated;
  std::unique_ptr<Device> device;
  CHECK_OK(openDevice(program, 0, device));
  Session onDevice(program, device.get());
  CHECK_OK(onDevice.initialise(1));
  testPrepared(onDevice, *onDevice.find("generate"));
  testSteps(onDevice);
}
