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

static void *placeOf(auto *&function) { return static_cast<void *>(&function); }

Status CudaDriver::load(void *library) {
  struct Name {
    const char *name;
    void *place;
    bool isOptional;
  };
  const Name names[] = {
      {"cuInit", placeOf(init), false},
      {"cuDriverGetVersion", placeOf(driverGetVersion), false},
      {"cuGetErrorString", placeOf(getErrorString), false},
      {"cuDeviceGetCount", placeOf(deviceGetCount), false},
      {"cuDeviceGet", placeOf(deviceGet), false},
      {"cuDeviceGetName", placeOf(deviceGetName), false},
      {"cuDeviceGetAttribute", placeOf(deviceGetAttribute), false},
      {"cuDevicePrimaryCtxRetain", placeOf(primaryCtxRetain), false},
      {"cuDevicePrimaryCtxRelease_v2", placeOf(primaryCtxRelease), false},
      {"cuCtxSetCurrent", placeOf(ctxSetCurrent), false},
      {"cuModuleLoadDataEx", placeOf(moduleLoadDataEx), false},
      {"cuModuleUnload", placeOf(moduleUnload), false},
      {"cuModuleGetFunction", placeOf(moduleGetFunction), false},
      {"cuFuncGetAttribute", placeOf(funcGetAttribute), false},
      {"cuFuncSetAttribute", placeOf(funcSetAttribute), false},
      {"cuOccupancyMaxActiveBlocksPerMultiprocessor", placeOf(occupancy), false},
      {"cuMemGetInfo_v2", placeOf(memGetInfo), false},
      {"cuMemAlloc_v2", placeOf(memAlloc), false},
      {"cuMemFree_v2", placeOf(memFree), false},
      {"cuMemHostAlloc", placeOf(memHostAlloc), false},
      {"cuMemFreeHost", placeOf(memFreeHost), false},
      {"cuMemcpyHtoDAsync_v2", placeOf(memcpyHtoDAsync), false},
      {"cuMemcpyDtoHAsync_v2", placeOf(memcpyDtoHAsync), false},
      {"cuMemsetD8Async", placeOf(memsetD8Async), false},
      {"cuStreamCreate", placeOf(streamCreate), false},
      {"cuStreamDestroy_v2", placeOf(streamDestroy), false},
      {"cuStreamSynchronize", placeOf(streamSynchronize), false},
      {"cuEventCreate", placeOf(eventCreate), false},
      {"cuEventDestroy_v2", placeOf(eventDestroy), false},
      {"cuEventRecord", placeOf(eventRecord), false},
      {"cuEventQuery", placeOf(eventQuery), false},
      {"cuEventSynchronize", placeOf(eventSynchronize), false},
      {"cuLaunchKernel", placeOf(launchKernel), false},
      {"cuLaunchCooperativeKernel", placeOf(launchCooperativeKernel), false},
      {"cuStreamBeginCapture_v2", placeOf(streamBeginCapture), true},
      {"cuStreamEndCapture", placeOf(streamEndCapture), true},
      {"cuGraphInstantiateWithFlags", placeOf(graphInstantiate), true},
      {"cuGraphLaunch", placeOf(graphLaunch), true},
      {"cuGraphExecDestroy", placeOf(graphExecDestroy), true},
      {"cuGraphDestroy", placeOf(graphDestroy), true},
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
