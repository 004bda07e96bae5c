// `gradcheck`: compiled gradients against central differences, both in double precision, on random
// ragged inputs.
//
// A difference quotient is extrapolated from steps h and h/2 (Richardson, error h^4), and its own
// error estimated by how much the two disagree, and by how much the slopes to the left and to the
// right do: where the loss is smooth their difference halves with the step, where a kink lies
// within the steps it stays. Smaller steps are tried until both agree, so that kinks are stepped
// around; the gradient has no say in that. Where the difference stays at the smallest steps, the
// point itself is a kink: all slopes between the two are derivatives, and the element is not
// compared with the mean.
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
/// A difference quotient; where the point is a kink, by how much the slope jumps there.
struct Quotient {
  double value = NAN, jump = 0;
};

class Checker {
public:
  explicit Checker(Context &context)
      : flags(context.flags), session(context.program, context.device, true) {}
  Status run();

private:
  Status prepare();
  Status holdStopped();
  Status readLengths();
  Status makeInputs();
  Status loss(double &value);
  Status difference(Array &parameter, int64_t element, double wanted, Quotient &quotient);
  std::vector<int64_t> chooseElements(const Array &gradient) const;
  Status checkParameter(const RondoParameter &parameter, Array &values, const Array &gradient,
                        bool &good);

  const Flags &flags;
  Session session;
  const RondoEntry *forward = nullptr, *backward = nullptr;
  /// What is varied: the forward entry, or that which takes the unvaried parameters too and holds
  /// what they stop the gradient of.
  const RondoEntry *varied = nullptr;
  std::vector<Array> unvaried;
  Feed feed;
  std::vector<NamedArray> inputs;
  /// Each example's length of a dim, as given.
  std::map<std::string, std::vector<int64_t>> lengths;
  PreparedCall forwardCall;
  int64_t batch = 2, length = 5, elements = 24;
  double tolerance = 1e-6, base = 0;
};
} // namespace

/// --lengths T=3,1,5 for as many dims as wanted; all say how many examples there are.
Status Checker::readLengths() {
  for (const std::string &text : flags.all("--lengths")) {
    size_t equals = text.find('=');
    std::string name = text.substr(0, equals);
    auto isDim = [&](const RondoSymbol &symbol) {
      return symbol.kind == RONDO_RAGGED && name == symbol.name;
    };
    if (equals == std::string::npos ||
        !std::any_of(forward->symbols, forward->symbols + forward->num_symbols, isDim))
      return error("--lengths is given %s, expected NAME=3,1,5 for a dim of '%s' that differs from "
                   "example to example",
                   quote(text).c_str(), forward->name);
    std::vector<int64_t> &own = lengths[name];
    if (!own.empty())
      return error("--lengths gives %s twice", quote(name).c_str());
    for (size_t at = equals; at != std::string::npos;) {
      size_t next = text.find(',', at + 1);
      int64_t value = 0;
      if (!parseInteger(text.substr(at + 1, next == std::string::npos ? next : next - at - 1),
                        value) ||
          value < 0 || value > 1 << 16)
        return error("--lengths is given %s, expected whole numbers from 0 to 65536",
                     quote(text).c_str());
      own.push_back(value);
      at = next;
    }
    auto count = static_cast<int64_t>(own.size());
    if ((lengths.size() > 1 || flags.has("--batch")) && count != batch)
      return error("--lengths gives %lld examples of %s, and there are %lld",
                   static_cast<long long>(count), quote(name).c_str(),
                   static_cast<long long>(batch));
    batch = count;
  }
  return {};
}

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
    if (auto own = lengths.find(symbol.name); own != lengths.end())
      value = *std::max_element(own->second.begin(), own->second.end());
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
    if (auto own = lengths.find(forward->symbols[i].name); own != lengths.end())
      shortest[i] = std::max<int64_t>(1, *std::min_element(own->second.begin(), own->second.end()));
    else if (forward->symbols[i].kind == RONDO_RAGGED && shape.dims[i] > 0)
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
    Array &rows = inputs[next].array;
    RONDO_TRY(rows.allocate(RONDO_I64, {batch}));
    auto own = lengths.find(forward->symbols[s].name);
    for (int64_t row = 0; row < batch; ++row) {
      int64_t less = (row + 1 + numRagged) % batch;
      rows.data<int64_t>()[row] = own != lengths.end() ? own->second[static_cast<size_t>(row)]
                                  : shape.dims[s] > 0  ? std::max<int64_t>(1, shape.dims[s] - less)
                                                       : 0;
    }
    feed.arrays[inputs[next++].name] = &rows;
    ++numRagged;
  }
  return {};
}

Status Checker::loss(double &value) {
  session.parametersChanged();
  RONDO_TRY(forwardCall.run());
  double sum = 0, weight = 0;
  RONDO_TRY(addLosses(*varied, forwardCall.results, sum, weight));
  value = sum / weight;
  return {};
}

Status Checker::difference(Array &parameter, int64_t element, double wanted, Quotient &quotient) {
  double kept = parameter.get(element), bestError = INFINITY, jumpBefore = 0;
  for (double scale : {1e-3, 1e-4, 1e-5, 1e-6, 1e-7}) {
    double h = scale * std::max(1.0, std::fabs(kept)), slopes[2], jumps[2];
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
      jumps[half] = (above - base) / (high - kept) - (base - below) / (kept - low);
    }
    double estimate = std::fabs(slopes[1] - slopes[0]) / 3 + std::fabs(jumps[1] - jumps[0] / 2);
    if (estimate < bestError || std::isnan(quotient.value)) {
      bestError = estimate;
      quotient.value = (4 * slopes[1] - slopes[0]) / 3;
    }
    // The extrapolated value is far better than the estimate where the loss is smooth.
    if (estimate <= wanted) {
      quotient.jump = 0;
      break;
    }
    // A jump that steps ten times as small leave as it is.
    bool stays = std::fabs(jumps[1] - jumpBefore) <= 0.1 * std::fabs(jumps[1]);
    quotient.jump = stays ? std::fabs(jumps[1]) : 0;
    jumpBefore = jumps[1];
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
  int64_t worstElement = 0, kinks = 0;
  for (int64_t i = 0; i < gradient.elements(); ++i)
    largest = std::max(largest, std::fabs(gradient.get(i)));
  std::vector<int64_t> chosen = chooseElements(gradient);
  std::vector<Quotient> quotients(chosen.size());
  for (size_t i = 0; i < chosen.size(); ++i) {
    RONDO_TRY(difference(values, chosen[i], tolerance * largest, quotients[i]));
    magnitude = std::max(magnitude, std::fabs(quotients[i].value));
    if (std::isnan(quotients[i].value))
      break;
  }
  // Below the floor a difference quotient is rounding noise of the loss.
  double floorValue = 1e-10 * std::max(1.0, std::fabs(base));
  double bound = tolerance * magnitude + floorValue;
  for (size_t i = 0; i < chosen.size(); ++i) {
    double distance = std::fabs(gradient.get(chosen[i]) - quotients[i].value);
    if (distance > bound && quotients[i].jump > 10 * bound &&
        distance <= quotients[i].jump / 2 + bound) {
      ++kinks;
      continue;
    }
    if (!(distance <= worst)) {
      worst = distance;
      worstElement = chosen[i];
      if (std::isnan(distance))
        break;
    }
  }
  bool failed = !(worst <= bound);
  good = !failed;
  std::printf("%s %s: largest error %.3g of largest gradient %.3g, %zu of %lld elements",
              failed ? "FAIL" : "ok  ", parameter.path, worst, magnitude, chosen.size(),
              static_cast<long long>(gradient.elements()));
  if (kinks)
    std::printf(", %lld at a kink, between its slopes", static_cast<long long>(kinks));
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
      if (session.gradientOf(program.entries[i]))
        name = name.empty() ? program.entries[i].name : "?";
    if (name.empty() || name == "?")
      return error("'gradcheck' needs the name of an entry point");
  }
  RONDO_TRY(findEntry(session, name, forward));
  backward = session.gradientOf(*forward);
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
  RONDO_TRY(readLengths());
  return makeInputs();
}

/// The gradient does not see what stop_gradient and truncation cut, so differences may not either:
/// there is an entry that computes it from the parameters as they are.
Status Checker::holdStopped() {
  varied = session.checkOf(*forward);
  if (!varied) {
    varied = forward;
    return {};
  }
  unvaried.resize(session.parameters.size());
  for (size_t i = 0; i < unvaried.size(); ++i) {
    const Array &parameter = session.parameters[i];
    RONDO_TRY(unvaried[i].allocate(parameter.element(), parameter.sizes()));
    for (int64_t e = 0; e < parameter.elements(); ++e)
      unvaried[i].set(e, parameter.get(e));
    feed.gradients[session.program.parameters[i].path] = &unvaried[i];
  }
  std::printf("what stop_gradient and truncation cut is held at the unvaried parameters\n");
  return {};
}

Status Checker::run() {
  RONDO_TRY(prepare());
  RONDO_TRY(session.checkNames(*forward, feed));
  std::vector<Array> gradients;
  CallShape shape;
  RONDO_TRY(session.call(*backward, feed, gradients, shape));
  RONDO_TRY(holdStopped());
  RONDO_TRY(forwardCall.prepare(session, *varied, feed));
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
           {"--lengths", "T=3,1,5", "each example's length of a dim; may be repeated"},
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
