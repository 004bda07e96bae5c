#include "Runtime/Losses.h"

#include <cmath>

using namespace rondo;

namespace {
/// The results that are the loss.
struct Values {
  const Array *value = nullptr;
  const Array *weight = nullptr; // null: every example counts once
};
} // namespace

static Status findValues(const RondoEntry &entry, const std::vector<Array> &results,
                         Values &found) {
  std::vector<const Array *> values;
  for (size_t i = 0; i < results.size(); ++i)
    if (int32_t role = entry.results[i].role; role == RONDO_RESULT || role == RONDO_LOSS)
      values.push_back(&results[i]);
  bool pair = values.size() == 2 && values[0]->sizes() == values[1]->sizes();
  if ((values.size() != 1 && !pair) || !isFloat(values[0]->element()) ||
      values[0]->sizes().size() > 1)
    return error("'%s' gives no loss: a number, or a value and a weight, per example", entry.name);
  found = {values[0], pair ? values[1] : nullptr};
  return {};
}

Status rondo::addLosses(const RondoEntry &entry, const std::vector<Array> &results, double &sum,
                        double &weight) {
  Values values;
  RONDO_TRY(findValues(entry, results, values));
  for (int64_t i = 0; i < values.value->elements(); ++i) {
    sum += values.value->get(i);
    weight += values.weight ? values.weight->get(i) : 1;
  }
  return {};
}

std::string rondo::numberText(double value) {
  return std::isnan(value) ? "nan" : format("%g", value);
}

std::string rondo::lossFault(const RondoEntry &entry, const std::vector<Array> &results,
                             const std::vector<int64_t> &ordinals) {
  Values values;
  if (findValues(entry, results, values).failed())
    return "";
  bool hasWeight = !values.weight;
  for (int64_t i = 0; i < values.value->elements(); ++i) {
    double value = values.value->get(i), weight = values.weight ? values.weight->get(i) : 1;
    hasWeight |= weight != 0;
    if (std::isfinite(value) && std::isfinite(weight))
      continue;
    auto row = static_cast<size_t>(i);
    std::string where = row < ordinals.size() ? format(", which starts at byte %lld of the data,",
                                                       static_cast<long long>(ordinals[row]))
                                              : "";
    return format("the %s of example %lld%s is %s", std::isfinite(value) ? "weight" : "loss",
                  static_cast<long long>(i), where.c_str(),
                  numberText(std::isfinite(value) ? weight : value).c_str());
  }
  return hasWeight ? ""
                   : format("the weights of all %lld examples are 0",
                            static_cast<long long>(values.value->elements()));
}

std::string rondo::explainLoss(Session &session, std::string_view loss, const Feed &feed,
                               bool onlyWeights) {
  const RondoEntry *entry = session.find(loss);
  std::vector<Array> results;
  CallShape shape;
  if (!entry || session.call(*entry, feed, results, shape).failed())
    return "";
  Values values;
  if (onlyWeights && !findValues(*entry, results, values).failed())
    for (size_t i = 0; i < results.size(); ++i)
      if (&results[i] == values.value)
        results[i].fill(0);
  return lossFault(*entry, results, feed.ordinals);
}

std::string rondo::findNan(std::string_view name, const Array &array) {
  for (int64_t i = 0; i < array.elements() && isFloat(array.element()); ++i) {
    if (!std::isnan(array.get(i)))
      continue;
    std::vector<int64_t> position(array.sizes().size());
    int64_t rest = i;
    for (size_t d = position.size(); d-- > 0; rest /= array.sizes()[d])
      position[d] = rest % array.sizes()[d];
    return quote(name) + " is nan" + (position.empty() ? "" : " at " + sizesText(position));
  }
  return "";
}
