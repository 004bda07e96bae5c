// What training shows: a bar that redraws itself on a terminal, plain lines in a pipe.
#ifndef RONDO_RUNTIME_PROGRESS_H
#define RONDO_RUNTIME_PROGRESS_H

#include <cstdint>
#include <string>

namespace rondo::inline runtime {

/// Seconds of a clock that only moves forward.
double now();

/// "0:42", "1:02:03".
std::string durationText(double seconds);

class Progress {
public:
  /// Steps `first` to `total` are to come, or as many as fit into `seconds` where that is not 0.
  Progress(int64_t first, int64_t total, double seconds = 0);

  /// After `step` steps (counted from 1), of which the last had this loss; `tokens` is what one
  /// step works through.
  void show(int64_t step, double loss, int64_t tokens);
  /// Ends the line of the bar.
  void finish();
  double tokensPerSecond() const { return speed; }
  double elapsed() const { return now() - start; }

private:
  int64_t first, total;
  double seconds, start, lastShown = 0, speed = 0;
  double lastLine = 0; // how much was done (of 1) at the last plain line
  bool terminal, drawn = false;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_PROGRESS_H
