// The caches of a processor: a table for names, sysfs for this machine.
#include "Machine/Caches.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Threading.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using rondo::TargetDescription;

namespace {

/// KiB of one core: L1 for data, L2, and its part of L3 where all cores of the common models work.
struct Row {
  X86::CPUKind kind;
  int64_t l1, l2, l3;
};

/// Whatever is not listed has the numbers of its architecture level, by the width of its vectors.
constexpr Row table[] = {
    // Intel, clients.
    {X86::CK_SandyBridge, 32, 256, 2048},
    {X86::CK_IvyBridge, 32, 256, 2048},
    {X86::CK_Haswell, 32, 256, 2048},
    {X86::CK_Broadwell, 32, 256, 2048},
    {X86::CK_SkylakeClient, 32, 256, 2048},
    {X86::CK_IcelakeClient, 48, 512, 2048},
    {X86::CK_Rocketlake, 48, 512, 2048},
    {X86::CK_Tigerlake, 48, 1280, 3072},
    {X86::CK_Alderlake, 48, 1280, 3072},
    {X86::CK_Raptorlake, 48, 2048, 3072},
    {X86::CK_Meteorlake, 48, 2048, 3072},
    {X86::CK_Arrowlake, 48, 3072, 3072},
    {X86::CK_Lunarlake, 48, 2560, 3072},
    // Intel, servers.
    {X86::CK_SkylakeServer, 32, 1024, 1408},
    {X86::CK_Cascadelake, 32, 1024, 1408},
    {X86::CK_Cooperlake, 32, 1024, 1408},
    {X86::CK_IcelakeServer, 48, 1280, 1536},
    {X86::CK_SapphireRapids, 48, 2048, 1920},
    {X86::CK_Emeraldrapids, 48, 2048, 5120},
    {X86::CK_Graniterapids, 48, 2048, 4032},
    {X86::CK_GraniterapidsD, 48, 2048, 4032},
    {X86::CK_Diamondrapids, 48, 2048, 4032},
    // AMD.
    {X86::CK_ZNVER1, 32, 512, 2048},
    {X86::CK_ZNVER2, 32, 512, 4096},
    {X86::CK_ZNVER3, 32, 512, 4096},
    {X86::CK_ZNVER4, 32, 1024, 4096},
    {X86::CK_ZNVER5, 48, 1024, 4096},
};

} // namespace

void rondo::describeProcessor(StringRef name, TargetDescription &description) {
  X86::CPUKind kind = X86::parseArchX86(name);
  const Row *found = find_if(table, [&](const Row &row) { return row.kind == kind; });
  Row row = found != std::end(table)        ? *found
            : description.vectorBits >= 512 ? Row{kind, 32, 1024, 1408}
                                            : Row{kind, 32, 256, 2048};
  description.l1Bytes = row.l1 << 10;
  description.l2Bytes = row.l2 << 10;
  description.l3Bytes = row.l3 << 10;
  description.cores = 8;
}

static std::string readLine(const Twine &path) {
  auto file = MemoryBuffer::getFileAsStream(path); // sysfs gives no sizes
  return file ? (*file)->getBuffer().trim().str() : "";
}

/// How many processors a list such as "0-3,8" names.
static int64_t countListed(StringRef list) {
  int64_t count = 0;
  for (StringRef part : split(list, ',')) {
    auto [first, last] = part.split('-');
    int64_t low = 0, high = 0;
    if (first.getAsInteger(10, low))
      return 0;
    if (last.empty())
      high = low;
    else if (last.getAsInteger(10, high))
      return 0;
    count += high - low + 1;
  }
  return count;
}

/// "48K", "32M".
static int64_t parseSize(StringRef text) {
  int64_t factor = text.consume_back("K") ? 1 << 10 : text.consume_back("M") ? 1 << 20 : 1;
  int64_t value = 0;
  return text.getAsInteger(10, value) ? 0 : value * factor;
}

void rondo::describeMachine(TargetDescription &description, StringRef root) {
  std::string first = (root + "/cpu0").str();
  int64_t threads =
      std::max<int64_t>(1, countListed(readLine(first + "/topology/thread_siblings_list")));
  if (int64_t online = countListed(readLine(root + "/online")))
    description.cores = std::max<int64_t>(1, online / threads);
  bool isKnown = false;
  int64_t sizes[4] = {0, 0, 0, 0};
  for (int index = 0; index < 8; ++index) {
    std::string folder = first + "/cache/index" + std::to_string(index);
    int64_t level = 0, size = parseSize(readLine(folder + "/size"));
    if (readLine(folder + "/type") == "Instruction" || size <= 0 ||
        StringRef(readLine(folder + "/level")).getAsInteger(10, level) || level < 1 || level > 3)
      continue;
    int64_t shared = countListed(readLine(folder + "/shared_cpu_list")) / threads;
    sizes[level] = size / std::max<int64_t>(1, shared);
    isKnown = true;
  }
  if (!isKnown || sizes[1] == 0)
    return;
  description.l1Bytes = sizes[1];
  description.l2Bytes = sizes[2] ? sizes[2] : sizes[1];
  description.l3Bytes = sizes[3];
}
