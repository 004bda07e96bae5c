#include "Runtime/Place.h"
#include "Runtime/CallPlan.h"
#include "Runtime/Cuda.h"
#include "Runtime/EmulatedDevice.h"

#include <cstdio>

using namespace rondo;

const Flag rondo::deviceFlag = {
    "--device", "D",
    "where to compute: cpu, cuda, cuda:N (GPU number N), auto (cpu if compiled for it)"};

std::string rondo::capabilityText(int64_t capability) {
  return format("%lld.%lld", static_cast<long long>(capability / 10),
                static_cast<long long>(capability % 10));
}

Status rondo::openDevice(const RondoProgram &program, int64_t number,
                         std::unique_ptr<Device> &device) {
  if (program.device->ptx)
    return openCuda(*program.device, number, device);
  return openEmulated(*program.device, number, device);
}

/// A GPU if there is one that can be used, else the cpu; says so.
static Status chooseDevice(const RondoProgram &program, std::unique_ptr<Device> &device) {
  bool isReal = hasDeviceCode(program) && program.device->ptx;
  Status status;
  if (isReal || !hasHostCode(program))
    status = openDevice(program, 0, device);
  if (status.failed() && !hasHostCode(program))
    return status;
  if (device)
    std::fprintf(stderr, "computing on %s\n", device->name().c_str());
  else
    std::fprintf(stderr, "computing on the cpu%s%s\n", status.failed() ? ": " : "",
                 status.message().c_str());
  return {};
}

Status rondo::useDevice(const Flags &flags, const RondoProgram &program,
                        std::unique_ptr<Device> &device) {
  bool forHost = hasHostCode(program), forDevice = hasDeviceCode(program);
  std::string wanted = flags.text("--device", forHost || !forDevice ? "cpu" : "cuda");
  if (wanted == "auto")
    return chooseDevice(program, device);
  int64_t number = 0;
  bool isCuda = wanted == "cuda" || (wanted.starts_with("cuda:") &&
                                     parseInteger(wanted.substr(5), number) && number >= 0);
  if (!isCuda && wanted != "cpu")
    return error("--device is %s, expected cpu, cuda, cuda:N or auto", quote(wanted).c_str());
  if (isCuda ? !forDevice : !forHost && forDevice)
    return error("--device is %s, this program was compiled for %s; see 'rondoc --help', --target",
                 quote(wanted).c_str(), isCuda ? "the cpu" : "cuda");
  return isCuda ? openDevice(program, number, device) : Status();
}
