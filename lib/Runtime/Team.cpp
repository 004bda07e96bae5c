// The pool of threads, and how workers sleep: on futexes, after a bounded number of looks.
#include "Runtime/Team.h"
#include "Runtime/Processors.h"

#include <algorithm>
#include <climits>
#include <csignal>
#include <ctime>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace rondo;

const Flag rondo::threadsFlag = {"--threads", "N", "workers at most, one per processor by default"};
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

static int64_t nanoseconds() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return 1000000000 * static_cast<int64_t>(time.tv_sec) + time.tv_nsec;
}

//===--- how workers wait ---===//
//
// Two sides share a word and a count of sleepers, and every access named here is sequentially
// consistent, so that all threads agree on one order of them:
//
//   who waits:  (1) adds itself to the sleepers; (2) reads the word, and sleeps only if it has
//               the old value, which the kernel compares once more before it puts it to sleep
//   who wakes:  (3) changes the word; (4) reads the sleepers, and wakes them if there are any
//
// If (4) sees none, it comes before (1) in that order, so (3) comes before (2), which sees the new
// value and does not sleep. If it sees one, the wake comes after (3): it finds the waiter asleep,
// or the kernel's comparison finds the new value. So nobody sleeps on. Who is woken for nothing, by
// the wake of a change that it has seen already, looks again. A word that counts up by one per
// change is back at an old value after 2^32 changes, in which nobody who waits can miss all.
// What was written before (3) is seen after the word is: (3) releases, all reads of it acquire.

/// Longer than two workers with equal shares are apart, and about what it costs to put a thread to
/// sleep and to wake it on another processor: who spins as long and then sleeps has lost at most
/// twice what is lost in any case.
static constexpr int64_t mostPatience = 50000;
/// How long workers spin. Where waits turn out to be longer it sinks towards 0: the other is not
/// running, and its processor may be this one.
static int64_t patience = mostPatience;
/// How often a worker gives its processor to others before it sleeps.
static constexpr int yields = 2;

static bool hasChanged(uint32_t *word, uint32_t value, int64_t limit, int64_t start) {
  do {
    for (int look = 0; look < 32; ++look) {
      if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value)
        return true;
      pauseProcessor();
    }
  } while (nanoseconds() - start < limit);
  for (int look = 0; look < yields; ++look) {
    ::sched_yield();
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value)
      return true;
  }
  return false;
}

/// Waits until *word is not `value`. Returns the nanoseconds that it took.
static int64_t waitWhile(uint32_t *word, uint32_t value, uint32_t *sleepers) {
  int64_t limit = __atomic_load_n(&patience, __ATOMIC_RELAXED), start = nanoseconds();
  if (!hasChanged(word, value, limit, start)) {
    __atomic_fetch_add(sleepers, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
      sleepWhile(word, value);
    __atomic_fetch_sub(sleepers, 1, __ATOMIC_SEQ_CST);
  }
  return nanoseconds() - start;
}

/// What a wait in a call says of the waits to come.
static void learn(int64_t waited, bool isCrowded) {
  int64_t now = __atomic_load_n(&patience, __ATOMIC_RELAXED);
  int64_t next =
      isCrowded || waited > mostPatience ? now / 2 : std::min(2 * now + 1000, mostPatience);
  if (next != now)
    __atomic_store_n(&patience, next, __ATOMIC_RELAXED);
}

/// Changes the word by `add` and wakes those who wait for that.
static void change(uint32_t *word, uint32_t add, uint32_t *sleepers) {
  __atomic_fetch_add(word, add, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(sleepers, __ATOMIC_SEQ_CST) != 0)
    wakeAll(word);
}

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
  uint32_t waiting;             // 1 while worker 0 may sleep until they are
  alignas(64) int64_t waited;   // nanoseconds that workers have waited in the call, all together
  bool isCrowded;               // there are more workers than processors
  int64_t numHelpers;
  Helper helpers[mostThreads - 1];
};
} // namespace

static Pool pool;
static pthread_mutex_t poolLock = PTHREAD_MUTEX_INITIALIZER;
static Threads chosen;

// What generated code calls; it has spun for a moment already, and moves the phase on itself.
static void waitInBarrier(RondoTeam *team, uint32_t phase) {
  int64_t waited = waitWhile(&team->phase, phase, &team->sleepers);
  learn(waited, pool.isCrowded);
  __atomic_fetch_add(&pool.waited, waited, __ATOMIC_RELAXED);
}
static void wakeFromBarrier(RondoTeam *team) { wakeAll(&team->phase); }

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

/// Generated code keeps rows and tiles on the stack. By default a thread has what `ulimit -s`
/// gives, which may be little.
static constexpr size_t stackBytes = size_t(8) << 20;

/// Makes threads until there are `count`, or as many as the system allows.
static void reserveHelpers(int64_t count) {
  pthread_attr_t attributes;
  if (pool.numHelpers >= count || ::pthread_attr_init(&attributes) != 0)
    return;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  ::pthread_attr_setstacksize(&attributes, stackBytes);
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

void rondo::setThreads(Threads value) { chosen = value; }
Threads rondo::threads() { return chosen; }

Status rondo::useThreads(const Flags &flags) {
  int64_t most = std::min(availableProcessors(), mostThreads), count = most;
  RONDO_TRY(flags.integer("--threads", 1, mostThreads, count));
  // Workers meet at every barrier, so that more of them than processors only wait for one another.
  setThreads({std::min(count, most)});
  return {};
}

/// Worker 0 waits for the others, which count themselves off. Only the last change wakes: it is the
/// only one that ends the wait.
static void awaitHelpers() {
  int64_t waited = 0;
  while (uint32_t left = __atomic_load_n(&pool.working, __ATOMIC_SEQ_CST))
    waited += waitWhile(&pool.working, left, &pool.waiting);
  pool.waited += waited;
}

double rondo::runTeam(RondoCode code, RondoCall call, int64_t size) {
  if (size <= 1) {
    RondoTeam alone = {};
    alone.size = 1;
    call.team = &alone;
    code(&call, 0);
    return 0;
  }
  ::pthread_mutex_lock(&poolLock);
  reserveHelpers(std::min(size, mostThreads) - 1);
  int64_t numHelpers = std::min(size - 1, pool.numHelpers);
  pool.team.size = numHelpers + 1;
  pool.team.wait = waitInBarrier;
  pool.team.wake = wakeFromBarrier;
  pool.isCrowded = numHelpers >= availableProcessors();
  pool.waited = 0;
  call.team = &pool.team;
  pool.code = code;
  pool.call = call;
  __atomic_store_n(&pool.working, static_cast<uint32_t>(numHelpers), __ATOMIC_SEQ_CST);
  for (int64_t i = 0; i < numHelpers; ++i)
    change(&pool.helpers[i].calls, 1, &pool.helpers[i].sleepers);
  code(&pool.call, 0);
  awaitHelpers();
  double waited = 1e-9 * static_cast<double>(pool.waited);
  ::pthread_mutex_unlock(&poolLock);
  return waited;
}
