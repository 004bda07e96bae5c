// What a loss gives for some examples, summed, and what is wrong with one that is no number.
#ifndef RONDO_RUNTIME_LOSSES_H
#define RONDO_RUNTIME_LOSSES_H

#include "Runtime/Session.h"

namespace rondo::inline runtime {

/// Adds up what a loss gave for some examples: its values, or its (value, weight) pairs.
Status addLosses(const RondoEntry &entry, const std::vector<Array> &results, double &sum,
                 double &weight);

/// What makes these losses no number: that all weights are 0, or the first example whose value or
/// weight is none; empty where nothing does. `ordinals`, which may be empty, say where the examples
/// start in the data.
std::string lossFault(const RondoEntry &entry, const std::vector<Array> &results,
                      const std::vector<int64_t> &ordinals);

/// Computes the loss of the examples in the feed once more, example by example, to say the same;
/// `onlyWeights` where the parameters are no longer those that the loss was computed with.
std::string explainLoss(Session &session, std::string_view loss, const Feed &feed,
                        bool onlyWeights = false);

/// "nan", "inf" and "-inf", whatever sign a NaN has; other numbers as %g writes them.
std::string numberText(double value);

/// "'W' is nan at [1, 2]" for the first NaN of an array; empty where there is none.
std::string findNan(std::string_view name, const Array &array);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_LOSSES_H
