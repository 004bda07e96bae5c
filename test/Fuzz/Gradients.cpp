// Gradients of a ragged batch, of one example at a time, and central differences.
#include "Checker.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

/// The gradient of a ragged batch is the mean of the gradients of batches of one.
bool Checker::gradientsAreThoseOfOneAtATime() {
  for (func::FuncOp function : entries()) {
    StringRef name = function.getName();
    if (!name.ends_with(".grad") || isWeighted(name) || alwaysStops(name) || data.rows > mostRows)
      continue;
    std::vector<HostArray> sums;
    for (int64_t row = 0; row < data.rows; ++row) {
      std::optional<std::vector<HostArray>> one =
          evaluate(*module, name, data.example(function, row, true));
      if (!one)
        return violated("one at a time", name.str() + " cannot be evaluated for one row");
      if (sums.empty())
        sums = *one;
      else
        for (auto [sum, term] : llvm::zip_equal(sums, *one))
          for (auto [a, b] : llvm::zip_equal(sum.floats, term.floats))
            a += b;
    }
    for (auto [i, sum] : llvm::enumerate(sums)) {
      for (double &x : sum.floats)
        x /= static_cast<double>(data.rows);
      if (!close("one at a time", name, i, "for all rows", reference[name][i], sum,
                 settings.raggedTolerance))
        return false;
    }
  }
  return true;
}

bool Checker::isWeighted(StringRef gradient) {
  auto loss = batched->lookupSymbol<func::FuncOp>(differentiated(gradient));
  return loss && loss.getNumResults() == 2;
}

/// The batch's loss, as the gradient entry defines it.
std::optional<double> Checker::lossOf(StringRef name, const Call &at) {
  std::optional<std::vector<HostArray>> results = evaluate(*batched, name, at);
  if (!results)
    return std::nullopt;
  double sum = 0, weight = 0;
  for (double x : (*results)[0].floats)
    sum += x;
  if (results->size() == 2)
    for (double x : (*results)[1].floats)
      weight += x;
  else
    weight = static_cast<double>(data.rows);
  return sum / weight;
}

/// Central differences of fourth order; nothing near a kink, where two widths disagree.
std::optional<double> Checker::derivative(StringRef name, Call &at, double &x) {
  double x0 = x;
  auto slope = [&](double h) -> std::optional<double> {
    double values[4];
    const double offsets[4] = {-2 * h, -h, h, 2 * h};
    for (int i = 0; i < 4; ++i) {
      x = x0 + offsets[i];
      std::optional<double> value = lossOf(name, at);
      x = x0;
      if (!value)
        return std::nullopt;
      values[i] = *value;
    }
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h);
  };
  std::optional<double> wide = slope(2e-3), narrow = slope(1e-3);
  if (!wide || !narrow || !(std::abs(*wide - *narrow) <= 1e-7 * (1 + std::abs(*narrow))))
    return std::nullopt;
  return narrow;
}

bool Checker::differencesAgree() {
  if (!settings.differences)
    return true;
  for (func::FuncOp function : entries()) {
    StringRef name = function.getName();
    if (!name.ends_with(".grad") || alwaysStops(name))
      continue;
    for (unsigned i = 0; i < function.getNumResults(); ++i) {
      auto role = function.getResultAttrOfType<StringAttr>(i, names::role);
      if (!role || role.getValue() != "gradient")
        continue;
      auto path = function.getResultAttrOfType<StringAttr>(i, names::name).getValue();
      Call moved = data.of(name);
      HostArray &parameter = moved.arguments[path];
      HostArray wanted = HostArray::poisoned(ArrayKind::Float, parameter.shape);
      // At most eight elements per parameter, spread over it.
      int64_t step = std::max<int64_t>(1, parameter.size() / 8);
      for (int64_t e = static_cast<int64_t>(settings.seed) % step; e < parameter.size(); e += step)
        if (std::optional<double> d = derivative(differentiated(name), moved, parameter.floats[e]))
          wanted.floats[e] = *d;
      if (!closeAtScale(name, path, reference[name][i], wanted))
        return false;
    }
  }
  return true;
}

/// Differences are compared on the scale of the whole gradient: theirs is known at few elements.
bool Checker::closeAtScale(StringRef name, StringRef path, const HostArray &gradient,
                           const HostArray &wanted) {
  double scale = 1e-3, worst = 0;
  for (double x : gradient.floats)
    scale = std::max(scale, std::abs(x));
  for (auto [x, y] : llvm::zip_equal(gradient.floats, wanted.floats))
    if (!std::isnan(y) && !(std::abs(x - y) <= worst))
      worst = std::abs(x - y);
  if (settings.verbose)
    llvm::outs() << llvm::formatv("  differences, {0} of {1}: {2:e2}\n", path, name, worst / scale);
  if (!(worst <= settings.differenceTolerance * scale))
    return violated("differences", llvm::formatv("d {0} / d {1}: error {2:e3}, tolerance {3:e1}",
                                                 differentiated(name), path, worst / scale,
                                                 settings.differenceTolerance));
  return true;
}
