// How many of the workers that a call is worth it takes, by what the calls before have cost.
//
// What a call is worth is counted in operations (Flops.h). Whether workers pay is up to the machine
// as well: a neighbour that holds a processor holds all who wait for the worker there, and what a
// barrier costs is in no count. Results are the same bits for any number of workers, so this may be
// decided anew for every call.
#ifndef RONDO_RUNTIME_PACE_H
#define RONDO_RUNTIME_PACE_H

#include <cstdint>

namespace rondo::inline runtime {

/// Of the calls of one entry. Most take the number of workers that has been best; now
/// and then a trial of some calls takes half or twice as many. More must be faster by a tenth, or
/// else fewer are better. Trials take a twentieth of the time at most; only where workers have done
/// little but wait for one another, fewer are tried at once.
class Pace {
public:
  /// For the next call, from 1 to `most`. Begins anew with a larger `most`; what calls that are
  /// worth fewer take says nothing.
  int64_t workers(int64_t most);
  /// The seconds that this call took, and for how long its workers have waited, all together.
  void took(double seconds, double waited);

private:
  void note(double seconds, double waited);
  void endTrial();

  int64_t most = 0, best = 0;
  bool isCounted = true;      // whether the call to come is worth the most
  int64_t calls = 0;          // with the best number, since that was found
  double mean = 0;            // seconds of one, of late
  double since = 0;           // seconds since the last trial
  double pause = 0;           // from one trial to the next; 0 before the first
  double pauseWhenInVain = 0; // the same where workers only wait
  bool upwards = false;       // whether more are tried next
  int64_t tried = 0;          // workers of the trial, 0 where there is none
  int64_t trialCalls = 0;
  double trialSeconds = 0;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_PACE_H
