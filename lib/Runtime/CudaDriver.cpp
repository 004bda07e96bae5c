// The driver's library and its functions.
#include "Runtime/CudaDriver.h"

#include <cstring>
#include <dlfcn.h>

using namespace rondo;

// Weak, so that a program links against a C library that has no dlopen of its own; it then computes
// on the cpu. (glibc has it since 2.34.)
extern "C" {
__attribute__((weak)) decltype(::dlopen) dlopen;
__attribute__((weak)) decltype(::dlsym) dlsym;
}

static constexpr const char *libraryName = "libcuda.so.1";

Status CudaDriver::load(void *library) {
  struct Name {
    const char *name;
    void *place;
    bool isOptional;
  };
  const Name names[] = {
      {"cuInit", &init, false},
      {"cuDriverGetVersion", &driverGetVersion, false},
      {"cuGetErrorString", &getErrorString, false},
      {"cuDeviceGetCount", &deviceGetCount, false},
      {"cuDeviceGet", &deviceGet, false},
      {"cuDeviceGetName", &deviceGetName, false},
      {"cuDeviceGetAttribute", &deviceGetAttribute, false},
      {"cuDevicePrimaryCtxRetain", &primaryCtxRetain, false},
      {"cuDevicePrimaryCtxRelease_v2", &primaryCtxRelease, false},
      {"cuCtxSetCurrent", &ctxSetCurrent, false},
      {"cuModuleLoadDataEx", &moduleLoadDataEx, false},
      {"cuModuleUnload", &moduleUnload, false},
      {"cuModuleGetFunction", &moduleGetFunction, false},
      {"cuFuncGetAttribute", &funcGetAttribute, false},
      {"cuFuncSetAttribute", &funcSetAttribute, false},
      {"cuOccupancyMaxActiveBlocksPerMultiprocessor", &occupancy, false},
      {"cuMemGetInfo_v2", &memGetInfo, false},
      {"cuMemAlloc_v2", &memAlloc, false},
      {"cuMemFree_v2", &memFree, false},
      {"cuMemHostAlloc", &memHostAlloc, false},
      {"cuMemFreeHost", &memFreeHost, false},
      {"cuMemcpyHtoDAsync_v2", &memcpyHtoDAsync, false},
      {"cuMemcpyDtoHAsync_v2", &memcpyDtoHAsync, false},
      {"cuMemsetD8Async", &memsetD8Async, false},
      {"cuStreamCreate", &streamCreate, false},
      {"cuStreamDestroy_v2", &streamDestroy, false},
      {"cuStreamSynchronize", &streamSynchronize, false},
      {"cuEventCreate", &eventCreate, false},
      {"cuEventDestroy_v2", &eventDestroy, false},
      {"cuEventRecord", &eventRecord, false},
      {"cuEventQuery", &eventQuery, false},
      {"cuEventSynchronize", &eventSynchronize, false},
      {"cuLaunchKernel", &launchKernel, false},
      {"cuLaunchCooperativeKernel", &launchCooperativeKernel, false},
      {"cuStreamBeginCapture_v2", &streamBeginCapture, true},
      {"cuStreamEndCapture", &streamEndCapture, true},
      {"cuGraphInstantiateWithFlags", &graphInstantiate, true},
      {"cuGraphLaunch", &graphLaunch, true},
      {"cuGraphExecDestroy", &graphExecDestroy, true},
      {"cuGraphDestroy", &graphDestroy, true},
  };
  for (const Name &name : names) {
    void *found = ::dlsym(library, name.name);
    if (!found && !name.isOptional)
      return error("the NVIDIA driver is too old: its %s lacks %s", libraryName, name.name);
    std::memcpy(name.place, &found, sizeof(found));
  }
  return {};
}

Status CudaDriver::open(const CudaDriver *&driver) {
  static CudaDriver opened;
  static bool isOpen = false;
  driver = &opened;
  if (isOpen)
    return {};
  void *library = ::dlopen && ::dlsym ? ::dlopen(libraryName, RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (!library)
    return error("there is no NVIDIA driver: %s cannot be opened", libraryName);
  RONDO_TRY(opened.load(library));
  cuda::Result result = opened.init(0);
  if (result == cuda::noDevice)
    return error("there is no NVIDIA GPU");
  RONDO_TRY(opened.check(result, "cuInit"));
  isOpen = true;
  return {};
}

Status CudaDriver::check(cuda::Result result, const char *function) const {
  if (result == cuda::success)
    return {};
  const char *text = nullptr;
  if (getErrorString(result, &text) != cuda::success || !text)
    text = "unknown error";
  return error("%s: %s (error %d of the NVIDIA driver)", function, text, result);
}
