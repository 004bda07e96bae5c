// One step of training: gradients, then the update of the parameters and of the optimizer's states.
#ifndef RONDO_RUNTIME_TRAININGSTEP_H
#define RONDO_RUNTIME_TRAININGSTEP_H

#include "Runtime/PreparedCall.h"

namespace rondo::inline runtime {

struct TrainingStep {
  const RondoEntry *gradient = nullptr, *update = nullptr;
  Feed gradientFeed; // the examples and the scalars of the loss
  Feed updateFeed;   // the settings of the optimizer

  /// Finds the two entries of the `train` block.
  Status find(const Session &session, const RondoTrain &train);
  /// Takes step number `step`. Where the loss is not finite, nothing is updated. The first step
  /// finds everything by name: from then on the session is the same and no name leaves the feeds.
  Status run(Session &session, int64_t seed, int64_t step, double &loss);

private:
  Status prepare(Session &session);

  PreparedCall gradientCall, updateCall;
  const Array *lossResult = nullptr;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_TRAININGSTEP_H
