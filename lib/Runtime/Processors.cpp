// The affinity mask and the quotas of control groups, versions 1 and 2.
#include "Runtime/Processors.h"
#include "Runtime/File.h"
#include "Runtime/Flags.h"

#include <algorithm>
#include <sched.h>
#include <unistd.h>

using namespace rondo;

static std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

static bool hasPart(const std::string &list, const char *part) {
  std::vector<std::string> parts = split(list, ',');
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

/// The words of a file, none where it cannot be read.
static std::vector<std::string> wordsOf(const std::string &path) {
  std::string text;
  if (::access(path.c_str(), R_OK) != 0 || readFile(path, text).failed())
    return {};
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::vector<std::string> words = split(text, ' ');
  std::erase(words, "");
  return words;
}

/// Rounded down: of workers that meet at barriers, the one that is stopped in the midst of a period
/// stops all others.
static int64_t wholeProcessors(const std::string &quota, const std::string &period) {
  int64_t time = 0, of = 0;
  if (!parseInteger(quota, time) || !parseInteger(period, of) || time <= 0 || of <= 0)
    return INT64_MAX; // "max", or -1
  return std::max<int64_t>(1, time / of);
}

static int64_t quotaOf(const std::string &folder, bool isUnified) {
  if (isUnified) {
    std::vector<std::string> words = wordsOf(folder + "/cpu.max");
    return words.size() == 2 ? wholeProcessors(words[0], words[1]) : INT64_MAX;
  }
  std::vector<std::string> quota = wordsOf(folder + "/cpu.cfs_quota_us"),
                           period = wordsOf(folder + "/cpu.cfs_period_us");
  return quota.size() == 1 && period.size() == 1 ? wholeProcessors(quota[0], period[0]) : INT64_MAX;
}

namespace {
/// A hierarchy of control groups as it is seen here: `top`, a group, is mounted at `place`.
struct Mount {
  bool isUnified;
  std::string top, place;
};
} // namespace

/// Lines "36 25 0:28 /docker/1f /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu".
static std::vector<Mount> mountsOf(const std::string &proc) {
  std::vector<Mount> mounts;
  std::string text;
  if (readFile(proc + "/mountinfo", text).failed())
    return mounts;
  for (const std::string &line : split(text, '\n')) {
    std::vector<std::string> words = split(line, ' ');
    auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 6 || words.end() - dash < 4)
      continue;
    bool isUnified = dash[1] == "cgroup2";
    if (isUnified || (dash[1] == "cgroup" && hasPart(dash[3], "cpu")))
      mounts.push_back({isUnified, words[3], words[4]});
  }
  return mounts;
}

int64_t rondo::quotaProcessors(const std::string &proc, const std::string &root) {
  int64_t least = INT64_MAX;
  std::string text;
  if (readFile(proc + "/cgroup", text).failed())
    return least;
  std::vector<Mount> mounts = mountsOf(proc);
  // Lines "4:cpu,cpuacct:/docker/1f"; of version 2 "0::/docker/1f".
  for (const std::string &line : split(text, '\n')) {
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    bool isUnified = controllers.empty();
    if (!isUnified && !hasPart(controllers, "cpu"))
      continue;
    for (const Mount &mount : mounts) {
      if (mount.isUnified != isUnified)
        continue;
      // What lies above the mounted group, or beside it, cannot be seen.
      std::string below = group == "/" ? "" : group;
      if (mount.top != "/")
        below = below.starts_with(mount.top) ? below.substr(mount.top.size()) : "";
      for (;; below.resize(below.rfind('/'))) {
        least = std::min(least, quotaOf(root + mount.place + below, isUnified));
        if (below.rfind('/') == std::string::npos)
          break;
      }
    }
  }
  return least;
}

int64_t rondo::availableProcessors() {
  static const int64_t quota = quotaProcessors("/proc/self", "");
  cpu_set_t set;
  CPU_ZERO(&set);
  int64_t count = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
                                                                 : ::sysconf(_SC_NPROCESSORS_ONLN);
  return std::max<int64_t>(1, std::min(count, quota));
}
