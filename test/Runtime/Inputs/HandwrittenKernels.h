// The kernels of the program written by hand (Handwritten.cpp), as the compiler's emulated kernels
// are: a function per thread. The emulator runs them, and so does the driver that only pretends to
// be NVIDIA's (FakeCuda.cpp), which finds them by name.
#ifndef RONDO_TEST_HANDWRITTENKERNELS_H
#define RONDO_TEST_HANDWRITTENKERNELS_H

#include "rondo/Abi.h"
#include "rondo/Philox.h"

#include <cmath>

namespace handwritten {

/// log(sum(exp(logits))) of the row of `token`.
template <typename Real> double logSum(const Real *weights, const Real *bias, int32_t token) {
  double most = -1e300, sum = 0;
  for (int i = 0; i < 256; ++i)
    most = std::fmax(most, static_cast<double>(weights[token * 256 + i]) + bias[i]);
  for (int i = 0; i < 256; ++i)
    sum += std::exp(weights[token * 256 + i] + bias[i] - most);
  return most + std::log(sum);
}

/// The loss of example `b`, into losses[b], and what a gradient needs of it, into logs.
template <typename Real>
void lossOf(const RondoCall *call, int64_t b, Real *losses, double *logs = nullptr) {
  const Real *weights = static_cast<const Real *>(call->arguments[0]);
  const Real *bias = static_cast<const Real *>(call->arguments[1]);
  const int32_t *tokens = static_cast<const int32_t *>(call->arguments[2]);
  const int32_t *targets = static_cast<const int32_t *>(call->arguments[3]);
  if (call->lengths[1][b] == 0) {
    *call->failure = {0, b};
    return;
  }
  double sum = 0;
  for (int64_t t = 0; t < call->lengths[1][b]; ++t) {
    int32_t token = tokens[b * call->dims[1] + t], target = targets[b * call->dims[1] + t];
    double all = logSum(weights, bias, token);
    sum += all - weights[token * 256 + target] - bias[target];
    if (logs)
      logs[b * call->dims[1] + t] = all;
  }
  losses[b] = static_cast<Real>(sum / static_cast<double>(call->lengths[1][b]));
}

// The arena of the gradient: the losses, 8 bytes for each, then the logs.
template <typename Real> Real *lossesIn(const RondoCall *call) {
  return static_cast<Real *>(call->arena);
}
inline double *logsIn(const RondoCall *call) {
  return static_cast<double *>(call->arena) + call->dims[0];
}
inline int64_t gradientArena(const int64_t *dims) { return 8 * dims[0] * (1 + dims[1]); }

/// Adds example `b` to the gradients by the weights and the bias of the column `i`, which the first
/// one starts at 0.
template <typename Real> void gradientOf(const RondoCall *call, int64_t b, int64_t i) {
  const Real *weights = static_cast<const Real *>(call->arguments[0]);
  const Real *bias = static_cast<const Real *>(call->arguments[1]);
  const int32_t *tokens = static_cast<const int32_t *>(call->arguments[2]);
  const int32_t *targets = static_cast<const int32_t *>(call->arguments[3]);
  Real *dWeights = static_cast<Real *>(call->results[1]);
  Real *dBias = static_cast<Real *>(call->results[2]);
  for (int64_t token = 0; token < 256 && b == 0; ++token)
    dWeights[token * 256 + i] = 0;
  if (b == 0)
    dBias[i] = 0;
  double share = 1.0 / static_cast<double>(call->dims[0] * call->lengths[1][b]);
  for (int64_t t = 0; t < call->lengths[1][b]; ++t) {
    int32_t token = tokens[b * call->dims[1] + t], target = targets[b * call->dims[1] + t];
    double all = logsIn(call)[b * call->dims[1] + t];
    double d = share * (std::exp(weights[token * 256 + i] + bias[i] - all) - (i == target));
    dWeights[token * 256 + i] += static_cast<Real>(d);
    dBias[i] += static_cast<Real>(d);
  }
}

template <typename Real> void meanOf(const RondoCall *call) {
  const Real *losses = lossesIn<Real>(call);
  double sum = 0;
  for (int64_t b = 0; b < call->dims[0]; ++b)
    sum += losses[b];
  *static_cast<Real *>(call->results[0]) =
      static_cast<Real>(sum / static_cast<double>(call->dims[0]));
}

/// Element `i` of the table (`which` 0) or the bias and of its momentum.
template <typename Real> void updateOf(const RondoCall *call, int which, int64_t i) {
  Real rate = *static_cast<const Real *>(call->arguments[6]);
  const Real *p = static_cast<const Real *>(call->arguments[which]);
  const Real *g = static_cast<const Real *>(call->arguments[2 + which]);
  const Real *m = static_cast<const Real *>(call->arguments[4 + which]);
  Real *newP = static_cast<Real *>(call->results[which]),
       *newM = static_cast<Real *>(call->results[2 + which]);
  newM[i] = static_cast<Real>(0.9) * m[i] + g[i];
  newP[i] = p[i] - rate * newM[i];
}

template <typename Real> void generateOf(const RondoCall *call, int64_t b) {
  const Real *weights = static_cast<const Real *>(call->arguments[0]);
  const Real *bias = static_cast<const Real *>(call->arguments[1]);
  const int32_t *prompt = static_cast<const int32_t *>(call->arguments[2]);
  int64_t seed = *static_cast<const int64_t *>(call->arguments[4]);
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

template <typename Real> void scaleOf(const RondoCall *call, int64_t b) {
  const Real *x = static_cast<const Real *>(call->arguments[0]);
  const Real *s = static_cast<const Real *>(call->arguments[1]);
  Real *y = static_cast<Real *>(call->results[0]);
  if (b > 0 && call->lengths[1][b] > call->lengths[1][b - 1])
    *call->failure = {0, b};
  static_cast<int64_t *>(call->results[1])[b] = call->lengths[1][b];
  for (int64_t i = 0; i < (call->dims[1] - 1) * 2; ++i)
    y[b * (call->dims[1] - 1) * 2 + i] = i < (call->lengths[1][b] - 1) * 2
                                             ? s[b] * x[b * call->dims[1] * 2 + i + 2]
                                             : static_cast<Real>(99);
}

// The kernels: what their threads do of the above.

/// Calls `work(i)` for the thread's share of 0 to count - 1.
template <typename Work> void share(const RondoThread *thread, int64_t count, Work work) {
  for (int64_t i = thread->block * thread->threads + thread->thread; i < count;
       i += thread->blocks * thread->threads)
    work(i);
}

template <typename Real>
void lossKernel(RondoThread *thread, const RondoCall *call, const int64_t *) {
  share(thread, call->dims[0],
        [&](int64_t b) { lossOf(call, b, static_cast<Real *>(call->results[0])); });
}
template <typename Real>
void lossesKernel(RondoThread *thread, const RondoCall *call, const int64_t *) {
  share(thread, call->dims[0],
        [&](int64_t b) { lossOf(call, b, lossesIn<Real>(call), logsIn(call)); });
}
/// numbers[0] is the example.
template <typename Real>
void gradientKernel(RondoThread *thread, const RondoCall *call, const int64_t *numbers) {
  if (call->failure->check >= 0)
    return;
  share(thread, 256, [&](int64_t i) { gradientOf<Real>(call, numbers[0], i); });
  if (numbers[0] == 0)
    share(thread, 1, [&](int64_t) { meanOf<Real>(call); });
}
template <typename Real>
void updateKernel(RondoThread *thread, const RondoCall *call, const int64_t *) {
  share(thread, 256 * 256, [&](int64_t i) { updateOf<Real>(call, 0, i); });
  share(thread, 256, [&](int64_t i) { updateOf<Real>(call, 1, i); });
}
template <typename Real>
void generateKernel(RondoThread *thread, const RondoCall *call, const int64_t *) {
  share(thread, call->dims[0], [&](int64_t b) { generateOf<Real>(call, b); });
}
template <typename Real>
void scaleKernel(RondoThread *thread, const RondoCall *call, const int64_t *) {
  share(thread, call->dims[0], [&](int64_t b) { scaleOf<Real>(call, b); });
}

enum Kernel : int64_t { Loss, Losses, Gradient, Update, Generate, Scale, NumKernels };

/// Those in single precision, then those in double precision.
inline const RondoKernel kernels[] = {
    {"loss.cuda.kernel.0", 32, 0, 0, 0, 0, lossKernel<float>},
    {"loss.grad.cuda.kernel.0", 32, 0, 0, 0, 0, lossesKernel<float>},
    {"loss.grad.cuda.kernel.1", 64, 60000, 0, 1, 1, gradientKernel<float>},
    {"train.update.cuda.kernel.0", 64, 1024, 1, 0, 0, updateKernel<float>},
    {"generate.cuda.kernel.0", 32, 0, 0, 0, 0, generateKernel<float>},
    {"scale.cuda.kernel.0", 32, 0, 0, 0, 0, scaleKernel<float>},
    {"loss.f64.cuda.kernel.0", 32, 0, 0, 0, 0, lossKernel<double>},
    {"loss.grad.f64.cuda.kernel.0", 32, 0, 0, 0, 0, lossesKernel<double>},
    {"loss.grad.f64.cuda.kernel.1", 64, 0, 0, 0, 1, gradientKernel<double>},
    {"train.update.f64.cuda.kernel.0", 64, 0, 0, 0, 0, updateKernel<double>},
    {"generate.f64.cuda.kernel.0", 32, 0, 0, 0, 0, generateKernel<double>},
    {"scale.f64.cuda.kernel.0", 32, 0, 0, 0, 0, scaleKernel<double>},
};

} // namespace handwritten

#endif // RONDO_TEST_HANDWRITTENKERNELS_H
