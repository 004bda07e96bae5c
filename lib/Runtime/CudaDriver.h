// What the runtime calls of the CUDA driver: types, numbers and functions as "CUDA Driver API"
// (docs.nvidia.com/cuda/cuda-driver-api) has them, found in the library by name.
#ifndef RONDO_RUNTIME_CUDADRIVER_H
#define RONDO_RUNTIME_CUDADRIVER_H

#include "Runtime/Status.h"

#include <cstddef>

namespace rondo::inline runtime {

namespace cuda {
using Result = int;
using Ordinal = int;
using Address = unsigned long long;
using Context = struct ContextObject *;
using Module = struct ModuleObject *;
using Function = struct FunctionObject *;
using Stream = struct StreamObject *;
using DriverEvent = struct EventObject *;
using DriverGraph = struct GraphObject *;
using GraphExec = struct GraphExecObject *;

enum : Result {
  success = 0,
  outOfMemory = 2,
  noDevice = 100,
  notReady = 600,
  firstKernelError = 700, // an illegal address, to
  lastKernelError = 719   // an unspecified failure
};
enum DeviceAttribute {
  clockRate = 13, // kHz
  multiprocessorCount = 16,
  capabilityMajor = 75,
  capabilityMinor = 76,
  cooperativeLaunch = 95,
  mostSharedPerBlock = 97 // with opt-in
};
enum FunctionAttribute { staticShared = 1, mostDynamicShared = 8 };
enum JitOption { errorLog = 5, errorLogBytes = 6 };
enum StreamFlag { nonBlocking = 1 };
enum EventFlag { blockingSync = 1, disableTiming = 2 };
enum CaptureMode { threadLocal = 1 };
} // namespace cuda

/// The driver's functions; those of graphs may be missing.
struct CudaDriver {
  /// Opens the library once for the process.
  static Status open(const CudaDriver *&driver);
  /// Success, or one line that names the function and what the driver says.
  Status check(cuda::Result result, const char *function) const;
  bool hasGraphs() const { return graphInstantiate && graphLaunch && streamBeginCapture; }

  cuda::Result (*init)(unsigned flags);
  cuda::Result (*driverGetVersion)(int *version);
  cuda::Result (*getErrorString)(cuda::Result error, const char **text);
  cuda::Result (*deviceGetCount)(int *count);
  cuda::Result (*deviceGet)(cuda::Ordinal *device, int number);
  cuda::Result (*deviceGetName)(char *name, int bytes, cuda::Ordinal device);
  cuda::Result (*deviceGetAttribute)(int *value, int attribute, cuda::Ordinal device);
  cuda::Result (*primaryCtxRetain)(cuda::Context *context, cuda::Ordinal device);
  cuda::Result (*primaryCtxRelease)(cuda::Ordinal device);
  cuda::Result (*ctxSetCurrent)(cuda::Context context);
  cuda::Result (*moduleLoadDataEx)(cuda::Module *module, const void *image, unsigned numOptions,
                                   int *options, void **values);
  cuda::Result (*moduleUnload)(cuda::Module module);
  cuda::Result (*moduleGetFunction)(cuda::Function *function, cuda::Module module,
                                    const char *name);
  cuda::Result (*funcGetAttribute)(int *value, int attribute, cuda::Function function);
  cuda::Result (*funcSetAttribute)(cuda::Function function, int attribute, int value);
  cuda::Result (*occupancy)(int *blocks, cuda::Function function, int threads,
                            size_t dynamicShared);
  cuda::Result (*memGetInfo)(size_t *free, size_t *total);
  cuda::Result (*memAlloc)(cuda::Address *address, size_t bytes);
  cuda::Result (*memFree)(cuda::Address address);
  cuda::Result (*memHostAlloc)(void **address, size_t bytes, unsigned flags);
  cuda::Result (*memFreeHost)(void *address);
  cuda::Result (*memcpyHtoDAsync)(cuda::Address to, const void *from, size_t bytes,
                                  cuda::Stream stream);
  cuda::Result (*memcpyDtoHAsync)(void *to, cuda::Address from, size_t bytes, cuda::Stream stream);
  cuda::Result (*memsetD8Async)(cuda::Address to, unsigned char value, size_t bytes,
                                cuda::Stream stream);
  cuda::Result (*streamCreate)(cuda::Stream *stream, unsigned flags);
  cuda::Result (*streamDestroy)(cuda::Stream stream);
  cuda::Result (*streamSynchronize)(cuda::Stream stream);
  cuda::Result (*eventCreate)(cuda::DriverEvent *event, unsigned flags);
  cuda::Result (*eventDestroy)(cuda::DriverEvent event);
  cuda::Result (*eventRecord)(cuda::DriverEvent event, cuda::Stream stream);
  cuda::Result (*eventQuery)(cuda::DriverEvent event);
  cuda::Result (*eventSynchronize)(cuda::DriverEvent event);
  cuda::Result (*launchKernel)(cuda::Function function, unsigned gridX, unsigned gridY,
                               unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
                               unsigned dynamicShared, cuda::Stream stream, void **parameters,
                               void **extra);
  cuda::Result (*launchCooperativeKernel)(cuda::Function function, unsigned gridX, unsigned gridY,
                                          unsigned gridZ, unsigned blockX, unsigned blockY,
                                          unsigned blockZ, unsigned dynamicShared,
                                          cuda::Stream stream, void **parameters);
  cuda::Result (*streamBeginCapture)(cuda::Stream stream, int mode);
  cuda::Result (*streamEndCapture)(cuda::Stream stream, cuda::DriverGraph *graph);
  cuda::Result (*graphInstantiate)(cuda::GraphExec *exec, cuda::DriverGraph graph,
                                   unsigned long long flags);
  cuda::Result (*graphLaunch)(cuda::GraphExec exec, cuda::Stream stream);
  cuda::Result (*graphExecDestroy)(cuda::GraphExec exec);
  cuda::Result (*graphDestroy)(cuda::DriverGraph graph);

private:
  Status load(void *library);
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CUDADRIVER_H
