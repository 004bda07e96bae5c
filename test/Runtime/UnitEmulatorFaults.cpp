// The emulator's messages: every kind of planted fault is found in any order of the threads, and a
// device is as good as new after it.
#include "UnitKernels.h"

using namespace rondo;
using namespace rondo::kernels;

Device::Device(uint64_t seed) : emulator({.seed = seed}) {
  CHECK_OK(emulator.open());
  call = static_cast<RondoCall *>(emulator.allocate(sizeof(RondoCall)));
  arguments = static_cast<void **>(emulator.allocate(sizeof(void *)));
  *call = {};
  call->arguments = arguments;
  call->arena = emulator.allocate(bytes);
  *arguments = emulator.allocate(bytes);
}

Status Device::launch(const Kernel &kernel, int64_t blocks, const int64_t *numbers) {
  RondoKernel whole = {
      "k", kernel.threads, kernel.sharedBytes, kernel.takesRest, kernel.isCooperative,
      2,   kernel.code};
  return emulator.launch(whole, blocks, call, numbers);
}

static bool contains(const Status &status, const std::string &text) {
  return status.failed() && status.message().find(text) != std::string::npos;
}

/// A kernel without faults: it reads and writes all of shared memory and of the arena.
static void fine(RondoThread *t, const RondoCall *call, const int64_t *) {
  Self self{t};
  auto *tile = static_cast<int64_t *>(t->shared);
  self.write(tile + t->thread, t->thread, HERE);
  self.barrier(HERE);
  self.write(at<int64_t>(call->arena, t->thread), self.read(tile + (t->thread ^ 33), HERE), HERE);
}

/// The message has all of these, in every order of the threads, and begins with one of the lines.
struct Expected {
  std::vector<std::string> texts;
  std::vector<int> lines;
};
static void expect(const Kernel &kernel, int64_t blocks, const Expected &expected, int line) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    Device device(seed);
    CHECK_OK(device.launch({fine, 64, 512}));
    Status status = device.launch(kernel, blocks);
    for (const std::string &text : expected.texts)
      check(contains(status, text), text.c_str(), __FILE__, line, "not in: " + status.message());
    bool names = false;
    for (int each : expected.lines)
      names |= status.message().starts_with("kernel:" + std::to_string(each) + ":1: kernel 'k': ");
    check(names, "the line comes first", __FILE__, line, status.message());
    // The same device goes on.
    CHECK_OK(device.launch({fine, 64, 512}));
  }
}
#define EXPECT(kernel, blocks, ...) expect(kernel, blocks, Expected(__VA_ARGS__), __LINE__)

static void testMissingBarriers() {
  static int write, read;
  RondoEmulatedKernel ofBlock = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    write = __LINE__ + 1;
    self.write(tile + t->thread, t->thread, HERE);
    read = __LINE__ + 1;
    int64_t other = self.read(tile + (t->thread + 1) % t->threads, HERE);
    self.write(at<int64_t>(call->arena, t->thread), other, HERE);
  };
  CHECK(Device(0).launch({ofBlock, 64, 512}).failed()); // for the lines
  EXPECT((Kernel{ofBlock, 64, 512}), 1,
         {{"race: thread ", " of block 0 ", "bytes of shared memory", "no barrier in between",
           "kernel:" + std::to_string(write) + ":1", "kernel:" + std::to_string(read) + ":1"},
          {write, read}});
  // Being of one warp is not enough.
  EXPECT((Kernel{ofBlock, 32, 256}), 1,
         {{"race: thread ", ", in the same warp, at kernel:"}, {write, read}});

  // A barrier at the end of a loop that is missing: the next round's write meets a read.
  RondoEmulatedKernel ofLoop = [](RondoThread *t, const RondoCall *, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    for (int64_t i = 0; i < 3; ++i) {
      write = __LINE__ + 1;
      self.write(tile + t->thread, t->thread, HERE);
      self.barrier(HERE);
      read = __LINE__ + 1;
      self.read(tile + (t->thread + 1) % t->threads, HERE);
    }
  };
  CHECK(Device(0).launch({ofLoop, 64, 512}).failed());
  EXPECT((Kernel{ofLoop, 64, 512}), 1,
         {{"race: ", "kernel:" + std::to_string(write) + ":1",
           "kernel:" + std::to_string(read) + ":1"},
          {write, read}});

  // Many have read it, one writes it.
  RondoEmulatedKernel afterAll = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    read = __LINE__ + 1;
    self.read(at<int64_t>(call->arena, 5), HERE);
    if (t->thread == 17) {
      write = __LINE__ + 1;
      self.write<int64_t>(at<int64_t>(call->arena, 5), 0, HERE);
    }
  };
  CHECK(Device(0).launch({afterAll}).failed());
  EXPECT((Kernel{afterAll}), 1, {{"race: ", " of 16384 bytes of global memory, "}, {write, read}});
}

static void testMissingGridBarrier() {
  static int write, read;
  // A barrier of the block orders the threads of each, but not those of two.
  RondoEmulatedKernel kernel = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    int64_t size = t->threads * t->blocks, number = t->block * t->threads + t->thread;
    write = __LINE__ + 1;
    self.write(at<int64_t>(call->arena, number), number, HERE);
    self.barrier(HERE);
    read = __LINE__ + 1;
    self.read(at<int64_t>(call->arena, (number + 1) % size), HERE);
  };
  CHECK_OK(Device(0).launch({kernel, 64, 0, false, true}, 1));
  for (bool isCooperative : {false, true})
    EXPECT((Kernel{kernel, 64, 0, false, isCooperative}), 3,
           {{"race: ", "kernel:" + std::to_string(write) + ":1",
             "kernel:" + std::to_string(read) + ":1"},
            {write, read}});

  static int line;
  RondoEmulatedKernel alone = [](RondoThread *t, const RondoCall *, const int64_t *) {
    line = __LINE__ + 1;
    Self{t}.gridBarrier(HERE);
  };
  CHECK_FAILS(Device(0).launch({alone}), "not launched cooperatively");
  CHECK(line > 0);
}

static void testBounds() {
  static int line;
  RondoEmulatedKernel global = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    line = __LINE__ + 1;
    Self{t}.read(at<float>(call->arena, Device::bytes / 4 - 63 + t->thread), HERE);
  };
  CHECK(Device(0).launch({global}).failed());
  EXPECT(
      (Kernel{global}), 1,
      {{"out of bounds: thread 63 of block 0 reads 4 bytes at byte 16384 of 16384 bytes"}, {line}});
  RondoEmulatedKernel before = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    line = __LINE__ + 1;
    Self{t}.read(at<float>(call->arena, -1 - t->thread), HERE);
  };
  CHECK(Device(0).launch({before}).failed());
  EXPECT((Kernel{before}), 1, {{"out of bounds", "bytes of global memory"}, {line}});
  RondoEmulatedKernel shared = [](RondoThread *t, const RondoCall *, const int64_t *) {
    line = __LINE__ + 1;
    Self{t}.write<double>(at<double>(t->shared, t->thread), 0, HERE);
  };
  CHECK(Device(0).launch({shared, 64, 508}).failed());
  EXPECT(
      (Kernel{shared, 64, 508}), 1,
      {{"out of bounds: thread 63 of block 0 writes 8 bytes at byte 504 of the block's 508 bytes "
        "of shared memory"},
       {line}});
  RondoEmulatedKernel others = [](RondoThread *t, const RondoCall *, const int64_t *) {
    line = __LINE__ + 1;
    Self{t}.write<int>(static_cast<char *>(t->shared) + (256 << 10), 0, HERE);
  };
  CHECK(Device(0).launch({others, 32, 508, false, true}, 2).failed());
  EXPECT((Kernel{others, 32, 508, false, true}), 2,
         {{"out of bounds", "another block's shared memory"}, {line}});
  RondoEmulatedKernel host = [](RondoThread *t, const RondoCall *, const int64_t *) {
    line = __LINE__ + 1;
    Self{t}.read(&line, HERE);
  };
  CHECK(Device(0).launch({host}).failed());
  EXPECT((Kernel{host}), 1, {{"out of bounds", "an address that is not the device's"}, {line}});
}

/// The stack of another thread is out of bounds, and so is memory that was given back.
static void testForeignMemory() {
  static int64_t *left;
  RondoEmulatedKernel stack = [](RondoThread *t, const RondoCall *, const int64_t *) {
    Self self{t};
    int64_t own = 0;
    if (t->thread == 0)
      left = &own;
    self.barrier(HERE);
    self.write<int64_t>(left, 1, HERE);
  };
  CHECK_FAILS(Device(3).launch({stack}), "an address that is not the device's");

  static void *freed;
  RondoEmulatedKernel late = [](RondoThread *t, const RondoCall *, const int64_t *) {
    Self{t}.read(static_cast<float *>(freed), HERE);
  };
  Device device(0);
  freed = device.emulator.allocate(64);
  CHECK_OK(device.launch({late}));
  device.emulator.free(freed);
  CHECK_FAILS(device.launch({late}), "out of bounds");
}

/// Bytes of one word are watched one by one, also before and after it was taken whole.
static void testBytesOfWords() {
  static int first, second;
  static bool isWhole;
  RondoEmulatedKernel kernel = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    self.write<uint8_t>(at<uint8_t>(call->arena, t->thread), 1, HERE);
    self.barrier(HERE);
    if (isWhole && t->thread % 4 == 0)
      self.write<uint32_t>(at<uint8_t>(call->arena, t->thread), 2, HERE);
    self.barrier(HERE);
    first = __LINE__ + 1;
    self.write<uint8_t>(at<uint8_t>(call->arena, t->thread), 3, HERE);
    second = __LINE__ + 2;
    if (t->thread == 7)
      self.write<uint8_t>(at<uint8_t>(call->arena, 6), 3, HERE);
  };
  for (bool whole : {false, true}) {
    isWhole = whole;
    CHECK(Device(0).launch({kernel}).failed());
    EXPECT((Kernel{kernel}), 1,
           {{"race: thread ", "writes 1 bytes at byte 6 of"}, {first, second}});
  }
}

static void testNotWritten() {
  static int line;
  RondoEmulatedKernel kernel = [](RondoThread *t, const RondoCall *, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    if (t->thread != 9)
      self.write(tile + t->thread, t->thread, HERE);
    self.barrier(HERE);
    line = __LINE__ + 1;
    self.read(tile + (t->thread + 1) % t->threads, HERE);
  };
  CHECK(Device(0).launch({kernel, 64, 512}).failed());
  EXPECT((Kernel{kernel, 64, 512}), 1,
         {{"not initialised: thread 8 of block 0 reads 8 bytes at byte 72 of the block's 512 bytes "
           "of shared memory, which nobody has written"},
          {line}});
  // What the block before has left does not count.
  EXPECT((Kernel{kernel, 64, 512}), 2, {{"not initialised: thread 8"}, {line}});
}

static void testCopyFaults() {
  static int copy, access;
  // Neither the thread itself nor, behind a barrier, another one may read what is under way.
  RondoEmulatedKernel noWait = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    copy = __LINE__ + 1;
    self.copy(tile + t->thread, at<int64_t>(call->arena, t->thread), 8, HERE);
    self.commit();
    self.wait(1);
    self.barrier(HERE);
    access = __LINE__ + 1;
    self.read(tile + t->thread / 2, HERE);
  };
  CHECK(Device(0).launch({noWait, 64, 512}).failed());
  EXPECT((Kernel{noWait, 64, 512}), 1,
         {{"missing wait: ", "under way", "kernel:" + std::to_string(copy) + ":1"}, {access}});
  // Without a commit there is no group to wait for.
  RondoEmulatedKernel noCommit = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    self.copy(tile + t->thread, at<int64_t>(call->arena, t->thread), 8, HERE);
    self.wait(0);
    access = __LINE__ + 1;
    self.read(tile + t->thread, HERE);
  };
  CHECK(Device(0).launch({noCommit, 64, 512}).failed());
  EXPECT((Kernel{noCommit, 64, 512}), 1, {{"missing wait: "}, {access}});
  // The thread's own wait is not enough for another one.
  RondoEmulatedKernel noBarrier = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    copy = __LINE__ + 1;
    self.copy(tile + t->thread, at<int64_t>(call->arena, t->thread), 8, HERE);
    self.commit();
    self.wait(0);
    access = __LINE__ + 1;
    self.read(tile + (t->thread ^ 1), HERE);
  };
  CHECK(Device(0).launch({noBarrier, 64, 512}).failed());
  EXPECT((Kernel{noBarrier, 64, 512}), 1, {{"race: "}, {copy, access}});
  // A copy into a tile that others may still read.
  RondoEmulatedKernel tooEarly = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<int64_t *>(t->shared);
    self.write(tile + t->thread, t->thread, HERE);
    self.barrier(HERE);
    access = __LINE__ + 1;
    self.read(tile + (t->thread ^ 1), HERE);
    copy = __LINE__ + 1;
    self.copy(tile + t->thread, at<int64_t>(call->arena, t->thread), 8, HERE);
  };
  CHECK(Device(0).launch({tooEarly, 64, 512}).failed());
  EXPECT((Kernel{tooEarly, 64, 512}), 1,
         {{"of block 0 ", "of the block's 512 bytes of shared memory, "}, {copy, access}});
  // The source is written before the copy has been waited for.
  RondoEmulatedKernel source = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    copy = __LINE__ + 1;
    self.copy(at<int64_t>(t->shared, t->thread), at<int64_t>(call->arena, t->thread), 8, HERE);
    self.commit();
    self.barrier(HERE);
    access = __LINE__ + 1;
    self.write<int64_t>(at<int64_t>(call->arena, t->thread ^ 1), 0, HERE);
    self.wait(0);
  };
  CHECK(Device(0).launch({source, 64, 512}).failed());
  EXPECT((Kernel{source, 64, 512}), 1, {{"race: "}, {copy, access}});
}

static void testWrongCopies() {
  auto launch = [](RondoEmulatedKernel kernel) { return Device(0).launch({kernel, 32, 64}); };
  CHECK_FAILS(launch([](RondoThread *t, const RondoCall *call, const int64_t *) {
                Self{t}.copy(at<float>(t->shared, 0), at<float>(call->arena, 1), 16, HERE);
              }),
              "copies 16 bytes asynchronously, but the addresses are no multiples");
  CHECK_FAILS(launch([](RondoThread *t, const RondoCall *call, const int64_t *) {
                Self{t}.copy(at<float>(call->arena, 0), at<float>(call->arena, 4), 16, HERE);
              }),
              "not from global to shared memory");
  CHECK_FAILS(launch([](RondoThread *t, const RondoCall *call, const int64_t *) {
                Self{t}.copy(t->shared, at<char>(call->arena, Device::bytes), 16, HERE);
              }),
              "of block 0 reads 16 bytes at byte 16384 of 16384 bytes of global memory");
}

static void testDivergence() {
  static int here, there;
  RondoEmulatedKernel finished = [](RondoThread *t, const RondoCall *, const int64_t *) {
    here = __LINE__ + 2;
    if (t->thread < 40)
      Self{t}.barrier(HERE);
  };
  CHECK(Device(0).launch({finished}).failed());
  EXPECT((Kernel{finished}), 1,
         {{"divergence: thread 0 of block 0 waits for its block, but thread 40 of block 0 has "
           "finished"},
          {here}});
  RondoEmulatedKernel elsewhere = [](RondoThread *t, const RondoCall *, const int64_t *) {
    here = __LINE__ + 2;
    if (t->thread < 40)
      Self{t}.barrier(HERE);
    there = __LINE__ + 2;
    if (t->thread >= 40)
      Self{t}.barrier(HERE);
  };
  CHECK(Device(0).launch({elsewhere}).failed());
  EXPECT((Kernel{elsewhere}), 1,
         {{"divergence: ", "waits for its block", "has come to kernel:"}, {here, there}});
  RondoEmulatedKernel shuffle = [](RondoThread *t, const RondoCall *, const int64_t *) {
    here = __LINE__ + 2;
    if (t->thread != 50)
      Self{t}.shuffle(1, 16, HERE);
    there = __LINE__ + 1;
    Self{t}.barrier(HERE);
  };
  CHECK(Device(0).launch({shuffle}).failed());
  EXPECT((Kernel{shuffle}), 1,
         {{"divergence: ", "waits for its ", " of block 0 waits for its ",
           "kernel:" + std::to_string(there) + ":1"},
          {here, there}});
  RondoEmulatedKernel mma = [](RondoThread *t, const RondoCall *, const int64_t *) {
    uint32_t zeros[4] = {};
    float c[4] = {};
    here = __LINE__ + 2;
    if (t->thread != 50)
      Self{t}.mma(RONDO_TF32, zeros, zeros, c, HERE);
  };
  CHECK(Device(0).launch({mma}).failed());
  EXPECT((Kernel{mma}), 1,
         {{"divergence: thread 32 of block 0 waits for its warp, but thread 50 of block 0 has "
           "finished"},
          {here}});
  RondoEmulatedKernel grid = [](RondoThread *t, const RondoCall *, const int64_t *) {
    here = __LINE__ + 2;
    if (t->block != 1)
      Self{t}.gridBarrier(HERE);
  };
  CHECK(Device(0).launch({grid, 32, 0, false, true}, 3).failed());
  EXPECT((Kernel{grid, 32, 0, false, true}), 3,
         {{"divergence: thread 0 of block 0 waits for the grid, but thread 0 of block 1 has "
           "finished"},
          {here}});
}

void testEmulatorFaults() {
  testMissingBarriers();
  testMissingGridBarrier();
  testBounds();
  testForeignMemory();
  testBytesOfWords();
  testNotWritten();
  testCopyFaults();
  testWrongCopies();
  testDivergence();
}
