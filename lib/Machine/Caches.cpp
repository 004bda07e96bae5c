// The caches of this machine, as sysfs tells them.
#include "Machine/Caches.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using rondo::TargetDescription;

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
