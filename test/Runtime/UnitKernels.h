// Kernels by hand: what rondo-lower-emulated emits around every access, and a device to run them
// on.
#ifndef RONDO_TEST_RUNTIME_UNIT_KERNELS_H
#define RONDO_TEST_RUNTIME_UNIT_KERNELS_H

#include "Runtime/Emulator.h"
#include "Unit.h"

namespace rondo::kernels {

/// A source of its own for the line that this stands in.
#define HERE                                                                                       \
  ([]() -> const RondoSource * {                                                                   \
    static const RondoSource source = {"kernel", __LINE__, 1};                                     \
    return &source;                                                                                \
  }())

template <typename T> T *at(void *base, int64_t index) { return static_cast<T *>(base) + index; }

/// The emulator, asked by one thread.
struct Self {
  RondoThread *thread;

  template <typename T> T read(const T *from, const RondoSource *source) const {
    thread->emulator->access(thread, from, sizeof(T), 0, source);
    T value;
    __builtin_memcpy(&value, from, sizeof(T));
    return value;
  }
  template <typename T> void write(void *to, T value, const RondoSource *source) const {
    thread->emulator->access(thread, to, sizeof(T), 1, source);
    __builtin_memcpy(to, &value, sizeof(T));
  }
  void barrier(const RondoSource *source) const { thread->emulator->barrier(thread, source); }
  void gridBarrier(const RondoSource *source) const {
    thread->emulator->grid_barrier(thread, source);
  }
  uint64_t shuffle(uint64_t value, int64_t mask, const RondoSource *source) const {
    return thread->emulator->shuffle(thread, value, mask, source);
  }
  void copy(void *to, const void *from, int64_t bytes, const RondoSource *source) const {
    thread->emulator->copy_async(thread, to, from, bytes, source);
  }
  void commit() const { thread->emulator->commit(thread); }
  void wait(int64_t pending) const { thread->emulator->wait(thread, pending); }
  void mma(int64_t kind, const uint32_t *a, const uint32_t *b, float *c,
           const RondoSource *source) const {
    thread->emulator->mma(thread, kind, a, b, c, source);
  }
};

struct Kernel {
  RondoEmulatedKernel code;
  int64_t threads = 64, sharedBytes = 0;
  bool takesRest = false, isCooperative = false;
};

/// An emulator with a call on it: an arena and one argument, of 16 KiB each.
class Device {
public:
  explicit Device(uint64_t seed);

  Status launch(const Kernel &kernel, int64_t blocks = 1, const int64_t *numbers = nullptr);
  template <typename T> T *array() { return static_cast<T *>(call->arena); }
  template <typename T> T *argument() { return static_cast<T *>(*arguments); }

  static constexpr int64_t bytes = 16 << 10;
  Emulator emulator;

private:
  RondoCall *call;
  void **arguments;
};

} // namespace rondo::kernels

#endif // RONDO_TEST_RUNTIME_UNIT_KERNELS_H
