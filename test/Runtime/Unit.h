// The runtime's tests: checks that count, and the groups of them.
#ifndef RONDO_TEST_RUNTIME_UNIT_H
#define RONDO_TEST_RUNTIME_UNIT_H

#include "Runtime/Status.h"

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

void testCall();
void testAllocations();
void testInitialise();
void testJson();
void testSafetensors();
void testNpz();
void testFiles();
void testCommands();
void testTraining();
void testEmulator();
void testEmulatorFaults();

#endif // RONDO_TEST_RUNTIME_UNIT_H
