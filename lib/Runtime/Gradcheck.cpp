// `gradcheck`: compiled gradients against central differences, both in double precision, on random
// ragged inputs.
//
// A difference quotient is extrapolated from steps h and h/2 (Richardson, error h^4), and its own
// error estimated by how much the two disagree. Near a kink they disagree at one scale and agree at
// a smaller one; the scale where they agree best is taken, and the gradient has no say in that.
#include "Runtime/Commands.h"
#include "Runtime/Losses.h"
#include "Runtime/Place.h"
#include "Runtime/PreparedCall.h"
#include "Runtime/Segments.h"
#include "Runtime/Team.h"
#include "rondo/Philox.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

using namespace rondo;

namespace {
class Checker {
public:
  explicit Checker(Context &context)
      : flags(context.flags), session(context.program, context.device, true) {}
  Status run();

private:
  Status prepare();
  Status makeInputs();
  Status loss(double &value);
  Status difference(Array &parameter, int64_t element, double wanted, double &quotient);
  std::vector<int64_t> chooseElements(const Array &gradient) const;
  Status checkParameter(const RondoParameter &parameter, Array &values, const Array &gradient,
                        bool &good);

  const Flags &flags;
  Session session;
  const RondoEntry *forward = nullptr, *backward = nullptr;
  Feed feed;
  std::vector<NamedArray> inputs;
  PreparedCall forwardCall;
  int64_t batch = 2, length = 5, elements = 24;
  double tolerance = 1e-6, base = 0;
};
} // namespace

/// Random valid values for all inputs: floats are normal, indices uniform, lengths differ.
Status Checker::makeInputs() {
  uint64_t key = foldKey(static_cast<uint64_t>(feed.seed), siteNumber("gradcheck"));
  CallShape shape;
  int64_t numRagged = 0;
  for (int64_t s = 0; s < forward->num_symbols; ++s) {
    const RondoSymbol &symbol = forward->symbols[s];
    auto given = feed.scalars.find(symbol.name);
    int64_t value = symbol.kind == RONDO_BATCH ? batch : length;
    if (symbol.kind == RONDO_UNIFORM && symbol.has_default)
      value = symbol.default_value;
    if (given != feed.scalars.end())
      value = static_cast<int64_t>(given->second);
    if (value < 0 || value > 1 << 20)
      return error("--set %s=%lld is out of range", symbol.name, static_cast<long long>(value));
    if (symbol.kind == RONDO_UNIFORM)
      feed.scalars[symbol.name] = static_cast<double>(value);
    else if (given != feed.scalars.end())
      feed.scalars.erase(given);
    if (symbol.kind == RONDO_BATCH)
      batch = value;
    shape.dims.push_back(value);
  }
  if (batch < 1)
    return error("the batch is %lld, expected at least 1", static_cast<long long>(batch));
  for (int64_t i = 0; i < forward->num_arguments; ++i)
    if (forward->arguments[i].role == RONDO_INPUT)
      inputs.emplace_back().name = forward->arguments[i].name;
  for (int64_t s = 0; s < forward->num_symbols; ++s)
    if (forward->symbols[s].kind == RONDO_RAGGED)
      inputs.emplace_back().name = std::string("lengths.") + forward->symbols[s].name;
  size_t next = 0;
  // A given scalar, or a default, stands; an array by that name would hide it.
  auto stands = [&](const RondoValue &value) {
    return value.has_default || feed.scalars.find(value.name) != feed.scalars.end();
  };
  std::vector<int64_t> shortest = shape.dims;
  for (int64_t i = 0; i < forward->num_symbols; ++i)
    if (forward->symbols[i].kind == RONDO_RAGGED && shape.dims[i] > 0)
      shortest[i] = std::max<int64_t>(1, shape.dims[i] - batch + 1);
  for (int64_t i = 0; i < forward->num_arguments; ++i) {
    const RondoValue &value = forward->arguments[i];
    if (value.role != RONDO_INPUT)
      continue;
    NamedArray &input = inputs[next++];
    if (stands(value))
      continue;
    std::vector<int64_t> sizes = evaluateDims(value, shape.dims.data());
    RONDO_TRY(input.array.allocate(session.elementOf(value), sizes));
    uint64_t site = foldKey(key, siteNumber(value.name));
    int64_t bound = value.is_index ? evaluateDim(value.index_bound, shortest.data()) : 0;
    for (int64_t e = 0; e < input.array.elements(); ++e) {
      uint64_t number = static_cast<uint64_t>(e);
      double uniform = drawUniform(site, number);
      input.array.set(e, value.is_index ? std::floor(uniform * static_cast<double>(bound))
                         : value.element == RONDO_I1  ? (uniform < 0.5 ? 1 : 0)
                         : value.element == RONDO_I64 ? std::floor(uniform * 4)
                         : value.element == RONDO_I32 ? std::floor(uniform * 4)
                                                      : drawNormal(site, number));
    }
    feed.arrays[input.name] = &input.array;
  }
  for (int64_t s = 0; s < forward->num_symbols; ++s) {
    if (forward->symbols[s].kind != RONDO_RAGGED)
      continue;
    // The longest example is not the first one, so that sorting is exercised.
    Array &lengths = inputs[next].array;
    RONDO_TRY(lengths.allocate(RONDO_I64, {batch}));
    for (int64_t row = 0; row < batch; ++row) {
      int64_t less = (row + 1 + numRagged) % batch;
      lengths.data<int64_t>()[row] =
          shape.dims[s] > 0 ? std::max<int64_t>(1, shape.dims[s] - less) : 0;
    }
    feed.arrays[inputs[next++].name] = &lengths;
    ++numRagged;
  }
  return {};
}

Status Checker::loss(double &value) {
  session.parametersChanged();
  RONDO_TRY(forwardCall.run());
  double sum = 0, weight = 0;
  RONDO_TRY(addLosses(*forward, forwardCall.results, sum, weight));
  value = sum / weight;
  return {};
}

Status Checker::difference(Array &parameter, int64_t element, double wanted, double &quotient) {
  double kept = parameter.get(element), bestError = INFINITY;
  quotient = NAN;
  for (double scale : {1e-3, 1e-4, 1e-5, 1e-6}) {
    double h = scale * std::max(1.0, std::fabs(kept)), slopes[2];
    for (int half = 0; half < 2; ++half) {
      double width = half ? h / 2 : h, above = 0, below = 0;
      double high = kept + width, low = kept - width;
      parameter.set(element, high);
      Status status = loss(above);
      parameter.set(element, low);
      if (!status.failed())
        status = loss(below);
      parameter.set(element, kept);
      RONDO_TRY(status);
      slopes[half] = (above - below) / (high - low);
    }
    double estimate = std::fabs(slopes[1] - slopes[0]) / 3;
    if (estimate < bestError || std::isnan(quotient)) {
      bestError = estimate;
      quotient = (4 * slopes[1] - slopes[0]) / 3;
    }
    // The extrapolated value is far better than the estimate where the loss is smooth.
    if (estimate <= wanted)
      break;
  }
  return {};
}

/// The elements with the largest gradients, and as many spread over the rest.
std::vector<int64_t> Checker::chooseElements(const Array &gradient) const {
  std::vector<int64_t> order(static_cast<size_t>(gradient.elements()));
  std::iota(order.begin(), order.end(), 0);
  int64_t limit = elements;
  if (limit == 0 || gradient.elements() <= limit)
    return order;
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    double x = std::fabs(gradient.get(a)), y = std::fabs(gradient.get(b));
    return x != y ? x > y : a < b;
  });
  std::vector<int64_t> chosen(order.begin(), order.begin() + (limit + 1) / 2);
  int64_t rest = gradient.elements() - (limit + 1) / 2, more = limit / 2;
  for (int64_t i = 0; i < more; ++i)
    chosen.push_back(order[static_cast<size_t>((limit + 1) / 2 + rest * i / more)]);
  return chosen;
}

Status Checker::checkParameter(const RondoParameter &parameter, Array &values,
                               const Array &gradient, bool &good) {
  double largest = 0, worst = 0, magnitude = 0;
  int64_t worstElement = 0;
  for (int64_t i = 0; i < gradient.elements(); ++i)
    largest = std::max(largest, std::fabs(gradient.get(i)));
  std::vector<int64_t> chosen = chooseElements(gradient);
  for (int64_t element : chosen) {
    double quotient = 0;
    RONDO_TRY(difference(values, element, tolerance * largest, quotient));
    double distance = std::fabs(gradient.get(element) - quotient);
    magnitude = std::max(magnitude, std::fabs(quotient));
    if (!(distance <= worst)) {
      worst = distance;
      worstElement = element;
      if (std::isnan(distance))
        break;
    }
  }
  // Below the floor a difference quotient is rounding noise of the loss.
  double floorValue = 1e-10 * std::max(1.0, std::fabs(base));
  double bound = tolerance * magnitude + floorValue;
  bool failed = !(worst <= bound);
  good = !failed;
  std::printf("%s %s: largest error %.3g of largest gradient %.3g, %zu of %lld elements",
              failed ? "FAIL" : "ok  ", parameter.path, worst, magnitude, chosen.size(),
              static_cast<long long>(gradient.elements()));
  if (failed)
    std::printf(", worst at %lld: %.9g", static_cast<long long>(worstElement),
                gradient.get(worstElement));
  std::printf("\n");
  return {};
}

Status Checker::prepare() {
  const RondoProgram &program = session.program;
  RONDO_TRY(flags.settings(feed.scalars));
  RONDO_TRY(flags.integer("--seed", INT64_MIN, INT64_MAX, feed.seed));
  RONDO_TRY(flags.integer("--batch", 1, 4096, batch));
  RONDO_TRY(flags.integer("--length", 0, 1 << 16, length));
  RONDO_TRY(flags.integer("--elements", 0, INT64_MAX, elements));
  RONDO_TRY(flags.number("--tolerance", tolerance));
  if (!(tolerance > 0))
    return error("--tolerance is %g, expected more than 0", tolerance);
  std::string name;
  if (!flags.words.empty()) {
    name = flags.words[0];
  } else if (program.train) {
    name = program.train->loss;
  } else {
    for (int64_t i = 0; i < program.num_entries; ++i)
      if (std::string entry = program.entries[i].name; session.find(entry + ".grad"))
        name = name.empty() ? entry : "?";
    if (name.empty() || name == "?")
      return error("'gradcheck' needs the name of an entry point");
  }
  RONDO_TRY(findEntry(session, name, forward));
  backward = session.find(name + ".grad");
  if (!backward)
    return error("%s has no gradient: its result is no float scalar", quote(name).c_str());
  if (!session.codeOf(*forward).code || !session.codeOf(*backward).code)
    return error("%s was compiled without its double-precision twin", quote(name).c_str());
  if (flags.has("--weights")) {
    TensorFile file;
    RONDO_TRY(session.read(flags.text("--weights"), false, file));
    RONDO_TRY(session.load(flags.text("--weights"), file, false));
  } else {
    RONDO_TRY(session.initialise(feed.seed));
  }
  return makeInputs();
}

Status Checker::run() {
  RONDO_TRY(prepare());
  RONDO_TRY(session.checkNames(*forward, feed));
  std::vector<Array> gradients;
  CallShape shape;
  RONDO_TRY(session.call(*backward, feed, gradients, shape));
  RONDO_TRY(forwardCall.prepare(session, *forward, feed));
  RONDO_TRY(loss(base));
  double fused = NAN;
  int64_t failures = 0, checked = 0;
  for (int64_t i = 0; i < backward->num_results; ++i)
    if (backward->results[i].role == RONDO_LOSS)
      fused = gradients[static_cast<size_t>(i)].get(0);
  if (!(std::fabs(fused - base) <= 1e-9 * std::max(1.0, std::fabs(base)))) {
    std::printf("FAIL the loss is %.12g, with its gradient %.12g\n", base, fused);
    ++failures;
  }
  for (int64_t p = 0; p < session.program.num_parameters; ++p) {
    const RondoParameter &parameter = session.program.parameters[p];
    for (int64_t i = 0; i < backward->num_results; ++i) {
      const RondoValue &value = backward->results[i];
      if (value.role != RONDO_GRADIENT || std::string_view(value.name) != parameter.path)
        continue;
      bool good = false;
      RONDO_TRY(checkParameter(parameter, session.parameters[static_cast<size_t>(p)],
                               gradients[static_cast<size_t>(i)], good));
      failures += !good;
      ++checked;
    }
  }
  if (checked == 0)
    return error("'%s' has no gradients to check", backward->name);
  if (failures)
    return error("%lld gradients of '%s' differ from central differences by more than %g",
                 static_cast<long long>(failures), forward->name, tolerance);
  return {};
}

static Status run(Context &context) { return Checker(context).run(); }

Command rondo::gradcheckCommand() {
  return {"gradcheck",
          "[FN]",
          "compare gradients with central differences in double precision",
          1,
          {{"--weights", "W", "safetensors file of the parameters (fresh ones)"},
           {"--batch", "B", "examples (2)"},
           {"--length", "T", "longest length of every ragged dim (5)"},
           {"--set", "NAME=X", "one dim's size, or a scalar argument; may be repeated"},
           {"--elements", "N", "elements to try per parameter, 0 for all (24)"},
           {"--tolerance", "X", "largest error, relative to the array's largest value (1e-6)"},
           {"--seed", "S", "seed of the random numbers (0)"},
           deviceFlag,
           threadsFlag,
           deterministicFlag,
           memoryBudgetFlag},
          run};
}
