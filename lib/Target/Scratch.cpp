// Folders for temporary files: locks, sweeping, signals.
#include "Target/Scratch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <pthread.h>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace rondo;

//===----------------------------------------------------------------------===//
// What this process has to remove
//===----------------------------------------------------------------------===//

namespace {
struct Registry {
  std::mutex mutex;
  std::set<std::string> folders;
  pid_t child = 0;
};
} // namespace

static Registry &registry() {
  static Registry *instance = new Registry; // it outlives the thread that waits for signals
  return *instance;
}

void rondo::removeAllScratch() {
  Registry &all = registry();
  std::lock_guard<std::mutex> guard(all.mutex);
  for (const std::string &folder : all.folders)
    (void)sys::fs::remove_directories(folder);
  all.folders.clear();
}

void rondo::startChildProcess(function_ref<int()> start) {
  Registry &all = registry();
  std::lock_guard<std::mutex> guard(all.mutex);
  all.child = start();
}

void rondo::forgetChildProcess() {
  Registry &all = registry();
  std::lock_guard<std::mutex> guard(all.mutex);
  all.child = 0;
}

static constexpr int endingSignals[] = {SIGINT, SIGTERM, SIGHUP};

sigset_t rondo::ignoredSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : endingSignals) {
    struct sigaction action;
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      sigaddset(&set, number);
  }
  return set;
}

/// A thread that waits may do what a handler may not: walk a folder, take a lock.
static void *waitForSignal(void *waited) {
  sigset_t set = *static_cast<sigset_t *>(waited);
  int number = 0;
  if (sigwait(&set, &number) != 0)
    return nullptr;
  Registry &all = registry();
  // The lock is kept: no file is made any more, and no program started.
  all.mutex.lock();
  if (all.child > 0 && kill(all.child, SIGKILL) == 0)
    waitpid(all.child, nullptr, 0);
  for (const std::string &folder : all.folders)
    (void)sys::fs::remove_directories(folder);
  signal(number, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  raise(number);
  return nullptr;
}

void rondo::removeScratchOnSignals(sigset_t ignored) {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  static sigset_t set; // the thread reads it
  sigemptyset(&set);
  for (int number : endingSignals)
    if (sigismember(&ignored, number))
      signal(number, SIG_IGN);
    else
      sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  // Not what `ulimit -s` says, which may be next to nothing.
  pthread_attr_setstacksize(&attributes, size_t(512) << 10);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, waitForSignal, &set) != 0)
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr); // then a killed run's folder is swept later
  pthread_attr_destroy(&attributes);
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

static constexpr StringLiteral prefix = ".rondoc-";
static constexpr size_t numRandom = 6;

static int openFolder(const std::string &path) {
  return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/// Removes the folders in `parent` that processes of this user have left behind.
static void sweep(StringRef parent) {
  std::error_code error;
  for (sys::fs::directory_iterator it(parent, error), end; !error && it != end;
       it.increment(error)) {
    StringRef name = sys::path::filename(it->path());
    if (!name.starts_with(prefix) || name.size() != prefix.size() + numRandom)
      continue;
    struct stat status;
    if (lstat(it->path().c_str(), &status) != 0 || !S_ISDIR(status.st_mode) ||
        status.st_uid != geteuid())
      continue;
    int lock = openFolder(it->path());
    if (lock < 0)
      continue;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0)
      (void)sys::fs::remove_directories(it->path());
    close(lock);
  }
}

Expected<std::unique_ptr<Scratch>> Scratch::create(StringRef parent, StringRef what) {
  sweep(parent);
  Registry &all = registry();
  std::string pattern = (parent + "/" + prefix + std::string(numRandom, 'X')).str();
  int number = 0;
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::lock_guard<std::mutex> guard(all.mutex);
    std::string folder = pattern;
    if (!mkdtemp(folder.data())) {
      number = errno;
      break;
    }
    // Somebody may be sweeping it, or have swept it, between its making and its lock. Where the
    // file system has no locks, nobody sweeps.
    int lock = openFolder(folder);
    struct stat status;
    bool isLocked = lock >= 0 && (flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK);
    if (isLocked && fstat(lock, &status) == 0 && status.st_nlink != 0) {
      all.folders.insert(folder);
      return std::unique_ptr<Scratch>(new Scratch(std::move(folder), lock, what));
    }
    number = lock < 0 ? errno : EBUSY;
    if (lock >= 0)
      close(lock);
    (void)sys::fs::remove_directories(folder);
  }
  std::error_code error(number, std::generic_category());
  return createStringError(error, "cannot write " + what + ": " + error.message());
}

Expected<std::unique_ptr<Scratch>> Scratch::create() {
  SmallString<128> parent;
  sys::path::system_temp_directory(/*erasedOnReboot=*/true, parent);
  return create(parent, ("temporary files in " + parent).str());
}

Scratch::~Scratch() {
  Registry &all = registry();
  std::lock_guard<std::mutex> guard(all.mutex);
  (void)sys::fs::remove_directories(folder);
  all.folders.erase(folder);
  close(lock);
}

std::string Scratch::path(StringRef name) const { return folder + "/" + name.str(); }

Expected<std::string> Scratch::add(StringRef name, StringRef bytes) {
  std::lock_guard<std::mutex> guard(registry().mutex);
  std::error_code error;
  raw_fd_ostream out(path(name), error);
  if (!error) {
    out << bytes;
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error)
    return createStringError(error, "cannot write " + what + ": " + error.message());
  return path(name);
}
