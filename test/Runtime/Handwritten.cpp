// A small program as the compiler would emit it, written by hand: a bigram model of bytes with a
// bias, its gradient, momentum as the update, sampling, and an entry that exercises ragged results.
// Generated code may leave anything in the padding of results, and so does this. It also has code
// for a device, which the program takes that is built with HANDWRITTEN_PTX.
#include "Inputs/HandwrittenKernels.h"

using namespace handwritten;

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
  return {role, element, name, rank, dims, 0, 0, constant(0), 0, dims};
}
RondoValue index(const char *name) {
  return {RONDO_INPUT, RONDO_I32, name, 2, batchRagged, 1, 0, constant(256), 0, batchRagged};
}
RondoValue withDefault(RondoValue value, double number) {
  value.has_default = 1;
  value.default_value = number;
  return value;
}

/// Arguments: table, bias, tokens, targets. Check 0 refuses an empty example.
template <typename Real> void loss(const RondoCall *call, int64_t) {
  for (int64_t b = 0; b < call->dims[0] && call->failure->check < 0; ++b)
    lossOf(call, b, static_cast<Real *>(call->results[0]));
}

template <typename Real> void gradient(const RondoCall *call, int64_t) {
  for (int64_t b = 0; b < call->dims[0] && call->failure->check < 0; ++b)
    lossOf(call, b, lossesIn<Real>(call), logsIn(call));
  if (call->failure->check >= 0)
    return;
  meanOf<Real>(call);
  for (int64_t b = 0; b < call->dims[0]; ++b)
    for (int64_t i = 0; i < 256; ++i)
      gradientOf<Real>(call, b, i);
}

/// Arguments: table, bias, their gradients, their momenta, lr; results: parameters, momenta.
template <typename Real> void update(const RondoCall *call, int64_t) {
  for (int which = 0; which < 2; ++which)
    for (int64_t i = 0; i < (which ? 256 : 256 * 256); ++i)
      updateOf<Real>(call, which, i);
}

/// Arguments: table, bias, prompt, temperature, seed, ordinals.
template <typename Real> void generate(const RondoCall *call, int64_t) {
  for (int64_t b = 0; b < call->dims[0]; ++b)
    generateOf<Real>(call, b);
}

/// x: f32[B, T, 2], s: f32[B] -> s * x without the first step, and the lengths as the code saw
/// them. Fails where rows are not sorted, and litters the padding.
template <typename Real> void scale(const RondoCall *call, int64_t) {
  for (int64_t b = 0; b < call->dims[0]; ++b)
    scaleOf<Real>(call, b);
}

// The same on a device: the host starts kernels.

template <bool isDouble> void start(const RondoCall *call, Kernel kernel) {
  call->device->launch(call->device, kernel + (isDouble ? NumKernels : 0), nullptr, 0);
}
/// One kernel.
template <bool isDouble, Kernel kernel> void startOne(const RondoCall *call, int64_t) {
  start<isDouble>(call, kernel);
}
/// A kernel for the losses, then one for each example.
template <bool isDouble> void startGradient(const RondoCall *call, int64_t) {
  start<isDouble>(call, Losses);
  for (int64_t b = 0; b < call->dims[0]; ++b)
    call->device->launch(call->device, Gradient + (isDouble ? NumKernels : 0), &b, 1);
}

int64_t noArena(const int64_t *) { return 0; }

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
     startOne<false, Loss>,
     noArena,
     startOne<true, Loss>,
     noArena,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr},
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
     gradientArena,
     gradient<double>,
     gradientArena,
     "9*B*T",
     nullptr,
     nullptr,
     9,
     0,
     0,
     0,
     startGradient<false>,
     gradientArena,
     startGradient<true>,
     gradientArena,
     0,
     0,
     0,
     nullptr,
     "loss",
     nullptr},
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
     startOne<false, Update>,
     noArena,
     startOne<true, Update>,
     noArena,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr},
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
     startOne<false, Generate>,
     noArena,
     startOne<true, Generate>,
     noArena,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr},
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
     startOne<false, Scale>,
     noArena,
     nullptr,
     nullptr,
     0,
     0,
     0,
     nullptr,
     nullptr,
     nullptr},
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

extern const RondoDeviceCode handwrittenEmulated = {2 * NumKernels, kernels, 0,
                                                    nullptr,        0,       nullptr};
/// What the fake driver wants of PTX and of machine code: that they start like this.
const RondoCubin cubins[] = {{80, "cubin 80", 9}, {90, "cubin 90", 9}};
extern const RondoDeviceCode handwrittenPtx = {
    2 * NumKernels, kernels, 80, "//\n.version 7.0\n.target sm_80\n", 2, cubins};

extern const RondoProgram rondo_program = {
    RONDO_ABI_VERSION, "Bigram", "0.1.0", RONDO_F32, 2,       configuration, 2,
    parameters,        5,        entries, &train,    nullptr, nullptr,       0,
#ifdef HANDWRITTEN_PTX
    &handwrittenPtx
#else
                                           nullptr
#endif
};
