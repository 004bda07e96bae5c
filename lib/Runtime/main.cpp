// The produced program's main. Its descriptor is the generated code's.
#include "Runtime/Commands.h"

#include <pthread.h>
#include <sys/resource.h>

// GNU ld wants this where no crtbegin.o gives it; nothing is ever unloaded.
extern "C" __attribute__((weak, visibility("hidden"))) void *__dso_handle = nullptr;

/// What the program may need of the stack: generated code keeps rows and tiles there.
static constexpr rlim_t stackBytes = rlim_t(8) << 20;

namespace {
struct Run {
  int argc;
  char **argv;
  int status = 1;
};
} // namespace

static void *run(void *argument) {
  Run &run = *static_cast<Run *>(argument);
  run.status = rondo::runProgram(rondo_program, run.argc, run.argv);
  return nullptr;
}

/// The stack grows up to the limit of the moment, so that a small one can be raised here; where it
/// may not be, the program runs on another stack. The thread that was there first only waits then,
/// and takes the signals.
static bool needsOtherStack() {
  rlimit limit;
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= stackBytes)
    return false;
  limit.rlim_cur = limit.rlim_max < stackBytes ? limit.rlim_max : stackBytes;
  return ::setrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur < stackBytes;
}

int main(int argc, char **argv) {
  Run all = {argc, argv};
  pthread_attr_t attributes;
  pthread_t thread;
  if (needsOtherStack() && ::pthread_attr_init(&attributes) == 0 &&
      ::pthread_attr_setstacksize(&attributes, stackBytes) == 0 &&
      ::pthread_create(&thread, &attributes, run, &all) == 0)
    ::pthread_join(thread, nullptr);
  else
    run(&all);
  return all.status;
}
