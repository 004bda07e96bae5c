// Workers: how they meet and wait, how many there are.
#include "Runtime/Output.h"
#include "Runtime/Pace.h"
#include "Runtime/Processors.h"
#include "Runtime/Team.h"
#include "Unit.h"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

using namespace rondo;

/// Every worker runs the code once per call, with its own number, and calls do not overlap; idle
/// threads between two calls, asleep or not, miss none.
static void testCalls() {
  static int64_t size, seen[4];
  auto code = [](const RondoCall *call, int64_t worker) {
    if (worker == 0)
      size = call->team->size;
    ++seen[worker];
  };
  for (int64_t round = 0; round < 200; ++round) {
    for (int64_t workers : {1, 3, 2, 4}) {
      std::fill(seen, seen + 4, 0);
      runTeam(code, RondoCall(), workers);
      CHECK(size == workers);
      for (int64_t worker = 0; worker < 4; ++worker)
        CHECK(seen[worker] == (worker < workers));
    }
    if (round % 50 == 49)
      ::usleep(2000); // long enough for threads to fall asleep
  }
}

static constexpr int64_t mostWorkers = 24;
static int64_t steps[mostWorkers], behind, spins, numSteps, napEvery;

/// What generated code does at a barrier (dialects/Team/LowerTeam.cpp): the last worker wakes those
/// that sleep.
static void meet(RondoTeam &team) {
  uint32_t phase = __atomic_load_n(&team.phase, __ATOMIC_RELAXED);
  if (__atomic_fetch_add(&team.arrived, 1, __ATOMIC_ACQ_REL) + 1 == team.size) {
    __atomic_store_n(&team.arrived, 0, __ATOMIC_RELAXED);
    __atomic_exchange_n(&team.phase, phase + 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&team.sleepers, __ATOMIC_SEQ_CST))
      team.wake(&team);
    return;
  }
  for (int64_t look = 0; look < spins; ++look)
    if (__atomic_load_n(&team.phase, __ATOMIC_ACQUIRE) != phase)
      return;
  team.wait(&team, phase);
}

/// Nobody leaves a barrier that others have not come to, and everybody leaves it: spinning, after
/// waits so long that all sleep, with many more workers than processors. What is written before a
/// barrier, without atomics, is seen after it.
static void testBarriers() {
  auto code = [](const RondoCall *call, int64_t worker) {
    RondoTeam &team = *call->team;
    for (int64_t step = 1; step <= numSteps; ++step) {
      if (napEvery && step % napEvery == 0 && step / napEvery % team.size == worker)
        ::usleep(300);
      steps[worker] = step;
      meet(team);
      for (int64_t other = 0; other < team.size; ++other)
        if (steps[other] != step)
          __atomic_fetch_add(&behind, 1, __ATOMIC_RELAXED);
      meet(team);
    }
  };
  behind = 0;
  for (int64_t workers : {int64_t(2), int64_t(3), int64_t(4), mostWorkers})
    for (int64_t looks : {0, 200})
      for (int64_t nap : {0, 7}) {
        spins = looks;
        napEvery = nap;
        numSteps = workers == mostWorkers ? 60 : 200;
        std::fill(steps, steps + mostWorkers, 0);
        double waited = runTeam(code, RondoCall(), workers);
        CHECK(behind == 0 && steps[0] == numSteps && steps[workers - 1] == numSteps);
        CHECK(waited > 0 || (nap == 0 && looks > 0));
      }
}

/// Calls by Pace on a machine where `workers` take times[log2 workers] seconds, until `seconds` are
/// over; how many of those were spent with `most` workers.
static double timeAt(Pace &pace, int64_t most, int64_t at, const double *times, double seconds,
                     double waited = 0) {
  double spent = 0, all = 0;
  while (all < seconds) {
    int64_t workers = pace.workers(most), log = 0;
    while (int64_t(2) << log <= workers)
      ++log;
    CHECK(workers == int64_t(1) << log && workers <= most);
    all += times[log];
    spent += workers == at ? times[log] : 0;
    pace.took(times[log], workers > 1 ? waited * times[log] : 0);
  }
  return spent / all;
}

static void testPace() {
  const double win[] = {3e-3, 1.8e-3}, lose[] = {3e-3, 15e-3}, gain[] = {3e-3, 2.9e-3};
  Pace one, slow, vain, idle;
  CHECK(one.workers(1) == 1);
  CHECK(timeAt(one, 2, 2, win, 5) > 0.9);
  // A neighbour comes, and goes.
  CHECK(timeAt(one, 2, 1, lose, 20) > 0.8);
  CHECK(timeAt(one, 2, 1, lose, 20) > 0.9);
  CHECK(timeAt(one, 2, 2, win, 20) > 0.8);
  CHECK(timeAt(slow, 2, 1, lose, 20) > 0.9);
  // Where two have done nothing but wait for one another, the second call decides.
  CHECK(timeAt(vain, 2, 1, lose, 1, 1.2) > 0.85);
  // A twentieth is not worth a processor.
  CHECK(timeAt(idle, 2, 1, gain, 20) > 0.9);
  // Of eight, four are best; from above, and from below.
  const double four[] = {8e-3, 5e-3, 3e-3, 6e-3}, all[] = {8e-3, 5e-3, 3e-3, 2e-3};
  Pace eight;
  CHECK(timeAt(eight, 8, 4, four, 20) > 0.8);
  CHECK(timeAt(eight, 8, 8, all, 40) > 0.8);
  const double alone[] = {1e-3, 5e-3, 6e-3, 7e-3};
  timeAt(eight, 8, 1, alone, 20);
  CHECK(timeAt(eight, 8, 1, alone, 20) > 0.9);
  CHECK(timeAt(eight, 8, 4, four, 40) > 0.6);
  // Calls that are worth less neither have more workers nor say anything.
  CHECK(eight.workers(2) <= 2 && eight.workers(1) == 1);
}

static void put(const std::string &path, const char *text) {
  std::string folders = path.substr(0, path.rfind('/'));
  for (size_t slash = 1; slash != std::string::npos; slash = folders.find('/', slash + 1))
    ::mkdir(folders.substr(0, folders.find('/', slash)).c_str(), 0777);
  ::mkdir(folders.c_str(), 0777);
  CHECK_OK(writeFile(path, {text}));
}

/// Quotas of control groups, as the kernel shows them: of version 2 and 1, of groups above, and of
/// a container that sees its own group at the top.
static void testQuotas() {
  std::string root = scratchFolder() + "/groups", proc = root + "/proc";
  ::mkdir(root.c_str(), 0777);
  CHECK(quotaProcessors(proc, root) == INT64_MAX);
  put(proc + "/mountinfo", "25 1 0:23 / / rw shared:1 - ext4 /dev/vda rw\n"
                           "30 25 0:26 / /two rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
                           "31 25 0:27 / /one rw - cgroup cgroup rw,cpu,cpuacct\n"
                           "32 25 0:28 /docker/1f /own rw - cgroup cgroup rw,cpu\n"
                           "33 25 0:29 / /set rw - cgroup cgroup rw,cpuset\n");
  put(proc + "/cgroup", "0::/user/job\n");
  CHECK(quotaProcessors(proc, root) == INT64_MAX);
  put(root + "/two/user/job/cpu.max", "max 100000\n");
  CHECK(quotaProcessors(proc, root) == INT64_MAX);
  put(root + "/two/user/cpu.max", "350000 100000\n");
  CHECK(quotaProcessors(proc, root) == 3);
  put(root + "/two/user/job/cpu.max", "50000 100000\n");
  CHECK(quotaProcessors(proc, root) == 1);
  put(proc + "/cgroup", "3:cpuset:/\n4:cpu,cpuacct:/batch\n1:name=systemd:/\n");
  put(root + "/set/cpu.cfs_quota_us", "100000\n");
  CHECK(quotaProcessors(proc, root) == INT64_MAX);
  put(root + "/one/batch/cpu.cfs_period_us", "50000\n");
  put(root + "/one/batch/cpu.cfs_quota_us", "-1\n");
  CHECK(quotaProcessors(proc, root) == INT64_MAX);
  put(root + "/one/batch/cpu.cfs_quota_us", "240000\n");
  CHECK(quotaProcessors(proc, root) == 4);
  put(proc + "/cgroup", "4:cpu:/docker/1f\n");
  put(root + "/own/cpu.cfs_period_us", "100000\n");
  put(root + "/own/cpu.cfs_quota_us", "200000\n");
  CHECK(quotaProcessors(proc, root) == 2);
  put(root + "/own/cpu.cfs_quota_us", "nonsense\n");
  CHECK(quotaProcessors(proc, root) == INT64_MAX);
}

/// There are no more workers than processors, whatever is asked for.
static void testThreads() {
  Threads before = threads();
  int64_t most = std::min(availableProcessors(), mostThreads);
  CHECK(most >= 1);
  Flags none, many, one;
  CHECK_OK(none.parse("train", {}, {threadsFlag}, 0));
  CHECK_OK(many.parse("train", {"--threads", "1024"}, {threadsFlag}, 0));
  CHECK_OK(one.parse("train", {"--threads=1"}, {threadsFlag}, 0));
  CHECK_OK(useThreads(none));
  CHECK(threads().count == most && !threads().force);
  CHECK_OK(useThreads(many));
  CHECK(threads().count == most);
  CHECK_OK(useThreads(one));
  CHECK(threads().count == 1);
  setThreads(before);
}

void testTeam() {
  testCalls();
  testBarriers();
  testPace();
  testQuotas();
  testThreads();
}
