// A GPU as a Device: one context, one stream, one module.
#include "Runtime/Cuda.h"
#include "Runtime/CudaDriver.h"
#include "Runtime/Place.h"

#include <algorithm>
#include <cstring>

using namespace rondo;
using namespace rondo::cuda;

namespace {
struct LoadedKernel {
  Function function = nullptr;
  unsigned blocks = 0, threads = 0, shared = 0;
  bool isCooperative = false;
};

class CudaDevice final : public Device {
public:
  CudaDevice(const CudaDriver &driver, const RondoDeviceCode &code) : driver(driver), code(code) {}
  ~CudaDevice() override;
  Status open(int64_t number);

  std::string name() const override { return fullName; }
  Status memory(DeviceMemory &memory) override;
  double peakFlops(int32_t element) const override;
  Status allocate(size_t bytes, void *&address) override;
  void free(void *address) override;
  Status allocateHost(size_t bytes, void *&address) override {
    return check(driver.memHostAlloc(&address, bytes, 0), "cuMemHostAlloc");
  }
  void freeHost(void *address) override { (void)driver.memFreeHost(address); }
  Status queueToDevice(void *to, const void *from, size_t bytes) override {
    return check(driver.memcpyHtoDAsync(addressOf(to), from, bytes, stream), "cuMemcpyHtoDAsync");
  }
  Status queueToHost(void *to, const void *from, size_t bytes) override {
    return check(driver.memcpyDtoHAsync(to, addressOf(from), bytes, stream), "cuMemcpyDtoHAsync");
  }
  Status clear(void *to, size_t bytes) override {
    return check(driver.memsetD8Async(addressOf(to), 0, bytes, stream), "cuMemsetD8Async");
  }
  Status copyToHost(void *to, const void *from, size_t bytes) override;

  Status makeEvent(Event &event) override;
  void freeEvent(Event event) override { (void)driver.eventDestroy(eventOf(event)); }
  Status record(Event event) override {
    return check(driver.eventRecord(eventOf(event), stream), "cuEventRecord");
  }
  Status isDone(Event event, bool &done) override;
  Status waitFor(Event event) override {
    return check(driver.eventSynchronize(eventOf(event)), "cuEventSynchronize");
  }
  Status wait() override { return check(driver.streamSynchronize(stream), "cuStreamSynchronize"); }

  void launch(int64_t kernel, const RondoCall *call, const int64_t *numbers,
              int64_t count) override;
  bool startGraph() override;
  Graph endGraph() override;
  Status queueGraph(Graph graph) override {
    return check(driver.graphLaunch(static_cast<GraphExec>(graph), stream), "cuGraphLaunch");
  }
  void freeGraph(Graph graph) override {
    (void)driver.graphExecDestroy(static_cast<GraphExec>(graph));
  }

private:
  static Address addressOf(const void *pointer) { return reinterpret_cast<Address>(pointer); }
  static DriverEvent eventOf(Event event) { return static_cast<DriverEvent>(event); }
  Status check(Result result, const char *function) const;
  Status attribute(DeviceAttribute which, int64_t &value) const;
  Status checkCapability() const;
  Status loadModule();
  Status loadPtx();
  bool loadCubin();
  Status loadKernel(const RondoKernel &kernel, LoadedKernel &loaded);

  const CudaDriver &driver;
  const RondoDeviceCode &code;
  Ordinal ordinal = 0;
  Context context = nullptr;
  Stream stream = nullptr;
  Module module = nullptr;
  std::string fullName;
  int64_t capability = 0, multiprocessors = 0, mostShared = 0, clock = 0, cooperates = 0;
  std::vector<LoadedKernel> kernels;
  std::vector<void *> parameters; // of a launch
};
} // namespace

CudaDevice::~CudaDevice() {
  if (stream)
    (void)driver.streamSynchronize(stream);
  freeStaging();
  if (module)
    (void)driver.moduleUnload(module);
  if (stream)
    (void)driver.streamDestroy(stream);
  if (context)
    (void)driver.primaryCtxRelease(ordinal);
}

/// A failure of a kernel is seen by whoever calls the driver next.
Status CudaDevice::check(Result result, const char *function) const {
  if (result >= firstKernelError && result <= lastKernelError)
    function = "a kernel failed";
  Status status = driver.check(result, function);
  return status.failed() ? error("%s: %s", fullName.c_str(), status.message().c_str()) : status;
}

Status CudaDevice::attribute(DeviceAttribute which, int64_t &value) const {
  int found = 0;
  RONDO_TRY(check(driver.deviceGetAttribute(&found, which, ordinal), "cuDeviceGetAttribute"));
  value = found;
  return {};
}

Status CudaDevice::checkCapability() const {
  if (capability < code.capability)
    return error("%s has compute capability %s, the program needs %s", fullName.c_str(),
                 capabilityText(capability).c_str(), capabilityText(code.capability).c_str());
  if (!cooperates)
    for (int64_t i = 0; i < code.num_kernels; ++i)
      if (code.kernels[i].is_cooperative)
        return error("%s cannot run all blocks of a kernel at once, which the program needs",
                     fullName.c_str());
  return {};
}

Status CudaDevice::open(int64_t number) {
  int count = 0;
  fullName = format("cuda:%lld", static_cast<long long>(number));
  RONDO_TRY(check(driver.deviceGetCount(&count), "cuDeviceGetCount"));
  if (count == 0)
    return error("there is no NVIDIA GPU");
  if (number >= count)
    return error("--device is 'cuda:%lld', but there %s", static_cast<long long>(number),
                 count == 1 ? "is one GPU, number 0" : format("are %d GPUs", count).c_str());
  RONDO_TRY(check(driver.deviceGet(&ordinal, static_cast<int>(number)), "cuDeviceGet"));
  char text[256] = "";
  RONDO_TRY(check(driver.deviceGetName(text, sizeof(text), ordinal), "cuDeviceGetName"));
  fullName += std::string(", ") + text;
  int64_t major = 0, minor = 0;
  RONDO_TRY(attribute(capabilityMajor, major));
  RONDO_TRY(attribute(capabilityMinor, minor));
  capability = 10 * major + minor;
  RONDO_TRY(attribute(multiprocessorCount, multiprocessors));
  RONDO_TRY(attribute(mostSharedPerBlock, mostShared));
  RONDO_TRY(attribute(clockRate, clock));
  RONDO_TRY(attribute(cooperativeLaunch, cooperates));
  RONDO_TRY(checkCapability());
  RONDO_TRY(check(driver.primaryCtxRetain(&context, ordinal), "cuDevicePrimaryCtxRetain"));
  RONDO_TRY(check(driver.ctxSetCurrent(context), "cuCtxSetCurrent"));
  RONDO_TRY(check(driver.streamCreate(&stream, nonBlocking), "cuStreamCreate"));
  return loadModule();
}

/// Machine code runs on GPUs of its major capability and of no smaller minor one.
bool CudaDevice::loadCubin() {
  const RondoCubin *best = nullptr;
  for (int64_t i = 0; i < code.num_cubins; ++i) {
    const RondoCubin &cubin = code.cubins[i];
    if (cubin.capability / 10 == capability / 10 && cubin.capability <= capability &&
        (!best || best->capability < cubin.capability))
      best = &cubin;
  }
  return best && driver.moduleLoadDataEx(&module, best->data, 0, nullptr, nullptr) == success;
}

/// The driver compiles PTX; where it refuses to, its log says why.
Status CudaDevice::loadPtx() {
  static char log[4096];
  int options[] = {errorLog, errorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof(log) - 1)};
  log[0] = 0;
  Result result = driver.moduleLoadDataEx(&module, code.ptx, 2, options, values);
  Status status = check(result, "the driver refuses the program's kernels");
  if (!status.failed() || !log[0])
    return status;
  log[sizeof(log) - 1] = 0;
  const char *line = log + std::strspn(log, "\n ");
  return error("%s: %.*s", status.message().c_str(), static_cast<int>(std::strcspn(line, "\n")),
               line);
}

Status CudaDevice::loadModule() {
  if (!loadCubin())
    RONDO_TRY(loadPtx());
  kernels.resize(static_cast<size_t>(code.num_kernels));
  size_t most = 0;
  for (size_t i = 0; i < kernels.size(); ++i) {
    RONDO_TRY(loadKernel(code.kernels[i], kernels[i]));
    most = std::max(most, static_cast<size_t>(code.kernels[i].num_numbers));
  }
  parameters.resize(1 + most);
  return {};
}

/// Blocks of a multiprocessor that meet in barriers of the grid: each adds itself to one number.
static constexpr int mostThatMeet = 2;

/// As many blocks as can be resident: kernels divide their work by the threads that there are.
Status CudaDevice::loadKernel(const RondoKernel &kernel, LoadedKernel &loaded) {
  constexpr int64_t withoutAsking = 48 << 10;
  RONDO_TRY(check(driver.moduleGetFunction(&loaded.function, module, kernel.name), kernel.name));
  int fixed = 0;
  RONDO_TRY(check(driver.funcGetAttribute(&fixed, staticShared, loaded.function), kernel.name));
  int64_t shared = kernel.takes_rest ? mostShared - fixed : kernel.shared_bytes;
  int64_t least = kernel.shared_bytes + fixed;
  if (std::max(shared + fixed, least) > mostShared)
    return error("the kernel %s takes %lld bytes of shared memory, %s has %lld", kernel.name,
                 static_cast<long long>(least), fullName.c_str(),
                 static_cast<long long>(mostShared));
  if (shared + fixed > withoutAsking)
    RONDO_TRY(
        check(driver.funcSetAttribute(loaded.function, mostDynamicShared, static_cast<int>(shared)),
              kernel.name));
  int perMultiprocessor = 0;
  RONDO_TRY(check(driver.occupancy(&perMultiprocessor, loaded.function,
                                   static_cast<int>(kernel.threads), static_cast<size_t>(shared)),
                  kernel.name));
  if (perMultiprocessor < 1)
    return error("%s has no room for a block of the kernel %s", fullName.c_str(), kernel.name);
  if (kernel.is_cooperative)
    perMultiprocessor = std::min(perMultiprocessor, mostThatMeet);
  loaded.blocks = static_cast<unsigned>(perMultiprocessor * multiprocessors);
  loaded.threads = static_cast<unsigned>(kernel.threads);
  loaded.shared = static_cast<unsigned>(shared);
  loaded.isCooperative = kernel.is_cooperative != 0;
  return {};
}

Status CudaDevice::memory(DeviceMemory &memory) {
  size_t free = 0, total = 0;
  RONDO_TRY(check(driver.memGetInfo(&free, &total), "cuMemGetInfo"));
  memory = {static_cast<int64_t>(free), static_cast<int64_t>(total)};
  return {};
}

/// Fused multiply-adds of f32, or f64, in a cycle of one multiprocessor ("CUDA C++ Programming
/// Guide", Throughput of Native Arithmetic Instructions).
static int64_t multiplyAddsPerCycle(int64_t capability, bool isDouble) {
  bool isServer = capability == 60 || capability == 70 || capability == 72 || capability == 80 ||
                  capability / 10 == 9 || capability == 100 || capability == 103;
  if (isDouble)
    return !isServer ? 2 : capability >= 90 ? 64 : 32;
  bool isNarrow = capability == 60 || capability / 10 == 7 || capability == 80;
  return isNarrow ? 64 : 128;
}

double CudaDevice::peakFlops(int32_t element) const {
  return 2e3 * static_cast<double>(clock) * static_cast<double>(multiprocessors) *
         static_cast<double>(multiplyAddsPerCycle(capability, element == RONDO_F64));
}

Status CudaDevice::allocate(size_t bytes, void *&address) {
  Address found = 0;
  Result result = driver.memAlloc(&found, bytes);
  address = reinterpret_cast<void *>(found);
  if (result == outOfMemory) {
    address = nullptr;
    return {};
  }
  return check(result, "cuMemAlloc");
}

void CudaDevice::free(void *address) {
  (void)driver.streamSynchronize(stream);
  (void)driver.memFree(addressOf(address));
}

Status CudaDevice::copyToHost(void *to, const void *from, size_t bytes) {
  if (bytes)
    RONDO_TRY(queueToHost(to, from, bytes));
  return wait();
}

Status CudaDevice::makeEvent(Event &event) {
  DriverEvent made = nullptr;
  RONDO_TRY(check(driver.eventCreate(&made, blockingSync | disableTiming), "cuEventCreate"));
  event = made;
  return {};
}

Status CudaDevice::isDone(Event event, bool &done) {
  Result result = driver.eventQuery(eventOf(event));
  done = result == success;
  return result == notReady ? Status() : check(result, "cuEventQuery");
}

void CudaDevice::launch(int64_t number, const RondoCall *call, const int64_t *numbers,
                        int64_t count) {
  const LoadedKernel &kernel = kernels[static_cast<size_t>(number)];
  Address address = addressOf(call);
  parameters[0] = &address;
  for (int64_t i = 0; i < count; ++i)
    parameters[static_cast<size_t>(1 + i)] = const_cast<int64_t *>(numbers + i);
  Result result =
      kernel.isCooperative
          ? driver.launchCooperativeKernel(kernel.function, kernel.blocks, 1, 1, kernel.threads, 1,
                                           1, kernel.shared, stream, parameters.data())
          : driver.launchKernel(kernel.function, kernel.blocks, 1, 1, kernel.threads, 1, 1,
                                kernel.shared, stream, parameters.data(), nullptr);
  if (result != success)
    failLaunch(check(result, code.kernels[number].name));
}

bool CudaDevice::startGraph() {
  return driver.hasGraphs() && driver.streamBeginCapture(stream, threadLocal) == success;
}

Graph CudaDevice::endGraph() {
  DriverGraph graph = nullptr;
  GraphExec exec = nullptr;
  Result result = driver.streamEndCapture(stream, &graph);
  if (result != success || !graph)
    return nullptr;
  if (driver.graphInstantiate(&exec, graph, 0) != success)
    exec = nullptr;
  (void)driver.graphDestroy(graph);
  return exec;
}

Status rondo::openCuda(const RondoDeviceCode &code, int64_t number,
                       std::unique_ptr<Device> &device) {
  const CudaDriver *driver = nullptr;
  RONDO_TRY(CudaDriver::open(driver));
  auto opened = std::make_unique<CudaDevice>(*driver, code);
  RONDO_TRY(opened->open(number));
  device = std::move(opened);
  return {};
}
