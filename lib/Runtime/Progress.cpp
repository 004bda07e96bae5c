// The progress bar and its plain form.
#include "Runtime/Progress.h"
#include "Runtime/Signals.h"
#include "Runtime/Status.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <unistd.h>

using namespace rondo;

double rondo::now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::string rondo::durationText(double seconds) {
  long long whole = std::llround(std::min(std::max(seconds, 0.0), 3.6e8));
  if (whole >= 3600)
    return format("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return format("%lld:%02lld", whole / 60, whole % 60);
}

Progress::Progress(int64_t first, int64_t total, double seconds)
    : first(first), total(total), seconds(seconds), start(now()), terminal(::isatty(1) != 0) {}

void Progress::show(int64_t step, double loss, int64_t tokens) {
  double time = now(), spent = std::max(time - start, 1e-9);
  double done = static_cast<double>(step - first);
  speed = done * static_cast<double>(tokens) / spent;
  // What ends first: the steps or the time.
  double share = done / static_cast<double>(std::max<int64_t>(1, total - first));
  if (seconds > 0)
    share = std::max(share, std::min(1.0, spent / seconds));
  std::string left = durationText(spent / share - spent);
  if (terminal) {
    if (share < 1 && time - lastShown < 0.1)
      return;
    lastShown = time;
    constexpr int width = 24;
    int full = static_cast<int>(share * width);
    std::string bar;
    for (int i = 0; i < width; ++i)
      bar += i < full ? "\u2588" : "\u2591";
    std::printf("\r%s %lld/%lld  loss %.4f  %.0f tokens/s  %s left \x1b[K", bar.c_str(),
                static_cast<long long>(step), static_cast<long long>(total), loss, speed,
                left.c_str());
    drawn = true;
  } else {
    // About twenty lines in all, the first and the last step among them.
    if (step != first + 1 && share < 1 && share - lastLine < 0.05)
      return;
    lastLine = step == first + 1 ? 0 : share;
    std::printf("step %lld/%lld loss %.4f tokens/s %.0f left %s\n", static_cast<long long>(step),
                static_cast<long long>(total), loss, speed, left.c_str());
  }
  flushOutput();
}

void Progress::finish() {
  if (drawn)
    std::printf("\n");
  drawn = false;
  flushOutput();
}
