// The pool of threads, and how workers sleep: on futexes, after a bounded number of looks.
#include "Runtime/Team.h"

#include <algorithm>
#include <climits>
#include <csignal>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace rondo;

const Flag rondo::threadsFlag = {"--threads", "N", "workers, one per processor by default"};
const Flag rondo::deterministicFlag = {
    "--deterministic", nullptr, "same bits for any number of workers; always so, at no cost"};

static void pauseProcessor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void sleepWhile(uint32_t *word, uint32_t value) {
  ::syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
static void wakeAll(uint32_t *word) {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

/// About 50 microseconds: more than lies between two calls of a training loop.
static constexpr int looks = 2000;

/// Waits until *word is not `value`. A sleeper counts itself in `sleepers` before the kernel
/// compares the word, and who changes the word looks at `sleepers` afterwards, both in one order
/// that all agree on, so that none is left asleep.
static void waitWhile(uint32_t *word, uint32_t value, uint32_t *sleepers) {
  for (int look = 0; look < looks; ++look) {
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value)
      return;
    pauseProcessor();
  }
  __atomic_fetch_add(sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
    sleepWhile(word, value);
  __atomic_fetch_sub(sleepers, 1, __ATOMIC_SEQ_CST);
}

/// Changes the word by `add` and wakes those who wait for that.
static void change(uint32_t *word, uint32_t add, uint32_t *sleepers) {
  __atomic_fetch_add(word, add, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(sleepers, __ATOMIC_SEQ_CST) != 0)
    wakeAll(word);
}

// What generated code calls; it has spun already, and moves the phase on itself.
static void sleepInBarrier(RondoTeam *team, uint32_t phase) {
  __atomic_fetch_add(&team->sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&team->phase, __ATOMIC_SEQ_CST) == phase)
    sleepWhile(&team->phase, phase);
  __atomic_fetch_sub(&team->sleepers, 1, __ATOMIC_SEQ_CST);
}
static void wakeFromBarrier(RondoTeam *team) { wakeAll(&team->phase); }

namespace {
/// One thread of the pool; every word that threads wait for has its line.
struct alignas(64) Helper {
  uint32_t calls; // changed to start the next call
  uint32_t sleepers;
  int64_t number;
};

struct Pool {
  alignas(64) RondoTeam team;
  RondoCode code;
  RondoCall call;
  alignas(64) uint32_t working; // helpers that are not done with the call
  uint32_t waiting;             // whether worker 0 sleeps until they are
  int64_t numHelpers;
  Helper helpers[mostThreads - 1];
};
} // namespace

static Pool pool;
static pthread_mutex_t poolLock = PTHREAD_MUTEX_INITIALIZER;
static Threads chosen;

static void *help(void *argument) {
  Helper &helper = *static_cast<Helper *>(argument);
  for (uint32_t seen = 0;; ++seen) {
    waitWhile(&helper.calls, seen, &helper.sleepers);
    pool.code(&pool.call, helper.number);
    if (__atomic_sub_fetch(&pool.working, 1, __ATOMIC_SEQ_CST) == 0 &&
        __atomic_load_n(&pool.waiting, __ATOMIC_SEQ_CST) != 0)
      wakeAll(&pool.working);
  }
  return nullptr;
}

/// Makes threads until there are `count`, or as many as the system allows.
static void reserveHelpers(int64_t count) {
  pthread_attr_t attributes;
  if (pool.numHelpers >= count || ::pthread_attr_init(&attributes) != 0)
    return;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Signals are for the thread that was there before.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  for (; pool.numHelpers < count; ++pool.numHelpers) {
    Helper &helper = pool.helpers[pool.numHelpers];
    helper.number = pool.numHelpers + 1;
    pthread_t thread;
    if (::pthread_create(&thread, &attributes, help, &helper) != 0)
      break;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
}

int64_t rondo::availableThreads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::clamp<int64_t>(CPU_COUNT(&set), 1, mostThreads);
  return std::clamp<int64_t>(::sysconf(_SC_NPROCESSORS_ONLN), 1, mostThreads);
}

void rondo::setThreads(Threads value) { chosen = value; }
Threads rondo::threads() { return chosen; }

Status rondo::useThreads(const Flags &flags) {
  int64_t count = availableThreads();
  RONDO_TRY(flags.integer("--threads", 1, mostThreads, count));
  setThreads({count});
  return {};
}

void rondo::runTeam(RondoCode code, RondoCall call, int64_t size) {
  if (size <= 1) {
    RondoTeam alone = {};
    alone.size = 1;
    call.team = &alone;
    return code(&call, 0);
  }
  ::pthread_mutex_lock(&poolLock);
  reserveHelpers(std::min(size, mostThreads) - 1);
  int64_t numHelpers = std::min(size - 1, pool.numHelpers);
  pool.team.size = numHelpers + 1;
  pool.team.wait = sleepInBarrier;
  pool.team.wake = wakeFromBarrier;
  call.team = &pool.team;
  pool.code = code;
  pool.call = call;
  __atomic_store_n(&pool.working, static_cast<uint32_t>(numHelpers), __ATOMIC_SEQ_CST);
  for (int64_t i = 0; i < numHelpers; ++i)
    change(&pool.helpers[i].calls, 1, &pool.helpers[i].sleepers);
  code(&pool.call, 0);
  for (int look = 0; __atomic_load_n(&pool.working, __ATOMIC_ACQUIRE) != 0; ++look) {
    if (look < looks) {
      pauseProcessor();
      continue;
    }
    __atomic_store_n(&pool.waiting, 1, __ATOMIC_SEQ_CST);
    while (uint32_t left = __atomic_load_n(&pool.working, __ATOMIC_SEQ_CST))
      sleepWhile(&pool.working, left);
    __atomic_store_n(&pool.waiting, 0, __ATOMIC_SEQ_CST);
  }
  ::pthread_mutex_unlock(&poolLock);
}
