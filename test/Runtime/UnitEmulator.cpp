// The emulator: what kernels compute on it, written by hand as rondo-lower-emulated would.
#include "Runtime/Emulator.h"
#include "UnitKernels.h"

#include <bit>
#include <cmath>
#include <cstring>

using namespace rondo;
using namespace rondo::kernels;

/// All devices of these tests, each with another order of threads.
template <typename Test> static void forOrders(Test test) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Device device(seed);
    test(device);
  }
}

/// Every thread knows who it is, and the numbers; stacks are its own.
static void testThreads() {
  RondoEmulatedKernel fill = [](RondoThread *t, const RondoCall *call, const int64_t *numbers) {
    Self self{t};
    int64_t own[2] = {t->block * t->threads + t->thread, 0};
    self.write<int64_t>(&own[1], own[0] * numbers[1], HERE);
    self.write(at<int64_t>(self.read<void *>(&call->arena, HERE), own[0]),
               numbers[0] + self.read<int64_t>(&own[1], HERE), HERE);
  };
  forOrders([&](Device &device) {
    int64_t numbers[] = {100, 3};
    CHECK_OK(device.launch({fill, 96}, 5, numbers));
    bool isRight = true;
    for (int64_t i = 0; i < 5 * 96; ++i)
      isRight &= device.array<int64_t>()[i] == 100 + 3 * i;
    CHECK(isRight);
  });
}

/// Sums by halves in shared memory, which may be more than is static; a barrier in a loop.
static void testBarriers() {
  RondoEmulatedKernel sum = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<float *>(t->shared);
    self.write(tile + t->thread, static_cast<float>(t->thread + t->block), HERE);
    for (int64_t half = t->threads / 2; half > 0; half /= 2) {
      self.barrier(HERE);
      if (t->thread < half)
        self.write(tile + t->thread,
                   self.read(tile + t->thread, HERE) + self.read(tile + t->thread + half, HERE),
                   HERE);
    }
    if (t->thread == 0)
      self.write(at<float>(call->arena, t->block), self.read(tile, HERE), HERE);
  };
  forOrders([&](Device &device) {
    CHECK_OK(device.launch({sum, 256, 1024}, 7));
    bool isRight = true;
    for (int64_t block = 0; block < 7; ++block)
      isRight &= device.array<float>()[block] == static_cast<float>(255 * 128 + 256 * block);
    CHECK(isRight);
  });
}

/// What a block writes is read by another one behind a barrier of the grid, launch after launch.
static void testGridBarriers() {
  RondoEmulatedKernel pass = [](RondoThread *t, const RondoCall *call, const int64_t *numbers) {
    Self self{t};
    int64_t size = t->threads * t->blocks, number = t->block * t->threads + t->thread;
    auto *now = static_cast<int64_t *>(call->arena), *next = now + size;
    self.write(now + number, number, HERE);
    self.gridBarrier(HERE);
    for (int64_t step = 0; step < numbers[0]; ++step) {
      self.write(next + number, self.read(now + (number + 37) % size, HERE), HERE);
      std::swap(now, next);
      self.gridBarrier(HERE);
    }
  };
  forOrders([&](Device &device) {
    for (int64_t steps : {10, 2, 4}) {
      CHECK_OK(device.launch({pass, 64, 0, false, true}, 3, &steps));
      bool isRight = true;
      for (int64_t i = 0; i < 192; ++i)
        isRight &= device.array<int64_t>()[i] == (i + 37 * steps) % 192;
      CHECK(isRight);
    }
  });
}

/// Shuffles one after another, with nothing in between, and warps that go their own ways.
static void testShuffles() {
  RondoEmulatedKernel sum = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    uint64_t value = static_cast<uint64_t>(t->thread);
    int64_t rounds = 1 + t->thread / 32;
    for (int64_t round = 0; round < rounds; ++round)
      for (int64_t mask = 16; mask > 0; mask /= 2)
        value += self.shuffle(value, mask, HERE);
    self.write(at<uint64_t>(call->arena, t->thread), value, HERE);
  };
  forOrders([&](Device &device) {
    CHECK_OK(device.launch({sum, 96}, 1));
    uint64_t warpSums[] = {31 * 16, (31 * 16 + 32 * 32) * 32, (31 * 16 + 64 * 32) * 32 * 32};
    bool isRight = true;
    for (int64_t i = 0; i < 96; ++i)
      isRight &= device.array<uint64_t>()[i] == warpSums[i / 32];
    CHECK(isRight);
  });
}

/// Four stages of copies in flight, of three sizes, zeros where nothing is to be read, and some
/// that nobody waits for.
static void testCopies() {
  RondoEmulatedKernel stream = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *tile = static_cast<char *>(t->shared) + 64 * t->thread;
    auto *from = static_cast<const float *>(call->arguments[0]) + 4 * t->thread;
    for (int64_t stage = 0; stage < 4; ++stage) {
      int64_t bytes = stage == 3 ? 16 : 4 << stage;
      self.copy(tile + 16 * stage, stage == 1 ? nullptr : from, bytes, HERE);
      self.commit();
    }
    float sum = 0;
    self.wait(3);
    sum += self.read(at<float>(tile, 0), HERE);
    self.wait(1);
    sum += 10 * self.read(at<float>(tile, 5), HERE) + 100 * self.read(at<float>(tile, 8), HERE);
    self.write(at<float>(call->arena, 32 * t->block + t->thread), sum, HERE);
  };
  forOrders([&](Device &device) {
    for (int64_t i = 0; i < 128; ++i)
      device.argument<float>()[i] = static_cast<float>(i);
    CHECK_OK(device.launch({stream, 32, 32 * 64}, 2));
    bool isRight = true;
    for (int64_t i = 0; i < 64; ++i)
      isRight &= device.array<float>()[i] == static_cast<float>(404 * (i % 32));
    CHECK(isRight);
  });
}

/// Neighbouring bytes belong to different threads; unaligned numbers to one.
static void testBytes() {
  RondoEmulatedKernel flags = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *bytes = static_cast<uint8_t *>(t->shared);
    self.write<uint8_t>(bytes + t->thread, t->thread % 3 == 0, HERE);
    self.barrier(HERE);
    uint8_t other = self.read(bytes + (t->thread ^ 1), HERE);
    self.write<uint8_t>(at<uint8_t>(call->arena, t->thread), other, HERE);
    self.barrier(HERE);
    // Whole words again, of what were bytes.
    if (t->thread < 16)
      self.write<uint32_t>(at<uint32_t>(call->arena, t->thread),
                           self.read(at<uint32_t>(call->arena, t->thread), HERE) + 1, HERE);
    self.write<uint64_t>(at<char>(call->arena, 65 + 9 * t->thread), 7, HERE);
  };
  forOrders([&](Device &device) {
    CHECK_OK(device.launch({flags, 64, 64}, 1));
    bool isRight = true;
    for (int64_t i = 0; i < 64; ++i)
      isRight &= device.array<uint8_t>()[i] == ((i ^ 1) % 3 == 0) + (i % 4 == 0);
    CHECK(isRight);
  });
}

/// The upper half of a number's bits, rounded to nothing.
static uint32_t bf16(float value) { return std::bit_cast<uint32_t>(value) >> 16; }

/// A and B are given as dense matrices in the argument, C is the arena; fragments as PTX has them.
static void multiply(RondoThread *t, const RondoCall *call, const int64_t *numbers) {
  Self self{t};
  auto *a = static_cast<const float *>(call->arguments[0]);
  int64_t g = t->thread / 4, k = t->thread % 4, kind = numbers[0];
  const float *b = a + 16 * 16;
  uint32_t registers[6];
  for (int64_t i = 0; i < 6; ++i) {
    bool isA = i < 4;
    int64_t high = isA ? i / 2 : i - 4, row = g + (isA ? 8 * (i % 2) : 0);
    auto element = [&](int64_t inner) { return isA ? a[16 * row + inner] : b[8 * inner + g]; };
    registers[i] = kind == RONDO_TF32 ? std::bit_cast<uint32_t>(element(k + 4 * high))
                                      : bf16(element(2 * k + 8 * high)) |
                                            bf16(element(2 * k + 1 + 8 * high)) << 16;
  }
  float c[4];
  auto *to = static_cast<float *>(call->arena);
  for (int64_t i = 0; i < 4; ++i)
    c[i] = static_cast<float>(i);
  self.mma(kind, registers, registers + 4, c, HERE);
  for (int64_t i = 0; i < 4; ++i)
    self.write(to + 8 * (g + 8 * (i / 2)) + 2 * k + i % 2, c[i], HERE);
}

static void testMma() {
  for (int64_t kind : {RONDO_TF32, RONDO_BF16})
    forOrders([&](Device &device) {
      // Numbers that tf32 and bf16 hold, plus what they do not.
      auto *a = device.argument<float>(), *b = a + 16 * 16;
      float dropped = kind == RONDO_TF32 ? 1e-4f : 1e-3f;
      for (int64_t i = 0; i < 16 * 16 + 16 * 8; ++i)
        a[i] = static_cast<float>(1 + i * 7 % 11) * (1 + dropped);
      CHECK_OK(device.launch({multiply, 32}, 1, &kind));
      bool isRight = true;
      for (int64_t i = 0; i < 16; ++i)
        for (int64_t j = 0; j < 8; ++j) {
          double sum = static_cast<double>(2 * (i / 8) + j % 2);
          for (int64_t k = 0; k < (kind == RONDO_TF32 ? 8 : 16); ++k)
            sum += std::floor(a[16 * i + k]) * std::floor(b[8 * k + j]);
          isRight &= device.array<float>()[8 * i + j] == sum;
        }
      CHECK(isRight);
    });
}

/// A kernel that takes the rest has as much as the device says; memory holds no zeros.
static void testMemory() {
  RondoEmulatedKernel rest = [](RondoThread *t, const RondoCall *call, const int64_t *) {
    Self self{t};
    auto *last = static_cast<char *>(t->shared) + t->shared_bytes - 4;
    if (t->thread == 0) {
      self.write<int32_t>(reinterpret_cast<int32_t *>(last), 5, HERE);
      self.write(at<int64_t>(call->arena, 0), t->shared_bytes, HERE);
    }
  };
  Device device(0);
  CHECK_OK(device.launch({rest, 32, 64, true}, 1));
  CHECK(device.array<int64_t>()[0] == 96 << 10);
  CHECK_OK(device.launch({rest, 32, 64}, 1));
  CHECK(device.array<int64_t>()[0] == 64);

  Emulator &emulator = device.emulator;
  void *some = emulator.allocate(1000), *more = emulator.allocate(0);
  CHECK(some && more && reinterpret_cast<uintptr_t>(some) % 256 == 0);
  CHECK(std::isnan(static_cast<float *>(some)[249]));
  emulator.free(some);
  CHECK(emulator.allocate(900) == some);
  CHECK(emulator.allocate(int64_t(1) << 40) == nullptr);
  emulator.free(nullptr);

  RondoKernel kernel = {"wrong", 33, 0, 0, 0, 0, rest};
  CHECK_FAILS(emulator.launch(kernel, 1, nullptr, nullptr), "blocks of 33 threads");
  kernel.threads = 32;
  CHECK_FAILS(emulator.launch(kernel, 0, nullptr, nullptr), "with 0 blocks, expected 1 to");
  kernel.shared_bytes = 228 << 10;
  CHECK_FAILS(emulator.launch(kernel, 1, nullptr, nullptr), "expected at most 232448");
  kernel.emulated = nullptr;
  CHECK_FAILS(emulator.launch(kernel, 1, nullptr, nullptr), "not compiled for the emulator");
}

void testEmulator() {
  testThreads();
  testBarriers();
  testGridBarriers();
  testShuffles();
  testCopies();
  testBytes();
  testMma();
  testMemory();
}
