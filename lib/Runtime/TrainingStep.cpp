// Steps of training, shared by `train` and `bench`.
#include "Runtime/TrainingStep.h"
#include "Runtime/Commands.h"
#include "Runtime/Memory.h"

#include <cmath>
#include <cstring>

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
  isOnDevice = session.device != nullptr;
  pending.resize(mostPending);
  for (Pending &step : pending)
    if (isOnDevice)
      RONDO_TRY(step.landing.make(*session.device));
  return updateCall.prepare(session, *update, updateFeed);
}

// Where things land on the host.
static constexpr size_t gradientFailureAt = 16, updateFailureAt = 32;

Status TrainingStep::start(Session &session, int64_t seed, int64_t step) {
  if (!updateCall.isPrepared())
    RONDO_TRY(prepare(session));
  gradientFeed.seed = updateFeed.seed = seed;
  gradientFeed.step = updateFeed.step = step;
  RONDO_TRY(gradientCall.start());
  Pending &begun = pending[(oldest + numPending) % mostPending];
  if (isOnDevice) {
    RONDO_TRY(updateCall.start());
    RONDO_TRY(startOnDevice(begun));
  } else {
    begun.loss = lossResult ? lossResult->get(0) : NAN;
    if (std::isfinite(begun.loss))
      RONDO_TRY(updateCall.start());
  }
  ++numPending;
  if (isOnDevice || std::isfinite(begun.loss)) {
    gradientCall.adopt();
    updateCall.adopt();
  }
  return {};
}

/// What is to be known of the step is copied back behind it.
Status TrainingStep::startOnDevice(Pending &begun) {
  auto addFailure = [&](const PreparedCall &call, size_t offset, std::vector<int64_t> &order) {
    const EntryCaller &caller = call.entryCaller();
    order.clear();
    if (!caller.isSorted())
      order = caller.rowOrder();
    const void *address = caller.failureAddress();
    return address ? begun.landing.add(address, sizeof(RondoFailure), offset) : Status();
  };
  RONDO_TRY(addFailure(gradientCall, gradientFailureAt, begun.gradientOrder));
  RONDO_TRY(addFailure(updateCall, updateFailureAt, begun.updateOrder));
  if (lossResult)
    RONDO_TRY(begun.landing.add(lossResult->onDeviceData(), lossResult->bytes(), 0));
  return begun.landing.start();
}

/// What has landed.
Status TrainingStep::read(Pending &step) {
  const char *data = static_cast<const char *>(step.landing.data());
  auto check = [&](const PreparedCall &call, size_t offset, const std::vector<int64_t> &order) {
    RondoFailure failure = {-1, -1};
    if (call.entryCaller().failureAddress())
      std::memcpy(&failure, data + offset, sizeof(failure));
    return call.entryCaller().checkFailure(failure, order);
  };
  RONDO_TRY(check(gradientCall, gradientFailureAt, step.gradientOrder));
  step.loss = NAN;
  if (lossResult && lossResult->element() == RONDO_F32) {
    float narrow = 0;
    std::memcpy(&narrow, data, sizeof(narrow));
    step.loss = static_cast<double>(narrow);
  } else if (lossResult) {
    std::memcpy(&step.loss, data, sizeof(step.loss));
  }
  // On the host there would be no update of a loss that is no number.
  return std::isfinite(step.loss) ? check(updateCall, updateFailureAt, step.updateOrder) : Status();
}

Status TrainingStep::takeLoss(bool wait, std::optional<double> &loss) {
  loss = std::nullopt;
  if (numPending == 0)
    return {};
  Pending &step = pending[oldest];
  if (isOnDevice) {
    bool arrived = true;
    RONDO_TRY(wait ? step.landing.wait() : step.landing.hasArrived(arrived));
    if (!arrived)
      return {};
    RONDO_TRY(read(step));
  }
  oldest = (oldest + 1) % mostPending;
  --numPending;
  loss = step.loss;
  return {};
}

Status TrainingStep::run(Session &session, int64_t seed, int64_t step, double &loss) {
  RONDO_TRY(start(session, seed, step));
  std::optional<double> taken;
  RONDO_TRY(takeLoss(true, taken));
  loss = *taken;
  return {};
}
