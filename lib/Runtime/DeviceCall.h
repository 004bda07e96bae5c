// Calls an entry on a device: what EntryCaller does on the host, with everything on the device.
//
// What the kernels are told of a call is one block: the RondoCall, its tables, dims and lengths,
// and those arguments that only the host has and that are small or have their rows in another
// order. It is put together on the host, compared with what the device has, and only what differs
// is copied. Results stay on the device; those whose rows must be put back or whose padding must be
// cleared come to the host when the call is finished.
//
// A call like the one before copies what has changed, launches, and neither waits nor allocates.
// Where the entry launches many kernels, they are recorded when a call of the same dims and lengths
// comes for the second time, and launched as one from then on.
#ifndef RONDO_RUNTIME_DEVICECALL_H
#define RONDO_RUNTIME_DEVICECALL_H

#include "Runtime/CallPlan.h"

namespace rondo::inline runtime {

class DeviceCall {
public:
  /// `arena` may be shared by calls on the device, which follow one another.
  DeviceCall(const RondoEntry &entry, CallPlan &plan, Device &device, DeviceBuffer &arena);
  DeviceCall(const DeviceCall &) = delete;
  DeviceCall &operator=(const DeviceCall &) = delete;
  ~DeviceCall();

  /// Queues the call that the plan has taken. Arguments are read where they are; results are on the
  /// device afterwards.
  Status start(const Array *const *arguments, Array *const *results, bool isCacheValid);
  /// Waits for the call and puts the rows of its results in order. The failure says why the entry
  /// stopped.
  Status finish(Array *const *results, RondoFailure &failure);

  /// Where the device says why the entry stopped; null where it never does.
  const void *failureAddress() const;

private:
  struct Placed {
    size_t offset = 0;
    bool isCopied = false; // in the block
    bool isRewritten = false;
  };
  struct Launcher : RondoDevice {
    Device *target;
    const RondoCall *call;
    int64_t launches;
  };
  /// The kernels of one combination of dims and lengths: how many, and their graph once recorded.
  struct Recorded {
    std::vector<int64_t> key;
    int64_t launches = 0;
    Graph graph = nullptr;
    int64_t lastUse = 0;
  };

  Status reserve();
  Status resetState();
  Status placeArguments(const Array *const *arguments);
  void layOut(const Array *const *arguments);
  void copyRows(size_t number, const Array &argument);
  void put(size_t offset, const void *data, size_t bytes);
  void putAddress(size_t table, size_t number, void *address);
  void touch(size_t offset, size_t bytes);
  Status fillBlock(const Array *const *arguments, Array *const *results, bool isCacheValid);
  Status launch(bool isCacheValid);
  void record(Recorded &recorded, const RondoCall &call);
  Recorded &findRecorded(bool isCacheValid);
  void forgetRecordings();
  Status returnRows(size_t number, Array &result);
  bool isReturned(size_t number) const;
  char *shadowData() const { return static_cast<char *>(shadow.data()); }
  char *blockData() const { return static_cast<char *>(block.data()); }

  const RondoEntry &entry;
  CallPlan &plan;
  Device &device;
  DeviceBuffer &arena;
  DeviceBuffer cache;
  DeviceBuffer state; // the team, and the failure
  DeviceBuffer block;
  Buffer shadow; // the block as the device has it, once what is touched is copied
  size_t touchedFrom = 0, touchedTo = 0;
  size_t argumentTable = 0, resultTable = 0, lengthTable = 0, dimsAt = 0, blockBytes = 0;
  std::vector<size_t> lengthsAt;
  std::vector<Placed> placed;
  Buffer landed; // a result whose rows are to be put back
  Launcher launcher;
  bool canRecord = true;
  int64_t uses = 0;
  std::vector<int64_t> key;
  std::vector<Recorded> recordings;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_DEVICECALL_H
