// oneDNN as a peer (its C++ interface of version 2): LSTM and GRU layers, forward and backward, and
// matmul. Written for speed: every format is oneDNN's own choice (format_tag::any), the engine runs
// in order, scratch memory is kept.
//
//   pass=inference  forward inference. Weights are reordered once, outside of the timing.
//   pass=training   the forward pass of training, without backward. Weights as above.
//   pass=gradient   forward training and backward. The reorder of the weights into both passes'
//                   formats and clearing the weights' gradients are inside of the timing, since a
//                   step of training changes the weights; bringing the gradients back into the
//                   user's format is not.
//   kind=matmul     pass=packed: weights reordered once, outside; pass=sgemm: dnnl_sgemm.
#include "peer.h"

#include <dnnl.hpp>
#include <omp.h>

using namespace dnnl;
using Dims = memory::dims;
using Tag = memory::format_tag;

static engine cpu(engine::kind::cpu, 0);
static stream queue(cpu);

static memory::desc f32(const Dims &dims, Tag tag = Tag::any) {
  return memory::desc(dims, memory::data_type::f32, tag);
}

static memory toMemory(const Dims &dims, Tag tag, const Floats &values) {
  memory result(f32(dims, tag), cpu);
  std::memcpy(result.get_data_handle(), values.data(), values.size() * sizeof(float));
  return result;
}

static memory reordered(const memory &from, const memory::desc &format) {
  memory to(format, cpu);
  reorder(from, to).execute(queue, const_cast<memory &>(from), to);
  queue.wait();
  return to;
}

static Floats toFloats(const memory &from, const Dims &dims, Tag tag) {
  memory plain = reordered(from, f32(dims, tag));
  const float *data = static_cast<const float *>(plain.get_data_handle());
  size_t count = 1;
  for (memory::dim size : dims)
    count *= size_t(size);
  return Floats(data, data + count);
}

namespace {
/// What the three cells differ in: gates as rondo's models have them, and in oneDNN's order.
struct Cell {
  std::string kind;
  int gates, biases;
  bool hasMemory; // the state c

  explicit Cell(const std::string &kind) : kind(kind) {
    bool isLstm = kind == "lstm", isReset = kind == "gru_reset_after";
    if (!isLstm && !isReset && kind != "gru")
      fail("no cell " + kind);
    gates = isLstm ? 4 : 3;
    biases = isLstm || isReset ? 4 : 3;
    hasMemory = isLstm;
  }
  /// oneDNN's gate g is rondo's gate order(g): LSTM i f g o in both; GRU here reset, update,
  /// candidate, there update, reset, candidate.
  int order(int gate) const { return hasMemory || gate == 2 ? gate : 1 - gate; }
};

class Recurrent {
public:
  explicit Recurrent(const Arguments &arguments)
      : arguments(arguments), cell(arguments.text("kind")), pass(arguments.text("pass")),
        L(arguments.number("layers")), T(arguments.number("T")), N(arguments.number("N")),
        H(arguments.number("H")) {
    readParameters();
    describeForward();
    if (pass == "gradient")
      describeBackward();
  }

  void once() {
    if (pass == "gradient") {
      move(userW, forwardW);
      move(userU, forwardU);
    }
    forward.execute(queue, forwardArguments);
    if (pass == "gradient") {
      move(userW, backwardW);
      move(userU, backwardU);
      for (memory *gradient : {&dW, &dU, &dB})
        std::memset(gradient->get_data_handle(), 0, gradient->get_desc().get_size());
      backward.execute(queue, backwardArguments);
    }
    queue.wait();
  }

  void check() {
    once();
    std::string out = arguments.text("out");
    writeFloats(out + "/outputs.f32", batchFirst(toFloats(output, {T, N, H}, Tag::tnc)));
    if (pass == "gradient")
      writeGradients(out);
  }

private:
  static void move(memory &from, memory &to) { reorder(from, to).execute(queue, from, to); }

  Floats parameter(const std::string &name, size_t count) const {
    return readFloats(arguments.text("data") + "/params/net." + arguments.text("kind") + "." +
                          name + ".f32",
                      count);
  }
  /// [layers, gates, H, K] of rondo to [layers, 1, K, gates, H], gates in oneDNN's order; or back.
  Floats permute(const Floats &from, int gates, bool back) const {
    Floats to(from.size());
    for (long l = 0; l < L; ++l)
      for (int g = 0; g < gates; ++g)
        for (long h = 0; h < H; ++h)
          for (long k = 0; k < H; ++k) {
            size_t ours = ((size_t(l) * gates + cell.order(g)) * H + h) * H + k;
            size_t theirs = ((size_t(l) * H + k) * gates + g) * H + h;
            to[back ? ours : theirs] = from[back ? theirs : ours];
          }
    return to;
  }

  void readParameters() {
    size_t square = size_t(H) * H;
    userW = toMemory(dimsW(), Tag::ldigo,
                     permute(parameter("W", L * cell.gates * square), cell.gates, false));
    Floats u;
    if (cell.kind == "gru") { // U holds two gates, V the third
      Floats two = parameter("U", L * 2 * square), third = parameter("V", L * square);
      for (long l = 0; l < L; ++l) {
        u.insert(u.end(), two.begin() + l * 2 * square, two.begin() + (l + 1) * 2 * square);
        u.insert(u.end(), third.begin() + l * square, third.begin() + (l + 1) * square);
      }
    } else {
      u = parameter("U", L * cell.gates * square);
    }
    userU = toMemory(dimsW(), Tag::ldigo, permute(u, cell.gates, false));
    Floats b = parameter("b", L * cell.gates * H), d, bias(size_t(L) * cell.biases * H);
    if (cell.kind == "gru_reset_after")
      d = parameter("d", L * cell.gates * H);
    for (long l = 0; l < L; ++l)
      for (int g = 0; g < cell.biases; ++g)
        for (long h = 0; h < H; ++h) {
          auto at = [&](const Floats &from, int gate) {
            return from[(size_t(l) * cell.gates + gate) * H + h];
          };
          float value = g == 3 && !d.empty() ? at(d, 2) : at(b, cell.order(g));
          if (g < 2 && !d.empty())
            value += at(d, cell.order(g));
          bias[(size_t(l) * cell.biases + g) * H + h] = value;
        }
    userB = toMemory({L, 1, cell.biases, H}, Tag::ldgo, bias);

    size_t count = size_t(T) * N * H;
    given = readFloats(arguments.text("data") + "/inputs/xs.f32", count);
    Floats scale = readFloats(arguments.text("data") + "/params/scale.f32", H), scaled = given;
    if (pass == "gradient") // the loss scales its inputs, the entry `outputs` does not
      for (size_t i = 0; i < count; ++i)
        scaled[i] *= scale[i % H];
    input = toMemory({T, N, H}, Tag::tnc, timeFirst(scaled));
  }
  /// Of the first states, where they are given: without them oneDNN 2.6.3 reads memory that nobody
  /// wrote for the gradient of an LSTM's U. They are 0; their gradients are computed and ignored.
  memory::desc startFormat() const {
    bool given = cell.hasMemory && pass == "gradient";
    return given ? f32({L, 1, N, H}, Tag::ldnc) : memory::desc();
  }
  memory zeros(const memory::desc &format) const {
    memory result(format, cpu);
    std::memset(result.get_data_handle(), 0, format.get_size());
    return result;
  }
  Dims dimsW() const { return {L, 1, H, cell.gates, H}; }

  Floats timeFirst(const Floats &from) const { return exchange(from, N, T); }
  Floats batchFirst(const Floats &from) const { return exchange(from, T, N); }
  Floats exchange(const Floats &from, long outer, long inner) const {
    Floats to(from.size());
    for (long i = 0; i < outer; ++i)
      for (long j = 0; j < inner; ++j)
        std::copy_n(from.begin() + (i * inner + j) * H, H, to.begin() + (j * outer + i) * H);
    return to;
  }

  void describeForward() {
    prop_kind kind =
        pass == "inference" ? prop_kind::forward_inference : prop_kind::forward_training;
    rnn_direction direction = rnn_direction::unidirectional_left2right;
    memory::desc none, x = f32({T, N, H}), w = f32(dimsW()), b = f32({L, 1, cell.biases, H});
    memory::desc start = startFormat();
    auto prepare = [&](auto description) {
      forward = primitive(description);
      input = reordered(input, description.src_layer_desc());
      forwardW = reordered(userW, description.weights_layer_desc());
      forwardU = reordered(userU, description.weights_iter_desc());
      forwardB = reordered(userB, description.bias_desc());
      output = memory(description.dst_layer_desc(), cpu);
      forwardArguments = {{DNNL_ARG_SRC_LAYER, input},
                          {DNNL_ARG_WEIGHTS_LAYER, forwardW},
                          {DNNL_ARG_WEIGHTS_ITER, forwardU},
                          {DNNL_ARG_BIAS, forwardB},
                          {DNNL_ARG_DST_LAYER, output}};
      if (memory::desc format = startFormat(); format.get_size()) {
        forwardArguments[DNNL_ARG_SRC_ITER] = zeros(format);
        forwardArguments[DNNL_ARG_SRC_ITER_C] = zeros(format);
      }
      if (kind == prop_kind::forward_training) {
        workspace = memory(description.workspace_desc(), cpu);
        forwardArguments[DNNL_ARG_WORKSPACE] = workspace;
      }
    };
    if (cell.kind == "lstm")
      prepare(lstmForward = lstm_forward::primitive_desc(
                  {kind, direction, x, start, start, w, w, b, x, none, none}, cpu));
    else if (cell.kind == "gru")
      prepare(gruForward =
                  gru_forward::primitive_desc({kind, direction, x, none, w, w, b, x, none}, cpu));
    else
      prepare(resetForward = lbr_gru_forward::primitive_desc(
                  {kind, direction, x, none, w, w, b, x, none}, cpu));
  }

  void describeBackward() {
    prop_kind kind = prop_kind::backward;
    rnn_direction direction = rnn_direction::unidirectional_left2right;
    memory::desc none, x = f32({T, N, H}), w = f32(dimsW()), b = f32({L, 1, cell.biases, H});
    memory::desc start = startFormat();
    Floats weights = readFloats(arguments.text("data") + "/inputs/ws.f32", given.size());
    for (float &value : weights)
      value /= float(N); // rondo's gradient is of the mean over the batch
    auto prepare = [&](auto description) {
      backward = primitive(description);
      backwardW = reordered(userW, description.weights_layer_desc());
      backwardU = reordered(userU, description.weights_iter_desc());
      dX = memory(description.diff_src_layer_desc(), cpu);
      dW = memory(description.diff_weights_layer_desc(), cpu);
      dU = memory(description.diff_weights_iter_desc(), cpu);
      dB = memory(description.diff_bias_desc(), cpu);
      dY = reordered(toMemory({T, N, H}, Tag::tnc, timeFirst(weights)),
                     description.diff_dst_layer_desc());
      backwardArguments = {{DNNL_ARG_SRC_LAYER, input},        {DNNL_ARG_WEIGHTS_LAYER, backwardW},
                           {DNNL_ARG_WEIGHTS_ITER, backwardU}, {DNNL_ARG_BIAS, forwardB},
                           {DNNL_ARG_DST_LAYER, output},       {DNNL_ARG_WORKSPACE, workspace},
                           {DNNL_ARG_DIFF_SRC_LAYER, dX},      {DNNL_ARG_DIFF_WEIGHTS_LAYER, dW},
                           {DNNL_ARG_DIFF_WEIGHTS_ITER, dU},   {DNNL_ARG_DIFF_BIAS, dB},
                           {DNNL_ARG_DIFF_DST_LAYER, dY}};
      if (memory::desc format = startFormat(); format.get_size())
        for (int argument : {DNNL_ARG_SRC_ITER, DNNL_ARG_SRC_ITER_C, DNNL_ARG_DIFF_SRC_ITER,
                             DNNL_ARG_DIFF_SRC_ITER_C})
          backwardArguments[argument] = zeros(format);
    };
    if (cell.kind == "lstm")
      prepare(
          lstm_backward::primitive_desc({kind, direction, x,     start, start, w, w, b, x,    none,
                                         none, x,         start, start, w,     w, b, x, none, none},
                                        cpu, lstmForward));
    else if (cell.kind == "gru")
      prepare(gru_backward::primitive_desc(
          {kind, direction, x, none, w, w, b, x, none, x, none, w, w, b, x, none}, cpu,
          gruForward));
    else
      prepare(lbr_gru_backward::primitive_desc(
          {kind, direction, x, none, w, w, b, x, none, x, none, w, w, b, x, none}, cpu,
          resetForward));
  }

  void writeGradients(const std::string &out) const {
    std::string prefix = out + "/grad.net." + cell.kind + ".";
    writeFloats(prefix + "W.f32", permute(toFloats(dW, dimsW(), Tag::ldigo), cell.gates, true));
    Floats u = permute(toFloats(dU, dimsW(), Tag::ldigo), cell.gates, true);
    if (cell.kind != "gru") {
      writeFloats(prefix + "U.f32", u);
    } else {
      Floats two, third;
      size_t square = size_t(H) * H;
      for (long l = 0; l < L; ++l) {
        two.insert(two.end(), u.begin() + l * 3 * square, u.begin() + (l * 3 + 2) * square);
        third.insert(third.end(), u.begin() + (l * 3 + 2) * square,
                     u.begin() + (l + 1) * 3 * square);
      }
      writeFloats(prefix + "U.f32", two);
      writeFloats(prefix + "V.f32", third);
    }
    Floats biases = toFloats(dB, {L, 1, cell.biases, H}, Tag::ldgo);
    Floats b(size_t(L) * cell.gates * H), d = b;
    for (long l = 0; l < L; ++l)
      for (int g = 0; g < cell.gates; ++g)
        for (long h = 0; h < H; ++h) {
          auto at = [&](int gate) { return biases[(size_t(l) * cell.biases + gate) * H + h]; };
          size_t ours = (size_t(l) * cell.gates + cell.order(g)) * H + h;
          b[ours] = at(g);
          d[ours] = g == 2 && cell.biases > cell.gates ? at(3) : at(g);
        }
    writeFloats(prefix + "b.f32", b);
    if (cell.kind == "gru_reset_after")
      writeFloats(prefix + "d.f32", d);
    // The scale multiplies the inputs.
    Floats dx = batchFirst(toFloats(dX, {T, N, H}, Tag::tnc));
    std::vector<double> sums(H);
    for (size_t i = 0; i < dx.size(); ++i)
      sums[i % H] += double(dx[i]) * given[i];
    writeFloats(out + "/grad.scale.f32", Floats(sums.begin(), sums.end()));
  }

  const Arguments &arguments;
  Cell cell;
  std::string pass;
  long L, T, N, H;
  Floats given;
  primitive forward, backward;
  lstm_forward::primitive_desc lstmForward;
  gru_forward::primitive_desc gruForward;
  lbr_gru_forward::primitive_desc resetForward;
  memory input, userW, userU, userB, forwardW, forwardU, forwardB, output, workspace;
  memory backwardW, backwardU, dX, dW, dU, dB, dY;
  std::unordered_map<int, memory> forwardArguments, backwardArguments;
};
} // namespace

static std::string about() {
  const dnnl_version_t *version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

static int serveMatmul(const Arguments &arguments) {
  long m = arguments.number("M"), n = arguments.number("N"), k = arguments.number("K");
  std::string data = arguments.text("data"), out = arguments.text("out");
  Floats a = readFloats(data + "/inputs/xs.f32", size_t(m) * k);
  Floats b = readFloats(data + "/params/W.f32", size_t(k) * n), c(size_t(m) * n);
  if (arguments.text("pass") == "sgemm") {
    auto once = [&] {
      if (dnnl_sgemm('N', 'N', m, n, k, 1, a.data(), k, b.data(), n, 0, c.data(), n) !=
          dnnl_success)
        fail("dnnl_sgemm refuses");
    };
    return serve(about() + " sgemm", once, [&] {
      once();
      writeFloats(out + "/outputs.f32", c);
    });
  }
  matmul::primitive_desc description(
      matmul::desc(f32({m, k}, Tag::ab), f32({k, n}), f32({m, n}, Tag::ab)), cpu);
  memory x = toMemory({m, k}, Tag::ab, a), y(f32({m, n}, Tag::ab), cpu);
  memory w = reordered(toMemory({k, n}, Tag::ab, b), description.weights_desc());
  matmul product(description);
  std::unordered_map<int, memory> list = {
      {DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}};
  auto once = [&] {
    product.execute(queue, list);
    queue.wait();
  };
  return serve(about() + " matmul, " + description.impl_info_str(), once, [&] {
    once();
    writeFloats(out + "/outputs.f32", toFloats(y, {m, n}, Tag::ab));
  });
}

int main(int argc, char **argv) {
  Arguments arguments(argc, argv);
  omp_set_num_threads(int(arguments.number("threads")));
  try {
    if (arguments.text("kind") == "matmul")
      return serveMatmul(arguments);
    Recurrent recurrent(arguments);
    return serve(about(), [&] { recurrent.once(); }, [&] { recurrent.check(); });
  } catch (const error &failure) {
    fail(failure.what());
  }
}
