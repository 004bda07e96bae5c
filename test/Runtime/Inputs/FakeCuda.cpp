// A libcuda.so.1 that only pretends: a device in the host's memory, for tests where there is no
// GPU.
//
// As a GPU does, it does things later: what is queued is done when somebody waits, or a little of
// it whenever somebody asks whether something is done. The device's memory cannot be read or
// written but while it works. Kernels are those of HandwrittenKernels.h, found by their names; a
// program's other kernels do nothing.
//
// The environment says what it is like, and a program that is refused is refused for a reason:
//   FAKE_CUDA_LOG=FILE       writes a line per call
//   FAKE_CUDA_DEVICES=N      how many devices there are (1)
//   FAKE_CUDA_CAPABILITY=C   10 * major + minor (80)
//   FAKE_CUDA_MEMORY=BYTES   of the device (64 MB)
//   FAKE_CUDA_SPEED=N        works that get done whenever an event is asked for (3)
//   FAKE_CUDA_REFUSES=ptx, cubin, capture, cooperative
//   FAKE_CUDA_FAILS=N        the Nth kernel touches an illegal address
// A library that is built with FAKE_CUDA_LACKS_MEMSET lacks a function.
#include "HandwrittenKernels.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <sys/mman.h>
#include <vector>

#define FAKE extern "C" __attribute__((visibility("default"))) int

namespace {
enum Result {
  success = 0,
  invalid = 1,
  outOfMemory = 2,
  noDevice = 100,
  invalidImage = 200,
  invalidPtx = 218,
  notReady = 600,
  illegalAddress = 700,
  tooLarge = 720,
  captureInvalid = 901
};

using Work = std::function<void()>;
struct Graph {
  std::vector<Work> works;
};

long number(const char *name, long otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtol(text, nullptr, 10) : otherwise;
}
bool refuses(const char *what) {
  const char *text = std::getenv("FAKE_CUDA_REFUSES");
  return text && std::strstr(text, what);
}

__attribute__((format(printf, 1, 2))) void log(const char *pattern, ...) {
  static std::FILE *file = [] {
    const char *name = std::getenv("FAKE_CUDA_LOG");
    return name ? std::fopen(name, "w") : nullptr;
  }();
  if (!file)
    return;
  va_list list;
  va_start(list, pattern);
  std::vfprintf(file, pattern, list);
  va_end(list);
  std::fputc('\n', file);
  std::fflush(file);
}

struct FakeDevice {
  char *memory;
  size_t size;
  std::map<size_t, size_t> used; // bytes by offset
  std::deque<Work> queue;
  size_t done = 0; // of all works so far
  int error = success;
  Graph *captured = nullptr;
  bool captureFailed = false;
  long launches = 0;

  FakeDevice() : size(static_cast<size_t>(number("FAKE_CUDA_MEMORY", 64 << 20))) {
    memory =
        static_cast<char *>(::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
  void protect(bool closed) {
    ::mprotect(memory, size, closed ? PROT_NONE : PROT_READ | PROT_WRITE);
  }
  size_t total() const { return done + queue.size(); }
  void add(Work work) {
    if (captured)
      captured->works.push_back(std::move(work));
    else
      queue.push_back(std::move(work));
  }
  void advance(size_t works) {
    protect(false);
    for (; works > 0 && !queue.empty(); --works, ++done) {
      if (error == success)
        queue.front()();
      queue.pop_front();
    }
    protect(true);
  }
  bool has(unsigned long long address, size_t bytes) const {
    size_t offset = address - reinterpret_cast<unsigned long long>(memory);
    auto next = used.upper_bound(offset);
    return next != used.begin() &&
           offset + bytes <= std::prev(next)->first + std::prev(next)->second;
  }
};

FakeDevice &device() {
  static FakeDevice fake;
  return fake;
}

/// Pinned memory, by address.
std::map<const char *, size_t> &pinned() {
  static std::map<const char *, size_t> blocks;
  return blocks;
}
bool isPinned(const void *address, size_t bytes) {
  const char *start = static_cast<const char *>(address);
  auto next = pinned().upper_bound(start);
  return next != pinned().begin() &&
         start + bytes <= std::prev(next)->first + std::prev(next)->second;
}

struct FakeEvent {
  size_t after = 0;
};
struct Function {
  std::string name;
  const RondoKernel *kernel;
  long most = 48 << 10; // dynamic shared memory that may be asked for
};

int launch(Function *function, unsigned blocks, unsigned threads, unsigned shared,
           void **parameters, const char *how) {
  log("%s %s %u x %u shared %u", how, function->name.c_str(), blocks, threads, shared);
  if (device().error)
    return device().error;
  if (shared > function->most)
    return invalid;
  if (device().captured && refuses("capture")) {
    device().captureFailed = true;
    return captureInvalid;
  }
  const RondoKernel *kernel = function->kernel;
  bool fails = ++device().launches == number("FAKE_CUDA_FAILS", 0);
  auto *call = *static_cast<const RondoCall **>(parameters[0]);
  std::vector<int64_t> numbers;
  for (int64_t i = 0; kernel && i < kernel->num_numbers; ++i)
    numbers.push_back(*static_cast<int64_t *>(parameters[1 + i]));
  device().add([=] {
    if (fails)
      device().error = illegalAddress;
    for (unsigned i = 0; kernel && !fails && i < blocks * threads; ++i) {
      RondoThread thread = {i % threads, threads, i / threads, blocks, nullptr, shared, nullptr};
      kernel->emulated(&thread, call, numbers.data());
    }
  });
  return success;
}
} // namespace

FAKE cuInit(unsigned) { return number("FAKE_CUDA_DEVICES", 1) ? success : noDevice; }
FAKE cuDriverGetVersion(int *version) {
  *version = 12000;
  return success;
}
FAKE cuGetErrorString(int error, const char **text) {
  *text = error == illegalAddress ? "an illegal memory access was encountered"
          : error == invalidPtx   ? "a PTX JIT compilation failed"
                                  : "something is wrong";
  return success;
}
FAKE cuDeviceGetCount(int *count) {
  *count = static_cast<int>(number("FAKE_CUDA_DEVICES", 1));
  return success;
}
FAKE cuDeviceGet(int *found, int ordinal) {
  *found = ordinal;
  return success;
}
FAKE cuDeviceGetName(char *name, int bytes, int) {
  std::snprintf(name, static_cast<size_t>(bytes), "Pretence");
  return success;
}
FAKE cuDeviceGetAttribute(int *value, int attribute, int) {
  long capability = number("FAKE_CUDA_CAPABILITY", 80);
  *value = attribute == 13   ? 1000000
           : attribute == 16 ? 3
           : attribute == 75 ? static_cast<int>(capability / 10)
           : attribute == 76 ? static_cast<int>(capability % 10)
           : attribute == 95 ? !refuses("cooperative")
           : attribute == 97 ? 99 << 10
                             : -1;
  return success;
}
FAKE cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &device();
  return success;
}
FAKE cuDevicePrimaryCtxRelease_v2(int) { return success; }
FAKE cuCtxSetCurrent(void *) { return success; }

FAKE cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options,
                        void **values) {
  const char *text = static_cast<const char *>(image);
  bool isPtx = !std::strncmp(text, "//", 2);
  log("cuModuleLoadDataEx %.8s", isPtx ? "ptx" : !std::strncmp(text, "cubin", 5) ? text : "cubin");
  *module = &device();
  if (!isPtx)
    return refuses("cubin") ? invalidImage : success;
  if (refuses("ptx")) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == 5)
        std::strcpy(static_cast<char *>(values[i]),
                    "ptxas application ptx input, line 7; fatal   : Unsupported .version\nmore\n");
    return invalidPtx;
  }
  return success;
}
FAKE cuModuleUnload(void *) { return success; }
FAKE cuModuleGetFunction(Function **function, void *, const char *name) {
  static std::map<std::string, Function> functions;
  Function &made = functions[name];
  made.name = name;
  for (const RondoKernel &kernel : handwritten::kernels)
    if (made.name == kernel.name)
      made.kernel = &kernel;
  *function = &made;
  return success;
}
FAKE cuFuncGetAttribute(int *value, int, void *) {
  *value = 0;
  return success;
}
FAKE cuFuncSetAttribute(Function *function, int, int value) {
  log("cuFuncSetAttribute %s %d", function->name.c_str(), value);
  function->most = value;
  return success;
}
FAKE cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *, int, size_t shared) {
  *blocks = shared > (48 << 10) ? 1 : 2;
  return success;
}

FAKE cuMemGetInfo_v2(size_t *free, size_t *total) {
  *free = *total = device().size;
  for (auto [offset, bytes] : device().used)
    *free -= bytes;
  return success;
}
FAKE cuMemAlloc_v2(unsigned long long *address, size_t bytes) {
  log("cuMemAlloc %zu", bytes);
  size_t offset = 0;
  for (auto [start, size] : device().used) {
    if (offset + bytes <= start)
      break;
    offset = (start + size + 255) / 256 * 256;
  }
  if (bytes == 0 || offset + bytes > device().size)
    return bytes ? outOfMemory : invalid;
  device().used[offset] = bytes;
  *address = reinterpret_cast<unsigned long long>(device().memory + offset);
  return success;
}
FAKE cuMemFree_v2(unsigned long long address) {
  log("cuMemFree");
  device().advance(device().queue.size()); // as the driver does
  size_t offset = address - reinterpret_cast<unsigned long long>(device().memory);
  return device().used.erase(offset) ? success : invalid;
}
FAKE cuMemHostAlloc(void **address, size_t bytes, unsigned) {
  log("cuMemHostAlloc %zu", bytes);
  *address = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  pinned()[static_cast<const char *>(*address)] = bytes;
  return success;
}
FAKE cuMemFreeHost(void *address) {
  log("cuMemFreeHost");
  pinned().erase(static_cast<const char *>(address));
  std::free(address);
  return success;
}

FAKE cuMemcpyHtoDAsync_v2(unsigned long long to, const void *from, size_t bytes, void *) {
  log("cuMemcpyHtoDAsync %zu", bytes);
  if (!device().has(to, bytes) || !isPinned(from, bytes) || bytes == 0)
    return invalid;
  device().add([=] { std::memcpy(reinterpret_cast<void *>(to), from, bytes); });
  return device().error;
}
FAKE cuMemcpyDtoHAsync_v2(void *to, unsigned long long from, size_t bytes, void *) {
  log("cuMemcpyDtoHAsync %zu", bytes);
  if (!device().has(from, bytes) || bytes == 0)
    return invalid;
  device().add([=] { std::memcpy(to, reinterpret_cast<const void *>(from), bytes); });
  return device().error;
}
#ifndef FAKE_CUDA_LACKS_MEMSET
FAKE cuMemsetD8Async(unsigned long long to, unsigned char value, size_t bytes, void *) {
  log("cuMemsetD8Async %zu", bytes);
  if (!device().has(to, bytes))
    return invalid;
  device().add([=] { std::memset(reinterpret_cast<void *>(to), value, bytes); });
  return device().error;
}
#endif

FAKE cuStreamCreate(void **stream, unsigned) {
  *stream = &device();
  return success;
}
FAKE cuStreamDestroy_v2(void *) { return success; }
FAKE cuStreamSynchronize(void *) {
  log("cuStreamSynchronize");
  device().advance(device().queue.size());
  return device().error;
}
FAKE cuEventCreate(FakeEvent **event, unsigned) {
  log("cuEventCreate");
  *event = new FakeEvent;
  return success;
}
FAKE cuEventDestroy_v2(FakeEvent *event) {
  log("cuEventDestroy");
  delete event;
  return success;
}
FAKE cuEventRecord(FakeEvent *event, void *) {
  event->after = device().total();
  return success;
}
FAKE cuEventQuery(FakeEvent *event) {
  device().advance(static_cast<size_t>(number("FAKE_CUDA_SPEED", 3)));
  if (device().error)
    return device().error;
  return device().done >= event->after ? success : notReady;
}
FAKE cuEventSynchronize(FakeEvent *event) {
  log("cuEventSynchronize");
  if (event->after > device().done)
    device().advance(event->after - device().done);
  return device().error;
}

FAKE cuLaunchKernel(Function *function, unsigned blocks, unsigned, unsigned, unsigned threads,
                    unsigned, unsigned, unsigned shared, void *, void **parameters, void **) {
  return launch(function, blocks, threads, shared, parameters, "cuLaunchKernel");
}
FAKE cuLaunchCooperativeKernel(Function *function, unsigned blocks, unsigned, unsigned,
                               unsigned threads, unsigned, unsigned, unsigned shared, void *,
                               void **parameters) {
  int fit = 0;
  cuOccupancyMaxActiveBlocksPerMultiprocessor(&fit, function, static_cast<int>(threads), shared);
  if (blocks > 3 * static_cast<unsigned>(fit))
    return tooLarge;
  return launch(function, blocks, threads, shared, parameters, "cuLaunchCooperativeKernel");
}

FAKE cuStreamBeginCapture_v2(void *, int) {
  log("cuStreamBeginCapture");
  device().captured = new Graph;
  device().captureFailed = false;
  return success;
}
FAKE cuStreamEndCapture(void *, Graph **graph) {
  log("cuStreamEndCapture");
  *graph = device().captured;
  device().captured = nullptr;
  if (!device().captureFailed)
    return success;
  delete *graph;
  *graph = nullptr;
  return captureInvalid;
}
FAKE cuGraphInstantiateWithFlags(Graph **exec, Graph *graph, unsigned long long) {
  *exec = new Graph(*graph);
  return success;
}
FAKE cuGraphLaunch(Graph *exec, void *) {
  log("cuGraphLaunch of %zu", exec->works.size());
  for (const Work &work : exec->works)
    device().add(work);
  return device().error;
}
FAKE cuGraphExecDestroy(Graph *exec) {
  delete exec;
  return success;
}
FAKE cuGraphDestroy(Graph *graph) {
  delete graph;
  return success;
}
