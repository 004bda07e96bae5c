// One step of training: gradients, then the update of the parameters and of the optimizer's states.
//
// On a device steps are queued and the host goes on; the loss of each is copied back behind it and
// taken later, in order. So the host is some steps ahead, and a step waits for nothing and
// allocates nothing. On the host a step is done when it has been started.
#ifndef RONDO_RUNTIME_TRAININGSTEP_H
#define RONDO_RUNTIME_TRAININGSTEP_H

#include "Runtime/PreparedCall.h"

#include <optional>

namespace rondo::inline runtime {

class TrainingStep {
public:
  /// How many steps may be under way.
  static constexpr size_t mostPending = 32;

  const RondoEntry *gradient = nullptr, *update = nullptr;
  Feed gradientFeed; // the examples and the scalars of the loss
  Feed updateFeed;   // the settings of the optimizer

  /// Finds the two entries of the `train` block.
  Status find(const Session &session, const RondoTrain &train);
  /// Begins step number `step`. Where the loss is not finite, nothing is updated on the host; on a
  /// device it is known later. The first step finds everything by name: from then on the session is
  /// the same and no name leaves the feeds. Not to be called while isFull().
  Status start(Session &session, int64_t seed, int64_t step);
  /// The loss of the oldest step whose loss was not taken, or none where it is not known yet; with
  /// `wait`, none only where there is no such step.
  Status takeLoss(bool wait, std::optional<double> &loss);
  bool isFull() const { return numPending == mostPending; }
  /// Both, for a step alone.
  Status run(Session &session, int64_t seed, int64_t step, double &loss);

private:
  /// A step whose loss was not taken.
  struct Pending {
    double loss = 0;
    Landing landing; // on a device: the loss, and why each entry stopped
    std::vector<int64_t> gradientOrder, updateOrder; // of the rows
  };
  Status prepare(Session &session);
  Status startOnDevice(Pending &pending);
  Status read(Pending &pending);

  bool isOnDevice = false;
  PreparedCall gradientCall, updateCall;
  const Array *lossResult = nullptr;
  std::vector<Pending> pending; // a ring
  size_t oldest = 0, numPending = 0;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_TRAININGSTEP_H
