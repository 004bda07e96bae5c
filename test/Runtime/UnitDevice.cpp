// Calls on a device: copies that do not wait, arrays that are in two places, and every command with
// emulated kernels, which must give what the host gives.
#include "Runtime/Data.h"
#include "Runtime/Device.h"
#include "Runtime/File.h"
#include "Runtime/Output.h"
#include "Runtime/Place.h"
#include "Runtime/TrainingStep.h"
#include "Unit.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <set>
#include <utility>

using namespace rondo;

namespace {
/// Does what is queued when it must, and no earlier.
class LazyDevice : public Device {
public:
  ~LazyDevice() override { freeStaging(); }
  std::string name() const override { return "lazy"; }
  Status memory(DeviceMemory &memory) override {
    memory = {1000, 1000};
    return {};
  }
  double peakFlops(int32_t) const override { return 0; }
  Status allocate(size_t bytes, void *&address) override {
    address = bytes <= most ? std::malloc(bytes) : nullptr;
    return {};
  }
  void free(void *address) override { std::free(address); }
  Status allocateHost(size_t bytes, void *&address) override {
    address = std::malloc(bytes);
    return {};
  }
  void freeHost(void *address) override { std::free(address); }
  Status queueToDevice(void *to, const void *from, size_t bytes) override {
    queue.push_back([=] { std::memcpy(to, from, bytes); });
    return {};
  }
  Status queueToHost(void *to, const void *from, size_t bytes) override {
    return queueToDevice(to, from, bytes);
  }
  Status clear(void *to, size_t bytes) override {
    queue.push_back([=] { std::memset(to, 0, bytes); });
    return {};
  }
  Status copyToHost(void *to, const void *from, size_t bytes) override {
    RONDO_TRY(queueToHost(to, from, bytes));
    return wait();
  }
  Status makeEvent(Event &event) override {
    event = new size_t(0);
    return {};
  }
  void freeEvent(Event event) override { delete static_cast<size_t *>(event); }
  Status record(Event event) override {
    *static_cast<size_t *>(event) = done + queue.size();
    return {};
  }
  Status isDone(Event event, bool &isDone) override {
    isDone = *static_cast<size_t *>(event) <= done;
    return {};
  }
  Status waitFor(Event event) override {
    ++waits;
    advance(*static_cast<size_t *>(event));
    return {};
  }
  Status wait() override {
    advance(done + queue.size());
    return {};
  }
  void launch(int64_t, const RondoCall *, const int64_t *, int64_t) override {}

  size_t most = size_t(1) << 30;
  int waits = 0;

private:
  void advance(size_t until) {
    for (; done < until; ++done) {
      queue.front()();
      queue.pop_front();
    }
  }
  std::deque<std::function<void()>> queue;
  size_t done = 0;
};
} // namespace

/// What is copied arrives, though it is overwritten at once and waits for nothing while there is
/// room.
static void testCopies() {
  LazyDevice device;
  std::vector<char> onDevice(size_t(64) << 20), expected(onDevice.size()), scratch(onDevice.size());
  size_t at = 0;
  uint64_t random = 1;
  for (int i = 0; i < 3000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    size_t bytes = (random >> 33) % (i % 100 == 99 ? 9000000 : i % 3 ? 300 : 30000) + 1;
    if (at + bytes > onDevice.size())
      at = 0;
    for (size_t k = 0; k < bytes; k += 7)
      scratch[k] = static_cast<char>(random >> (k % 50));
    std::memcpy(expected.data() + at, scratch.data(), bytes);
    CHECK_OK(device.copyToDevice(onDevice.data() + at, scratch.data(), bytes));
    std::memset(scratch.data(), 0x55, bytes);
    at += bytes;
    if (i == 90)
      CHECK(device.waits == 0); // about a megabyte so far
  }
  CHECK(device.waits > 0);
  CHECK_OK(device.wait());
  CHECK(onDevice == expected);
}

static void testLanding() {
  LazyDevice device;
  Landing landing;
  CHECK_OK(landing.make(device));
  double values[2] = {0, 0}, sent = 3;
  CHECK_OK(device.copyToDevice(&values[1], &sent, sizeof(sent)));
  CHECK_OK(landing.add(values, sizeof(values), 8));
  CHECK_OK(landing.start());
  bool arrived = true;
  CHECK_OK(landing.hasArrived(arrived));
  CHECK(!arrived);
  CHECK_OK(landing.wait());
  CHECK_OK(landing.hasArrived(arrived));
  CHECK(arrived && static_cast<const double *>(landing.data())[2] == 3);
}

/// Each side sees what the other wrote last.
static void testResidency() {
  LazyDevice device;
  Array array;
  CHECK_OK(array.allocate(RONDO_F32, {3}));
  array.fill(2);
  CHECK(array.isOnHost() && !array.isOnDevice());
  CHECK_OK(array.provideOn(device));
  array.set(1, 7); // after the copy was queued
  CHECK(!array.isOnDevice());
  CHECK_OK(device.wait());
  CHECK(static_cast<float *>(array.onDeviceData())[1] == 2);
  CHECK_OK(array.provideOn(device));
  CHECK_OK(device.wait());
  CHECK(static_cast<float *>(array.onDeviceData())[1] == 7 && array.isOnHost());
  const int64_t sizes[] = {2};
  CHECK_OK(array.allocateOn(device, RONDO_F64, sizes));
  CHECK(!array.isOnHost() && array.isOnDevice());
  static_cast<double *>(array.onDeviceData())[0] = 11;
  CHECK(array.get(0) == 11);
  CHECK(array.isOnHost() && array.isOnDevice());
  Array other;
  other.swap(array);
  CHECK(other.isOnDevice() && !array.isOnDevice() && other.get(0) == 11);
  device.most = 100;
  const int64_t many[] = {10, 10};
  CHECK_FAILS(array.allocateOn(device, RONDO_F32, many),
              "an array of sizes [10, 10] takes 400 bytes, but lazy has 1000 bytes free");
  CHECK_OK(array.allocate(RONDO_F32, many));
  CHECK_FAILS(array.provideOn(device), "an array of sizes [10, 10] takes 400 bytes, but lazy");
}

static RondoProgram emulatedProgram() {
  RondoProgram program = rondo_program;
  program.device = &handwrittenEmulated;
  return program;
}

/// Rows out of order, padding, checks, and calls with raw memory.
static void testCaller() {
  RondoProgram program = emulatedProgram();
  std::unique_ptr<Device> device;
  CHECK_OK(openDevice(program, 0, device));
  EntryCaller scale(rondo_program.entries[4], false, nullptr, device.get());
  float x[3][4][2], s[] = {1, 2, 3}, y[3][3][2];
  int64_t seen[3];
  for (int b = 0; b < 3; ++b)
    for (int i = 0; i < 8; ++i)
      x[b][i / 2][i % 2] = static_cast<float>(10 * b + i);
  const void *arguments[] = {x, s};
  void *results[] = {y, seen};
  for (int64_t first : {1, 4, 2}) {
    CallShape shape = {{3, 4}, {{}, {first, 4, 2}}};
    CHECK_OK(scale.call(shape, arguments, results));
    for (int b = 0; b < 3; ++b) {
      CHECK(seen[b] == shape.lengths[1][static_cast<size_t>(b)]);
      for (int i = 0; i < 6; ++i)
        CHECK(y[b][i / 2][i % 2] == (i < 2 * (seen[b] - 1) ? s[b] * x[b][i / 2 + 1][i % 2] : 0));
    }
  }
  // The example that fails is named in the caller's order, and calls can go on after it.
  Session session(program, device.get());
  CHECK_OK(session.initialise(1));
  Array tokens, lengths;
  CHECK_OK(tokens.allocate(RONDO_I32, {3, 4}));
  CHECK_OK(lengths.allocate(RONDO_I64, {3}));
  tokens.fill(5);
  Feed feed;
  feed.arrays = {{"tokens", &tokens}, {"targets", &tokens}, {"lengths.T", &lengths}};
  PreparedCall loss;
  CHECK_OK(loss.prepare(session, *session.find("loss"), feed));
  for (int64_t empty = 0; empty < 4; ++empty) {
    for (int64_t row = 0; row < 3; ++row)
      lengths.set(row, row == empty ? 0 : 1 + static_cast<double>(row));
    std::string text = "'loss' stopped in example " + std::to_string(empty) + ": a mean over no";
    if (empty < 3)
      CHECK_FAILS(loss.run(), text.c_str());
    else
      CHECK_OK(loss.run());
  }
  CHECK(loss.results[0].get(0) > 5 && loss.results[0].get(2) < 6);
  // A result is the next call's argument without a way back; a host's copy is made when asked for.
  CHECK(session.parameters[0].isOnDevice() && session.parameters[0].isOnHost());
  CHECK_FAILS(EntryCaller(rondo_program.entries[4], true, nullptr, device.get())
                  .call({{1, 1}, {{}, {1}}}, arguments, results),
              "'scale' was not compiled in double precision");
}

/// Steps of training stay on the device, and their losses come in order.
static void testSteps() {
  RondoProgram program = emulatedProgram();
  std::unique_ptr<Device> device;
  CHECK_OK(openDevice(program, 0, device));
  std::string path = scratchFolder() + "/steps.txt", text;
  for (int i = 0; i < 500; ++i)
    text += static_cast<char>('a' + i * i % 23);
  CHECK_OK(writeFile(path, {text}));
  double losses[2][6];
  for (Device *on : {static_cast<Device *>(nullptr), device.get()}) {
    Session session(program, on);
    CHECK_OK(session.initialise(1));
    TextData data;
    CHECK_OK(data.open(path, *program.train, 9));
    TrainingStep step;
    CHECK_OK(step.find(session, *program.train));
    for (int64_t number = 0; number < 6; ++number) {
      CHECK_OK(data.sample(0, number, 4));
      CHECK_OK(data.feed(*step.gradient, step.gradientFeed));
      CHECK_OK(step.start(session, 0, number));
      if (on && number > 0)
        CHECK(!session.parameters[0].isOnHost());
    }
    std::optional<double> loss;
    for (double &known : losses[on != nullptr]) {
      CHECK_OK(step.takeLoss(true, loss));
      known = loss ? *loss : 0;
    }
    CHECK_OK(step.takeLoss(true, loss));
    CHECK(!loss);
    CHECK(session.parameters[0].get(7) != 0);
  }
  for (int i = 0; i < 6; ++i)
    CHECK(losses[0][i] == losses[1][i] && losses[0][i] > 1);
}

namespace {
/// Records launches, which do nothing, and looks whether the calls that they are given still exist.
class RecordingDevice final : public LazyDevice {
public:
  Status allocate(size_t bytes, void *&address) override {
    RONDO_TRY(LazyDevice::allocate(bytes, address));
    live.insert(address);
    return {};
  }
  void free(void *address) override {
    live.erase(address);
    gone.emplace_back(address, std::free); // so that no other array is there
  }
  void launch(int64_t, const RondoCall *call, const int64_t *, int64_t) override {
    if (recorded)
      recorded->insert(call);
    CHECK(live.count(call));
  }
  bool startGraph() override {
    recorded = new std::set<const void *>;
    return true;
  }
  Graph endGraph() override { return std::exchange(recorded, nullptr); }
  Status queueGraph(Graph graph) override {
    ++queued;
    for (const void *call : *static_cast<std::set<const void *> *>(graph))
      CHECK(live.count(call));
    return {};
  }
  void freeGraph(Graph graph) override { delete static_cast<std::set<const void *> *>(graph); }

  int queued = 0;

private:
  std::set<const void *> live, *recorded = nullptr;
  std::vector<std::unique_ptr<void, void (*)(void *)>> gone;
};
} // namespace

/// Graphs are launched again for calls of the same sizes, but not where what they are told of the
/// call has moved since, because a larger call came between.
static void testRecordings() {
  RondoProgram program = emulatedProgram();
  RecordingDevice device;
  Session session(program, &device);
  CHECK_OK(session.initialise(1));
  Array tokens;
  Feed feed;
  feed.arrays = {{"tokens", &tokens}, {"targets", &tokens}};
  PreparedCall gradient;
  CHECK_OK(tokens.allocate(RONDO_I32, {4, 4}));
  CHECK_OK(gradient.prepare(session, *session.find("loss.grad"), feed));
  for (int64_t rows : {4, 4, 4, 300, 4, 4}) {
    CHECK_OK(tokens.allocate(RONDO_I32, {rows, 4}));
    tokens.fill(5);
    CHECK_OK(gradient.run());
    if (rows > 4)
      CHECK(device.queued == 1); // by the third call: the second one finds the cache filled
  }
  CHECK(device.queued == 2);
}

/// The same files and the same words with and without the device.
static void testOnDevice() {
  RondoProgram program = emulatedProgram();
  std::string text = scratchFolder() + "/device.txt", saved[2], shown[2];
  std::string words;
  for (int i = 0; i < 100; ++i)
    words += "to be or not to be\n";
  CHECK_OK(writeFile(text, {words}));
  for (int on = 0; on < 2; ++on) {
    std::string weights = scratchFolder() + (on ? "/w.cuda" : "/w.cpu");
    auto run = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), {"--device", on ? "cuda" : "cpu"});
      Outcome outcome = runOn(program, arguments);
      check(outcome.status == 0 && outcome.err.empty(), arguments[0].c_str(), __FILE__, __LINE__,
            outcome.out + outcome.err);
      return outcome.out;
    };
    run({"train", "--data", text, "--steps", "40", "--save", weights, "--batch", "3"});
    CHECK_OK(readFile(weights, saved[on]));
    shown[on] = run({"eval", "--data", text, "--weights", weights}) +
                run({"generate", "--weights", weights, "-n", "20"}) +
                run({"gradcheck", "--weights", weights, "--elements", "2"});
    run({"bench", "loss", "--grad", "--set", "B=2", "--set", "T=3", "--repeat", "3"});
    run({"bench", "--train", "--set", "B=2", "--set", "T=3", "--repeat", "3"});
  }
  CHECK(saved[0] == saved[1] && saved[0].size() > 1000);
  CHECK(shown[0] == shown[1]);

  auto refuses = [&](const RondoProgram &of, const char *device, const char *message) {
    Outcome outcome = runOn(of, {"eval", "--device", device, "--data", text, "--weights", "x"});
    check(outcome.status == 1 && outcome.err.find(message) != std::string::npos &&
              outcome.err.find('\n') == outcome.err.size() - 1,
          message, __FILE__, __LINE__, outcome.err);
  };
  refuses(program, "gpu", "--device is 'gpu', expected cpu, cuda, cuda:N or auto");
  refuses(program, "cuda:-1", "--device is 'cuda:-1', expected");
  refuses(program, "cuda:1", "--device is 'cuda:1', the emulated device is number 0");
  refuses(rondo_program, "cuda", "--device is 'cuda', this program was compiled for the cpu");

  // A program for a device only: no code for the host anywhere.
  std::vector<RondoEntry> entries(program.entries, program.entries + program.num_entries);
  for (RondoEntry &entry : entries) {
    entry.code = entry.code_f64 = nullptr;
    entry.arena = entry.arena_f64 = nullptr;
  }
  program.entries = entries.data();
  refuses(program, "cpu", "--device is 'cpu', this program was compiled for cuda");
  std::string weights = scratchFolder() + "/w.only", bytes;
  CHECK(
      runOn(program, {"train", "--data", text, "--steps", "40", "--save", weights, "--batch", "3"})
          .status == 0);
  CHECK_OK(readFile(weights, bytes));
  CHECK(bytes == saved[0]);
  CHECK(runOn(program, {"gradcheck", "--elements", "1"}).status == 0);
  Outcome outcome = runOn(program, {"info", "--set", "B=4", "--set", "T=8"});
  CHECK(outcome.status == 0 &&
        outcome.out.find("memory 526884 bytes: arena 288") != std::string::npos &&
        outcome.out.find("targets: cuda (emulated, 12 kernels)\n") != std::string::npos);
}

/// Training with another kernel in the place of number `kernel` stops with one line that has
/// `text`, before anything is written.
static void stops(int kernel, RondoEmulatedKernel wrong, const char *text) {
  RondoKernel kernels[12];
  std::memcpy(kernels, handwrittenEmulated.kernels, sizeof(kernels));
  kernels[kernel].emulated = wrong;
  RondoDeviceCode code = handwrittenEmulated;
  code.kernels = kernels;
  RondoProgram program = rondo_program;
  program.device = &code;
  std::string data = scratchFolder() + "/fault.txt", weights = scratchFolder() + "/w.fault", bytes;
  CHECK_OK(writeFile(data, {std::string(400, 'x')}));
  Outcome outcome = runOn(
      program, {"train", "--data", data, "--steps", "4", "--save", weights, "--device", "cuda"});
  check(outcome.status == 1 && outcome.err.find(text) != std::string::npos &&
            outcome.err.find('\n') == outcome.err.size() - 1,
        text, __FILE__, __LINE__, outcome.err);
  CHECK(readFile(weights, bytes).failed());
}

static void testFaults() {
  stops(
      2,
      [](RondoThread *thread, const RondoCall *call, const int64_t *) {
        static const RondoSource source = {"bigram.rondo", 7, 3};
        thread->emulator->access(thread, static_cast<float *>(call->results[2]) + 256, 4, 1,
                                 &source);
      },
      "bigram.rondo:7:3");
  // A check that fails in a step whose update is under way already.
  stops(
      1,
      [](RondoThread *thread, const RondoCall *call, const int64_t *) {
        if (thread->thread == 0 && thread->block == 0)
          *call->failure = {0, 2};
      },
      "'loss.grad' stopped in example 2: a mean over no elements");
}

void testDevice() {
  testCopies();
  testLanding();
  testResidency();
  testCaller();
  testSteps();
  testRecordings();
  testOnDevice();
  testFaults();
}
