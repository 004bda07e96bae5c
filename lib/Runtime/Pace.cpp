// Trials of fewer and of more workers.
#include "Runtime/Pace.h"

#include <algorithm>

using namespace rondo;

/// How much faster a call must be with twice the workers.
static constexpr double worth = 1.1;
/// A trial is this long, since the system gives a processor to others for some milliseconds at a
/// time, and takes at least this many calls.
static constexpr double trialTime = 10e-3;
static constexpr int64_t trialLeast = 2;
/// Pauses by the time of a trial. They double while trials change nothing, up to some seconds.
static constexpr double pauseFactor = 20, longestPause = 2;

int64_t Pace::workers(int64_t given) {
  if (given > most) {
    *this = Pace();
    most = best = given;
    calls = -1; // the first one meets pages and caches that are new
  }
  isCounted = given == most;
  return std::min(tried ? tried : best, given);
}

void Pace::took(double seconds, double waited) {
  if (!isCounted)
    return;
  if (!tried)
    return note(seconds, waited);
  ++trialCalls;
  trialSeconds += seconds;
  if (trialCalls >= trialLeast && trialSeconds >= trialTime)
    endTrial();
}

void Pace::note(double seconds, double waited) {
  if (most == 1 || ++calls <= 0)
    return;
  // The mean of the first calls, then of about as many as a trial takes.
  double weight = std::max(1 / static_cast<double>(calls), 0.5 * seconds / trialTime);
  mean += (seconds - mean) * std::clamp(weight, 0.02, 1.0);
  since += seconds;
  if (pause == 0)
    pause = pauseFactor * std::max(static_cast<double>(trialLeast) * mean, trialTime);
  // Workers who never waited would do what these have done, in as much time.
  double busy = static_cast<double>(best) - waited / seconds;
  bool isInVain = best > 1 && busy < worth;
  if (calls < trialLeast || since < (isInVain ? pauseWhenInVain : pause))
    return;
  if (isInVain || best == most)
    upwards = false;
  else if (best == 1)
    upwards = true;
  tried = upwards ? std::min(2 * best, most) : best / 2;
  trialCalls = 0;
  trialSeconds = 0;
}

void Pace::endTrial() {
  double taken = trialSeconds / static_cast<double>(trialCalls);
  bool isBetter = tried < best ? taken <= worth * mean : worth * taken < mean;
  double least = pauseFactor * trialSeconds;
  if (isBetter) {
    best = tried;
    mean = taken;
    calls = trialCalls;
    pause = least;
    pauseWhenInVain = 0;
  } else {
    upwards = !upwards;
    pause = std::max(least, std::min(2 * pause, longestPause));
    pauseWhenInVain = least;
  }
  tried = 0;
  since = 0;
}
