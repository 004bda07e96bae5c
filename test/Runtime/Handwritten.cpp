// A small program as the compiler would emit it, written by hand: a bigram model of bytes with a
// bias, its gradient, momentum as the update, sampling, and an entry that exercises ragged results.
// Generated code may leave anything in the padding of results, and so does this.
#include "rondo/Abi.h"
#include "rondo/Philox.h"

namespace {

// Entry symbols: 0 is B, 1 is T (or P), 2 is n.
const RondoDimTerm batchTerm = {1, 0, 0, {0, 0, nullptr}};
const RondoDimTerm raggedTerm = {1, 1, 0, {0, 0, nullptr}};
const RondoDimTerm uniformTerm = {1, 2, 0, {0, 0, nullptr}};
constexpr RondoDim constant(int64_t value) { return {value, 0, nullptr}; }
const RondoDim batch = {0, 1, &batchTerm}, ragged = {0, 1, &raggedTerm},
               raggedLess = {-1, 1, &raggedTerm}, uniform = {0, 1, &uniformTerm};
const RondoDim batchOnly[] = {batch}, batchRagged[] = {batch, ragged},
               batchUniform[] = {batch, uniform}, pairs[] = {batch, ragged, constant(2)},
               fewerPairs[] = {batch, raggedLess, constant(2)},
               table[] = {constant(256), constant(256)}, row[] = {constant(256)};

RondoValue value(int32_t role, int32_t element, const char *name, int64_t rank,
                 const RondoDim *dims) {
  return {role, element, name, rank, dims, 0, 0, constant(0), 0};
}
RondoValue index(const char *name) {
  return {RONDO_INPUT, RONDO_I32, name, 2, batchRagged, 1, 0, constant(256), 0};
}
RondoValue withDefault(RondoValue value, double number) {
  value.has_default = 1;
  value.default_value = number;
  return value;
}

/// log(sum(exp(logits))) of the row of `token`.
template <typename Real> double logSum(const Real *weights, const Real *bias, int32_t token) {
  double most = -1e300, sum = 0;
  for (int i = 0; i < 256; ++i)
    most = std::fmax(most, static_cast<double>(weights[token * 256 + i]) + bias[i]);
  for (int i = 0; i < 256; ++i)
    sum += std::exp(weights[token * 256 + i] + bias[i] - most);
  return most + std::log(sum);
}

/// Arguments: table, bias, tokens, targets. Check 0 refuses an empty example.
template <typename Real> void loss(const RondoCall *call, int64_t) {
  const Real *weights = static_cast<const Real *>(call->arguments[0]);
  const Real *bias = static_cast<const Real *>(call->arguments[1]);
  const int32_t *tokens = static_cast<const int32_t *>(call->arguments[2]);
  const int32_t *targets = static_cast<const int32_t *>(call->arguments[3]);
  for (int64_t b = 0; b < call->dims[0]; ++b) {
    if (call->lengths[1][b] == 0) {
      *call->failure = {0, b};
      return;
    }
    double sum = 0;
    for (int64_t t = 0; t < call->lengths[1][b]; ++t) {
      int32_t token = tokens[b * call->dims[1] + t], target = targets[b * call->dims[1] + t];
      sum += logSum(weights, bias, token) - weights[token * 256 + target] - bias[target];
    }
    static_cast<Real *>(call->results[0])[b] =
        static_cast<Real>(sum / static_cast<double>(call->lengths[1][b]));
  }
}

template <typename Real> void gradient(const RondoCall *call, int64_t worker) {
  const Real *weights = static_cast<const Real *>(call->arguments[0]);
  const Real *bias = static_cast<const Real *>(call->arguments[1]);
  const int32_t *tokens = static_cast<const int32_t *>(call->arguments[2]);
  const int32_t *targets = static_cast<const int32_t *>(call->arguments[3]);
  Real *mean = static_cast<Real *>(call->results[0]),
       *dWeights = static_cast<Real *>(call->results[1]);
  Real *dBias = static_cast<Real *>(call->results[2]), *losses = static_cast<Real *>(call->arena);
  void *inner[] = {losses};
  RondoCall lossCall = *call;
  lossCall.results = inner;
  loss<Real>(&lossCall, worker);
  if (call->failure->check >= 0)
    return;
  double sum = 0;
  for (int64_t b = 0; b < call->dims[0]; ++b)
    sum += losses[b];
  *mean = static_cast<Real>(sum / static_cast<double>(call->dims[0]));
  for (int i = 0; i < 256 * 256; ++i)
    dWeights[i] = 0;
  for (int i = 0; i < 256; ++i)
    dBias[i] = 0;
  for (int64_t b = 0; b < call->dims[0]; ++b) {
    double share = 1.0 / static_cast<double>(call->dims[0] * call->lengths[1][b]);
    for (int64_t t = 0; t < call->lengths[1][b]; ++t) {
      int32_t token = tokens[b * call->dims[1] + t], target = targets[b * call->dims[1] + t];
      double all = logSum(weights, bias, token);
      for (int i = 0; i < 256; ++i) {
        double d = share * (std::exp(weights[token * 256 + i] + bias[i] - all) - (i == target));
        dWeights[token * 256 + i] += static_cast<Real>(d);
        dBias[i] += static_cast<Real>(d);
      }
    }
  }
}

/// Arguments: table, bias, their gradients, their momenta, lr; results: parameters, momenta.
template <typename Real> void update(const RondoCall *call, int64_t) {
  Real rate = *static_cast<const Real *>(call->arguments[6]);
  for (int which = 0; which < 2; ++which) {
    const Real *p = static_cast<const Real *>(call->arguments[which]);
    const Real *g = static_cast<const Real *>(call->arguments[2 + which]);
    const Real *m = static_cast<const Real *>(call->arguments[4 + which]);
    Real *newP = static_cast<Real *>(call->results[which]),
         *newM = static_cast<Real *>(call->results[2 + which]);
    for (int i = 0; i < (which ? 256 : 256 * 256); ++i) {
      newM[i] = static_cast<Real>(0.9) * m[i] + g[i];
      newP[i] = p[i] - rate * newM[i];
    }
  }
}

/// Arguments: table, bias, prompt, temperature, seed, ordinals.
template <typename Real> void generate(const RondoCall *call, int64_t) {
  const Real *weights = static_cast<const Real *>(call->arguments[0]);
  const Real *bias = static_cast<const Real *>(call->arguments[1]);
  const int32_t *prompt = static_cast<const int32_t *>(call->arguments[2]);
  int64_t seed = *static_cast<const int64_t *>(call->arguments[4]);
  for (int64_t b = 0; b < call->dims[0]; ++b) {
    int32_t token = call->lengths[1][b] ? prompt[b * call->dims[1] + call->lengths[1][b] - 1] : 0;
    uint64_t key =
        rondo::foldKey(static_cast<uint64_t>(seed),
                       static_cast<uint64_t>(static_cast<const int64_t *>(call->arguments[5])[b]));
    double temperature = static_cast<const Real *>(call->arguments[3])[b];
    for (int64_t t = 0; t < call->dims[2]; ++t) {
      double best = -1e300;
      int32_t next = 0;
      for (int i = 0; i < 256; ++i) { // the largest of logits with Gumbel noise
        double u = rondo::drawUniform(key, static_cast<uint64_t>(t * 256 + i));
        double score = weights[token * 256 + i] + bias[i] - temperature * std::log(-std::log(u));
        if (score > best) {
          best = score;
          next = i;
        }
      }
      static_cast<int32_t *>(call->results[0])[b * call->dims[2] + t] = token = next;
    }
  }
}

/// x: f32[B, T, 2], s: f32[B] -> s * x without the first step, and the lengths as the code saw
/// them. Fails where rows are not sorted, and litters the padding.
template <typename Real> void scale(const RondoCall *call, int64_t) {
  const Real *x = static_cast<const Real *>(call->arguments[0]);
  const Real *s = static_cast<const Real *>(call->arguments[1]);
  Real *y = static_cast<Real *>(call->results[0]);
  for (int64_t b = 0; b < call->dims[0]; ++b) {
    if (b > 0 && call->lengths[1][b] > call->lengths[1][b - 1])
      *call->failure = {0, b};
    static_cast<int64_t *>(call->results[1])[b] = call->lengths[1][b];
    for (int64_t i = 0; i < (call->dims[1] - 1) * 2; ++i)
      y[b * (call->dims[1] - 1) * 2 + i] = i < (call->lengths[1][b] - 1) * 2
                                               ? s[b] * x[b * call->dims[1] * 2 + i + 2]
                                               : static_cast<Real>(99);
  }
}

int64_t noArena(const int64_t *) { return 0; }
template <typename Real> int64_t lossArena(const int64_t *dims) {
  return dims[0] * static_cast<int64_t>(sizeof(Real));
}

const RondoSymbol symbols[] = {
    {"B", RONDO_BATCH, 0, 0, {}}, {"T", RONDO_RAGGED, 0, 0, {}}, {"n", RONDO_UNIFORM, 0, 0, {}}};
const RondoSymbol promptSymbols[] = {
    {"B", RONDO_BATCH, 0, 0, {}}, {"P", RONDO_RAGGED, 0, 0, {}}, {"n", RONDO_UNIFORM, 0, 0, {}}};

const RondoValue weights = value(RONDO_PARAMETER, RONDO_F32, "embed.table", 2, table),
                 bias = value(RONDO_PARAMETER, RONDO_F32, "bias", 1, row),
                 momentum =
                     withDefault(value(RONDO_STATE, RONDO_F32, "m.embed.table", 2, table), 0),
                 biasMomentum = value(RONDO_STATE, RONDO_F32, "m.bias", 1, row),
                 dWeights = value(RONDO_GRADIENT, RONDO_F32, "embed.table", 2, table),
                 dBias = value(RONDO_GRADIENT, RONDO_F32, "bias", 1, row);
const RondoValue lossArguments[] = {weights, bias, index("tokens"), index("targets")};
const RondoValue lossResults[] = {value(RONDO_RESULT, RONDO_F32, "", 1, batchOnly)};
const RondoValue gradientResults[] = {value(RONDO_LOSS, RONDO_F32, "", 0, nullptr), dWeights,
                                      dBias};
const RondoValue updateArguments[] = {
    weights,
    bias,
    dWeights,
    dBias,
    momentum,
    biasMomentum,
    withDefault(value(RONDO_SETTING, RONDO_F32, "sgd.lr", 0, nullptr), 2)};
const RondoValue updateResults[] = {weights, bias, momentum, biasMomentum};
const RondoValue generateArguments[] = {
    weights,
    bias,
    index("prompt"),
    withDefault(value(RONDO_INPUT, RONDO_F32, "temperature", 1, batchOnly), 1),
    value(RONDO_SEED, RONDO_I64, "", 0, nullptr),
    value(RONDO_ORDINAL, RONDO_I64, "", 1, batchOnly)};
const RondoValue generateResults[] = {value(RONDO_RESULT, RONDO_I32, "", 2, batchUniform)};
const RondoValue scaleArguments[] = {
    value(RONDO_INPUT, RONDO_F32, "x", 3, pairs),
    withDefault(value(RONDO_INPUT, RONDO_F32, "s", 1, batchOnly), 3)};
const RondoValue scaleResults[] = {value(RONDO_RESULT, RONDO_F32, "", 3, fewerPairs),
                                   value(RONDO_RESULT, RONDO_I64, "", 1, batchOnly)};
const char *const lossChecks[] = {"a mean over no elements"};
const char *const scaleChecks[] = {"the rows are not sorted"};

const RondoEntry entries[] = {
    {"loss",
     2,
     symbols,
     1,
     4,
     lossArguments,
     1,
     lossResults,
     1,
     lossChecks,
     loss<float>,
     noArena,
     loss<double>,
     noArena,
     "3*B*T",
     nullptr,
     nullptr,
     3,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     0,
     0},
    {"loss.grad",
     2,
     symbols,
     1,
     4,
     lossArguments,
     3,
     gradientResults,
     1,
     lossChecks,
     gradient<float>,
     lossArena<float>,
     gradient<double>,
     lossArena<double>,
     "9*B*T",
     nullptr,
     nullptr,
     9,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     0,
     0},
    {"train.update",
     0,
     nullptr,
     -1,
     7,
     updateArguments,
     4,
     updateResults,
     0,
     nullptr,
     update<float>,
     noArena,
     update<double>,
     noArena,
     nullptr,
     nullptr,
     nullptr,
     0,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     0,
     0},
    {"generate",
     3,
     promptSymbols,
     1,
     6,
     generateArguments,
     1,
     generateResults,
     0,
     nullptr,
     generate<float>,
     noArena,
     generate<double>,
     noArena,
     nullptr,
     nullptr,
     nullptr,
     0,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     0,
     0},
    {"scale",
     2,
     symbols,
     1,
     2,
     scaleArguments,
     2,
     scaleResults,
     1,
     scaleChecks,
     scale<float>,
     noArena,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     0,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     0,
     0},
};

const int64_t tableSizes[] = {256, 256}, rowSizes[] = {256};
const double deviation[] = {0.02};
const RondoParameter parameters[] = {
    {"embed.table", RONDO_F32, 2, tableSizes, "normal", 1, deviation},
    {"bias", RONDO_F32, 1, rowSizes, "constant", 0, nullptr}};
const RondoOption configuration[] = {{"width", nullptr, 256}, {"kind", "bigram", 0}};
const RondoOption sourceOptions[] = {{"window", nullptr, 16}};
const RondoTrain train = {"loss", "loss.grad", "train.update", "text", 1, sourceOptions, 8, 40};

} // namespace

extern const RondoProgram rondo_program = {
    RONDO_ABI_VERSION, "Bigram", "0.1.0", RONDO_F32, 2, configuration, 2, parameters, 5,
    entries,           &train,   nullptr, nullptr,   0, nullptr};
