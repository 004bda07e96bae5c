// A device that kernels run on beside the host, and its memory.
//
// Work is queued in one order and done some time later: copies to the device, kernels, copies back.
// Nobody waits but in copyToHost(), wait() and what says so. Two implementations: an NVIDIA GPU
// through its driver (Cuda.h) and kernels that run on the CPU (EmulatedDevice.h).
#ifndef RONDO_RUNTIME_DEVICE_H
#define RONDO_RUNTIME_DEVICE_H

#include "Runtime/Status.h"
#include "rondo/Abi.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace rondo::inline runtime {

/// A place in the queue: done when all that was queued before it is.
using Event = void *;
/// Kernels that are launched together, as they were recorded.
using Graph = void *;

struct DeviceMemory {
  int64_t free = 0, total = 0;
};

class Device {
public:
  Device() = default;
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;
  virtual ~Device() = default;

  /// "cuda:0, NVIDIA H100 PCIe".
  virtual std::string name() const = 0;
  virtual Status memory(DeviceMemory &memory) = 0;
  /// Floating point operations in a second of the ordinary units; 0: not known.
  virtual double peakFlops(int32_t element) const = 0;

  /// Memory of the device, 256-byte aligned; null where it has no room.
  virtual Status allocate(size_t bytes, void *&address) = 0;
  /// Waits for what may still use it.
  virtual void free(void *address) = 0;
  /// Memory of the host that copies may run from and to while the host goes on.
  virtual Status allocateHost(size_t bytes, void *&address) = 0;
  virtual void freeHost(void *address) = 0;

  /// Copies of memory from allocateHost(), which must stay as it is until they are done.
  virtual Status queueToDevice(void *to, const void *from, size_t bytes) = 0;
  virtual Status queueToHost(void *to, const void *from, size_t bytes) = 0;
  virtual Status clear(void *to, size_t bytes) = 0;
  /// From any memory of the host, which may change as soon as this returns.
  Status copyToDevice(void *to, const void *from, size_t bytes);
  /// Waits until the contents are there, and everything queued before is done.
  virtual Status copyToHost(void *to, const void *from, size_t bytes) = 0;

  virtual Status makeEvent(Event &event) = 0;
  virtual void freeEvent(Event event) = 0;
  virtual Status record(Event event) = 0;
  virtual Status isDone(Event event, bool &done) = 0;
  virtual Status waitFor(Event event) = 0;
  virtual Status wait() = 0;

  /// Queues a kernel of the program on the call at `call`, an address of the device. What goes
  /// wrong is kept for launchStatus(), since generated code between cannot hand it on.
  virtual void launch(int64_t kernel, const RondoCall *call, const int64_t *numbers,
                      int64_t count) = 0;
  /// The first failure of a launch since it was asked last.
  Status launchStatus() { return std::exchange(failedLaunch, {}); }

  /// Records launches instead of queueing them. False where there are no graphs. What cannot be
  /// recorded leaves the graph null.
  virtual bool startGraph() { return false; }
  virtual Graph endGraph() { return nullptr; }
  virtual Status queueGraph(Graph) { return {}; }
  virtual void freeGraph(Graph) {}

protected:
  void failLaunch(Status status) {
    if (!failedLaunch.failed())
      failedLaunch = std::move(status);
  }
  /// Gives back what copies go through; for destructors, while the device still works.
  void freeStaging();

private:
  /// A part of the memory that copyToDevice() copies through, a ring, and the event behind its
  /// copy.
  struct Piece {
    size_t start = 0;
    Event event = nullptr;
  };
  Status stage(void *to, const void *from, size_t bytes);
  Status makeRoom(size_t bytes);
  Status retirePiece();

  char *ring = nullptr;
  size_t head = 0; // where the next piece starts; the oldest one's start is where room ends
  std::vector<Piece> pieces; // as a ring, too
  size_t firstPiece = 0, numPieces = 0;
  Status failedLaunch;
};

/// Storage on a device that only grows; its contents are lost when it does.
class DeviceBuffer {
public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBuffer &&other) noexcept { swap(other); }
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept {
    swap(other);
    return *this;
  }
  DeviceBuffer(const DeviceBuffer &) = delete;
  DeviceBuffer &operator=(const DeviceBuffer &) = delete;
  ~DeviceBuffer() { release(); }

  /// Makes room for `bytes`; data() is null where there is none.
  Status reserve(Device &on, size_t bytes);
  Device *device() const { return owner; }
  void *data() const { return address; }
  void swap(DeviceBuffer &other) noexcept {
    std::swap(owner, other.owner);
    std::swap(address, other.address);
    std::swap(size, other.size);
  }

private:
  void release();

  Device *owner = nullptr;
  void *address = nullptr;
  size_t size = 0;
};

/// A few bytes of the device on their way to the host: begun behind what is queued, read when they
/// have arrived.
class Landing {
public:
  static constexpr size_t most = 64;
  Landing() = default;
  Landing(Landing &&other) noexcept { swap(other); }
  Landing &operator=(Landing &&other) noexcept {
    swap(other);
    return *this;
  }
  Landing(const Landing &) = delete;
  Landing &operator=(const Landing &) = delete;
  ~Landing();

  Status make(Device &on);
  /// Bytes of the device to `offset` of what lands.
  Status add(const void *from, size_t bytes, size_t offset);
  /// After the last add().
  Status start();
  Status hasArrived(bool &arrived);
  Status wait();
  const void *data() const { return memory; }

private:
  void swap(Landing &other) noexcept {
    std::swap(device, other.device);
    std::swap(memory, other.memory);
    std::swap(event, other.event);
  }

  Device *device = nullptr;
  void *memory = nullptr;
  Event event = nullptr;
};

/// "512 bytes", "3.25 MB": for messages about memory.
std::string bytesText(int64_t bytes);
/// Says that something of so many bytes has no room on the device.
Status noRoom(Device &device, const std::string &what, int64_t bytes);
/// Ends the program with one line: the device failed where no caller can be told, before anything
/// wrong is used.
[[noreturn]] void stopProgram(const Status &status);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_DEVICE_H
