// One step of training, shared by `train` and `bench`.
#include "Runtime/TrainingStep.h"
#include "Runtime/Commands.h"
#include "Runtime/Memory.h"

#include <cmath>

using namespace rondo;

Status TrainingStep::find(const Session &session, const RondoTrain &train) {
  RONDO_TRY(findEntry(session, train.gradient, gradient));
  return findEntry(session, train.update, update);
}

Status TrainingStep::prepare(Session &session) {
  session.caller(*gradient).hold(heldBesideGradient(session, *update));
  RONDO_TRY(gradientCall.prepare(session, *gradient, gradientFeed));
  for (int64_t i = 0; i < gradient->num_results; ++i) {
    const RondoValue &value = gradient->results[i];
    const Array &result = gradientCall.results[static_cast<size_t>(i)];
    if (value.role == RONDO_LOSS)
      lossResult = &result;
    else if (value.role == RONDO_GRADIENT)
      updateFeed.gradients[value.name] = &result;
  }
  return updateCall.prepare(session, *update, updateFeed);
}

Status TrainingStep::run(Session &session, int64_t seed, int64_t step, double &loss) {
  if (!updateCall.isPrepared())
    RONDO_TRY(prepare(session));
  gradientFeed.seed = updateFeed.seed = seed;
  gradientFeed.step = updateFeed.step = step;
  RONDO_TRY(gradientCall.run());
  loss = lossResult ? lossResult->get(0) : NAN;
  if (!std::isfinite(loss))
    return {};
  RONDO_TRY(updateCall.run());
  gradientCall.adopt();
  updateCall.adopt();
  return {};
}
