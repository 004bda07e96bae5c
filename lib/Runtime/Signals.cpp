// Handlers that only set a flag.
#include "Runtime/Signals.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <iterator>
#include <unistd.h>

using namespace rondo;

void rondo::openStandardDescriptors() {
  // The lowest that is free is the next one: those below are open by then.
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
      (void)!::open("/dev/null", O_RDWR);
}

static volatile std::sig_atomic_t stopAsked = 0;

static bool areTaken = false, isGone = false;

static constexpr int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
static struct sigaction before[std::size(taken)];

StopSignals::StopSignals() {
  stopAsked = 0;
  areTaken = true;
  isGone = false;
  for (size_t i = 0; i < std::size(taken); ++i) {
    struct sigaction action = {};
    action.sa_handler = [](int) { stopAsked = 1; };
    action.sa_flags = SA_RESTART;
    if (taken[i] == SIGINT || taken[i] == SIGTERM)
      action.sa_flags |= static_cast<int>(SA_RESETHAND);
    if (taken[i] == SIGPIPE)
      action.sa_handler = SIG_IGN;
    ::sigaction(taken[i], nullptr, &before[i]);
    if (taken[i] != SIGHUP || before[i].sa_handler != SIG_IGN)
      ::sigaction(taken[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  areTaken = false;
  for (size_t i = 0; i < std::size(taken); ++i)
    ::sigaction(taken[i], &before[i], nullptr);
}

bool StopSignals::haveCome() { return stopAsked != 0; }

void rondo::flushOutput() {
  if (std::fflush(stdout) == 0 || errno != EPIPE || !areTaken)
    return;
  isGone = true;
  if (int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) {
    ::dup2(nowhere, 1);
    ::close(nowhere);
  }
  std::clearerr(stdout);
}

bool rondo::isOutputGone() { return isGone; }
