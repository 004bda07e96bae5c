// Where a command computes: `--device cpu|cuda[:n]|auto`.
#ifndef RONDO_RUNTIME_PLACE_H
#define RONDO_RUNTIME_PLACE_H

#include "Runtime/Device.h"
#include "Runtime/Flags.h"

namespace rondo::inline runtime {

extern const Flag deviceFlag;

/// Opens the device that `--device` asks for; none where that is the cpu. Without the flag it is
/// the cpu if the program was compiled for it. `auto` is a GPU if there is one that can be used.
Status useDevice(const Flags &flags, const RondoProgram &program, std::unique_ptr<Device> &device);

/// Device number `number`, for the program's kernels.
Status openDevice(const RondoProgram &program, int64_t number, std::unique_ptr<Device> &device);

/// "8.0", for 80.
std::string capabilityText(int64_t capability);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_PLACE_H
