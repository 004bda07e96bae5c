// One step of training, shared by `train` and `bench`.
#include "Runtime/TrainingStep.h"
#include "Runtime/Commands.h"

#include <cmath>

using namespace rondo;

Status TrainingStep::find(const Session &session, const RondoTrain &train) {
  RONDO_TRY(findEntry(session, train.gradient, gradient));
  return findEntry(session, train.update, update);
}

Status TrainingStep::run(Session &session, int64_t seed, int64_t step, double &loss) {
  gradientFeed.seed = updateFeed.seed = seed;
  gradientFeed.step = updateFeed.step = step;
  CallShape shape;
  RONDO_TRY(session.call(*gradient, gradientFeed, gradients, shape));
  loss = NAN;
  for (int64_t i = 0; i < gradient->num_results; ++i) {
    const RondoValue &value = gradient->results[i];
    if (value.role == RONDO_LOSS)
      loss = gradients[static_cast<size_t>(i)].get(0);
    else if (value.role == RONDO_GRADIENT)
      updateFeed.gradients[value.name] = &gradients[static_cast<size_t>(i)];
  }
  if (!std::isfinite(loss))
    return {};
  RONDO_TRY(session.call(*update, updateFeed, updated, shape));
  session.adopt(*gradient, gradients);
  session.adopt(*update, updated);
  return {};
}
