// The runtime's tests: checks that count, and the groups of them.
#ifndef RONDO_TEST_RUNTIME_UNIT_H
#define RONDO_TEST_RUNTIME_UNIT_H

#include "Runtime/Status.h"
#include "rondo/Abi.h"

#include <vector>

/// Counts a failed check and prints where it stands.
void check(bool good, const char *what, const char *file, int line, const std::string &more = "");
/// Checks that the status is a failure whose message contains `text`.
void checkFails(const rondo::Status &status, const char *text, const char *file, int line);

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
#define CHECK_OK(status_)                                                                          \
  do {                                                                                             \
    rondo::Status checked = (status_);                                                             \
    check(!checked.failed(), #status_, __FILE__, __LINE__, checked.message());                     \
  } while (false)
#define CHECK_FAILS(status, text) checkFails((status), (text), __FILE__, __LINE__)

/// A folder of this run's own, removed at the end.
const std::string &scratchFolder();

/// The kernels of the program written by hand, emulated.
extern const RondoDeviceCode handwrittenEmulated;

/// What a command did.
struct Outcome {
  int status = -1;
  std::string out, err;
};
/// Runs a command of `program` with stdout and stderr in files.
Outcome runOn(const RondoProgram &program, const std::vector<std::string> &words);

void testCall();
void testAllocations();
void testTeam();
void testInitialise();
void testJson();
void testSafetensors();
void testPipes();
void testNpz();
void testOutput();
void testCommands();
void testDevice();
void testTraining();
void testResume();
void testEmulator();
void testEmulatorFaults();

#endif // RONDO_TEST_RUNTIME_UNIT_H
