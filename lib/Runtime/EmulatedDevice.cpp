// Everything is done when it is queued.
#include "Runtime/EmulatedDevice.h"
#include "Runtime/Emulator.h"

#include <cstdlib>
#include <cstring>
#include <map>

using namespace rondo;

namespace {
class EmulatedDevice final : public Device {
public:
  explicit EmulatedDevice(const RondoDeviceCode &code) : code(code) {}
  ~EmulatedDevice() override { freeStaging(); }
  Status open() { return emulator.open(); }

  std::string name() const override { return "cuda:0, emulated"; }
  Status memory(DeviceMemory &memory) override {
    memory.total = emulator.options().memoryBytes;
    memory.free = memory.total - used;
    return {};
  }
  double peakFlops(int32_t) const override { return 0; }

  Status allocate(size_t bytes, void *&address) override {
    address = bytes <= INT64_MAX ? emulator.allocate(static_cast<int64_t>(bytes)) : nullptr;
    if (address)
      used += sizes[address] = static_cast<int64_t>(bytes);
    return {};
  }
  void free(void *address) override {
    emulator.free(address);
    used -= std::exchange(sizes[address], 0);
  }
  Status allocateHost(size_t bytes, void *&address) override {
    address = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
    return address ? Status() : error("no memory for copies to a device");
  }
  void freeHost(void *address) override { std::free(address); }

  Status queueToDevice(void *to, const void *from, size_t bytes) override {
    return copyToHost(to, from, bytes);
  }
  Status queueToHost(void *to, const void *from, size_t bytes) override {
    return copyToHost(to, from, bytes);
  }
  Status clear(void *to, size_t bytes) override {
    std::memset(to, 0, bytes);
    return {};
  }
  Status copyToHost(void *to, const void *from, size_t bytes) override {
    if (bytes)
      std::memcpy(to, from, bytes);
    return {};
  }

  Status makeEvent(Event &event) override {
    event = this;
    return {};
  }
  void freeEvent(Event) override {}
  Status record(Event) override { return {}; }
  Status isDone(Event, bool &done) override {
    done = true;
    return {};
  }
  Status waitFor(Event) override { return {}; }
  Status wait() override { return {}; }

  /// As many blocks as a GPU of so many multiprocessors would run at once: few, and an odd number.
  void launch(int64_t kernel, const RondoCall *call, const int64_t *numbers, int64_t) override {
    if (!hasFailed)
      if (Status status = emulator.launch(code.kernels[kernel], emulator.options().multiprocessors,
                                          call, numbers);
          status.failed()) {
        hasFailed = true; // what follows would read what was not computed
        failLaunch(std::move(status));
      }
  }

private:
  const RondoDeviceCode &code;
  Emulator emulator;
  std::map<void *, int64_t> sizes; // by address
  int64_t used = 0;
  bool hasFailed = false;
};
} // namespace

Status rondo::openEmulated(const RondoDeviceCode &code, int64_t number,
                           std::unique_ptr<Device> &device) {
  if (number != 0)
    return error("--device is 'cuda:%lld', the emulated device is number 0",
                 static_cast<long long>(number));
  auto opened = std::make_unique<EmulatedDevice>(code);
  RONDO_TRY(opened->open());
  device = std::move(opened);
  return {};
}
