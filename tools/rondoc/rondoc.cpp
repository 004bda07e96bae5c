// rondoc: compiles a model to a program.
#include "Driver/Compile.h"
#include "Target/Scratch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/thread.h"
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

/// One line, without any memory of its own, and nothing is left behind.
[[noreturn]] static void endWith(const char *reason) {
  static bool isEnding = false; // removing may need memory too
  if (!std::exchange(isEnding, true)) {
    for (const char *text : {"rondoc: ", reason, "\n"})
      (void)!write(STDERR_FILENO, text, std::strlen(text));
    rondo::removeAllScratch();
  }
  _exit(1);
}

static void endWithError(void *, const char *, bool) { endWith("no thread can be made"); }
static void endWithoutMemory(void *, const char *, bool) { endWith("out of memory"); }

/// Where a standard descriptor is closed, something stands there that cannot be used, so that no
/// file of ours gets its number.
static void fillDescriptors() {
  for (int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(number, F_GETFD) < 0)
      (void)!open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv) {
  fillDescriptors();
  sigset_t ignored = rondo::ignoredSignals();
  llvm::InitLLVM init(argc, argv, /*InstallPipeSignalExitHandler=*/false);
  rondo::removeScratchOnSignals(ignored);
  llvm::install_bad_alloc_error_handler(endWithoutMemory);
  // The stack is our own: what `ulimit -s` leaves may be next to nothing, and input nests deeply.
  constexpr unsigned stack = 256u << 20;
  int status = 1;
  llvm::install_fatal_error_handler(endWithError); // of the thread that cannot be made
  llvm::thread worker(std::optional<unsigned>(stack), [&] {
    llvm::remove_fatal_error_handler();
    std::optional<rondo::Options> options = rondo::parseCommandLine(argc, argv);
    status = options ? rondo::compile(*options) : 1;
  });
  worker.join();
  return status;
}
