// A device whose kernels run on the CPU, thread by thread, and are watched: see Emulator.h.
#ifndef RONDO_RUNTIME_EMULATEDDEVICE_H
#define RONDO_RUNTIME_EMULATEDDEVICE_H

#include "Runtime/Device.h"

namespace rondo::inline runtime {

/// For the emulated kernels of a program; there is one such device, number 0.
Status openEmulated(const RondoDeviceCode &code, int64_t number, std::unique_ptr<Device> &device);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_EMULATEDDEVICE_H
