// NVIDIA GPUs, through the driver: libcuda.so.1, opened when it is asked for. Nothing of CUDA is
// needed to build or to start a program.
#ifndef RONDO_RUNTIME_CUDA_H
#define RONDO_RUNTIME_CUDA_H

#include "Runtime/Device.h"

namespace rondo::inline runtime {

/// GPU number `number`, with the program's kernels loaded; `code` has PTX and must outlive it.
Status openCuda(const RondoDeviceCode &code, int64_t number, std::unique_ptr<Device> &device);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CUDA_H
