// The commands as a user meets them: exit status, the one line on stderr, files left alone.
#include "UnitCommands.h"
#include "Runtime/Commands.h"
#include "Runtime/File.h"
#include "Runtime/Flops.h"
#include "Runtime/Json.h"
#include "Runtime/Npz.h"
#include "Runtime/Output.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace rondo;

Outcome runOn(const RondoProgram &program, const std::vector<std::string> &words) {
  std::vector<const char *> argv = {"/somewhere/bigram"};
  for (const std::string &word : words)
    argv.push_back(word.c_str());
  std::string names[2] = {scratchFolder() + "/stdout", scratchFolder() + "/stderr"};
  int kept[2];
  std::fflush(nullptr);
  for (int i = 0; i < 2; ++i) {
    kept[i] = ::dup(i + 1);
    int file = ::open(names[i].c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, i + 1);
    ::close(file);
  }
  Outcome outcome;
  outcome.status = runProgram(program, static_cast<int>(argv.size()), argv.data());
  std::fflush(nullptr);
  for (int i = 0; i < 2; ++i) {
    ::dup2(kept[i], i + 1);
    ::close(kept[i]);
  }
  (void)readFile(names[0], outcome.out).failed();
  (void)readFile(names[1], outcome.err).failed();
  return outcome;
}

Outcome run(const std::vector<std::string> &words) { return runOn(rondo_program, words); }

void refuses(const std::vector<std::string> &words, const char *text, const char *file, int line) {
  Outcome outcome = run(words);
  bool oneLine = outcome.err.find('\n') == outcome.err.size() - 1;
  check(outcome.status == 1 && oneLine && outcome.err.find(text) != std::string::npos &&
            outcome.err.starts_with("bigram: error: "),
        text, file, line, outcome.err);
}

Outcome works(const std::vector<std::string> &words, const char *file, int line) {
  Outcome outcome = run(words);
  check(outcome.status == 0 && outcome.err.empty(), words[0].c_str(), file, line,
        outcome.out + outcome.err);
  return outcome;
}

std::string inScratch(const char *name) { return scratchFolder() + "/" + name; }

std::string contents(const std::string &path) {
  std::string bytes;
  CHECK_OK(readFile(path, bytes));
  return bytes;
}

std::string writeText() {
  std::string text, path = inScratch("text.txt");
  for (int i = 0; i < 300; ++i)
    text += "to be or not to be\n";
  CHECK_OK(writeFile(path, {text}));
  return path;
}

static void testSurface() {
  Outcome outcome = WORKS("--help");
  for (const char *command :
       {"train", "eval", "generate", "init", "run", "grad", "gradcheck", "bench", "info"}) {
    CHECK(outcome.out.find(std::string("\n  ") + command) != std::string::npos);
    WORKS(command, "--help");
    REFUSES("unknown flag '--bogus'", command, "--bogus");
  }
  outcome = WORKS("--version");
  CHECK(outcome.out == "Bigram, compiled by rondo 0.1.0\n");
  REFUSES("unknown command 'fly'", "fly");
  REFUSES("needs -o", "init");
  REFUSES("wants a value", "init", "-o");
  REFUSES("given twice", "init", "--seed", "1", "--seed", "2");
  REFUSES("--seed is '1x', expected a whole number", "init", "-o", "/dev/null", "--seed=1x");
  REFUSES("unexpected argument 'more'", "init", "more");
  REFUSES("cannot write", "init", "-o", "/no/such/folder/w");
  outcome = WORKS("info");
  CHECK(outcome.out.find("embed.table : f32[256, 256]") != std::string::npos);
  CHECK(outcome.out.find("parameters: 65792 in 2 arrays") != std::string::npos);
  CHECK(outcome.out.find("loss(tokens: idx<256>[B, T], targets: idx<256>[B, T]) -> f32[B]") !=
        std::string::npos);
  REFUSES("the dim B of 'loss' would be 3e+09, an integer from 0 to 2147483647 is possible", "info",
          "--set", "B=3e9");
  REFUSES("would take more than 1.80144e+16 bytes at these sizes", "info", "--set", "B=2e9",
          "--set", "T=2e9");
  outcome = WORKS("info", "--set", "B=4", "--set", "T=8");
  // Tokens and targets of padded examples are copied, and what has a row per example is sorted.
  CHECK(outcome.out.find("and up to 272 bytes for examples of several lengths: sorted copies") !=
        std::string::npos);
  outcome = WORKS("info", "--json", "--set", "B=4", "--set", "T=8");
  CHECK(outcome.out.find("\"parameter_count\": 65792") != std::string::npos);
  CHECK(outcome.out.find("-> f32\", \"arena_bytes\": 288, \"memory_bytes\": 526884, "
                         "\"sorted_copies_bytes\": 256, \"flops\": \"9*B*T\", "
                         "\"flops_per_token\": 9}") != std::string::npos);
  RondoProgram foreign = rondo_program;
  foreign.features = "sse3 frobnication";
  outcome = runOn(foreign, {"info"});
  CHECK(outcome.status == 1 && outcome.err.find("lacks 'frobnication'") != std::string::npos);
}

/// The number behind `"name": ` in a JSON text.
static double numberIn(const std::string &json, const std::string &name) {
  Json value;
  CHECK_OK(parseJson(json, value));
  const Json *found = value.find(name);
  return found ? found->number : -1;
}

static void testBench() {
  std::vector<std::string> dims = {"--set", "B=2", "--set", "T=5"};
  auto bench = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "bench");
    words.insert(words.end(), dims.begin(), dims.end());
    return words;
  };
  Outcome outcome = works(bench({"loss", "--repeat", "4"}), __FILE__, __LINE__);
  CHECK(outcome.out.starts_with("loss at B = 2, T = 5: best "));
  CHECK(outcome.out.find(" of 4 calls on 1 worker\n") != std::string::npos);
  for (const char *what : {"--grad", "--train"}) {
    std::vector<std::string> words = {what, "--repeat", "3", "--json"};
    if (words[0] == "--grad")
      words.insert(words.begin(), "loss");
    outcome = works(bench(words), __FILE__, __LINE__);
    double best = numberIn(outcome.out, "best_seconds");
    CHECK(best > 0 && best <= numberIn(outcome.out, "median_seconds"));
    CHECK(numberIn(outcome.out, "peak_flops_per_second") > 0);
    CHECK(numberIn(outcome.out, "repetitions") == 3);
    CHECK(numberIn(outcome.out, "planned_bytes") >= 2 * 65792 * 4);
    CHECK(numberIn(outcome.out, "resident_bytes") >= numberIn(outcome.out, "planned_bytes"));
  }
  // The descriptor says 9*B*T for the gradient, and nothing for the loss.
  outcome = works(bench({"loss", "--grad", "--seconds", "0", "--json"}), __FILE__, __LINE__);
  CHECK(numberIn(outcome.out, "flops") == 90);
  CHECK(numberIn(outcome.out, "share_of_peak") > 0);
  WORKS("bench", "generate", "--set", "B=1", "--set", "P=2", "--set", "n=3", "--repeat", "1");

  REFUSES("needs the name of an entry point, or --train", "bench");
  REFUSES("no entry point 'lass'", "bench", "lass");
  REFUSES("'loss' lacks the dims B, T; give each with --set", "bench", "loss");
  REFUSES("'T' is 1.5, expected a count", "bench", "loss", "--set", "B=1", "--set", "T=1.5");
  REFUSES("'B' is 0, expected 1 to", "bench", "loss", "--set", "B=0", "--set", "T=1");
  REFUSES("would have sizes", "bench", "loss", "--set", "B=16777216", "--set", "T=1e12");
  REFUSES("takes no scalar 'q'", "bench", "loss", "--set", "B=1", "--set", "T=1", "--set", "q=1");
  REFUSES("takes no entry point", "bench", "loss", "--train");
  REFUSES("has no gradient", "bench", "scale", "--grad");
  REFUSES("--repeat is '0'", "bench", "loss", "--repeat", "0");
  REFUSES("--seconds is -1", "bench", "loss", "--seconds=-1");
  REFUSES("stopped in example 0", "bench", "loss", "--set", "B=1", "--set", "T=0");
}

static void testFlops() {
  RondoSymbol symbols[] = {{"B", RONDO_BATCH, 0, 0, {}}, {"T_2", RONDO_RAGGED, 0, 0, {}}};
  RondoEntry entry = {};
  entry.num_symbols = 2;
  entry.symbols = symbols;
  const int64_t dims[] = {3, 7};
  struct Case {
    const char *text;
    double value;
  };
  for (Case c : {Case{"2*B*T_2 + B - 1", 44},
                 {"-B + 10", 7},
                 {"4*B*(T_2 floordiv 2)", 36},
                 {"B*((T_2 + 1) floordiv 4)", 6},
                 {"(T_2 ceildiv 2)", 4},
                 {"0", 0},
                 {"2*Q", 0},
                 {"2*(B", 0},
                 {"2 B", 0},
                 {nullptr, 0}}) {
    entry.flops = c.text;
    check(countFlops(entry, dims) == c.value, c.text ? c.text : "null", __FILE__, __LINE__, "");
  }
}

static void testRun() {
  std::string weights = inScratch("w"), inputs = inScratch("in.npz"), out = inScratch("out.npz");
  WORKS("init", "--seed", "3", "-o", weights);
  std::string first = contents(weights);
  WORKS("init", "--seed", "3", "-o", weights);
  CHECK(contents(weights) == first);
  WORKS("init", "--seed", "4", "-o", weights);
  CHECK(contents(weights) != first);

  Array x, lengths, lossTokens;
  CHECK_OK(x.allocate(RONDO_F64, {2, 3, 2}));
  for (int i = 0; i < 12; ++i)
    x.set(i, i);
  CHECK_OK(lengths.allocate(RONDO_I64, {2}));
  lengths.set(0, 2);
  lengths.set(1, 3);
  CHECK_OK(writeNpz(inputs, {{"x", &x}, {"lengths.T", &lengths}}));
  WORKS("run", "scale", "--weights", weights, "--inputs", inputs, "-o", out, "--set", "s=2");
  std::vector<NamedArray> arrays;
  std::string kept;
  CHECK_OK(readNpz(out, arrays));
  CHECK(arrays.size() == 3 && arrays[0].name == "result.0" && arrays[1].name == "result.1" &&
        arrays[2].name == "lengths.T");
  const double expected[] = {4, 6, 0, 0, 16, 18, 20, 22};
  CHECK(arrays[0].array.elements() == 8);
  for (int i = 0; i < 8; ++i)
    CHECK(arrays[0].array.get(i) == expected[i]);
  CHECK(arrays[2].array.get(0) == 2 && arrays[2].array.get(1) == 3);
  CHECK_OK(lengths.allocate(RONDO_I32, {2}));
  lengths.set(0, 2);
  lengths.set(1, 3);
  std::string narrow = inScratch("narrow.npz");
  CHECK_OK(writeNpz(narrow, {{"x", &x}, {"lengths.T", &lengths}}));
  kept = contents(out);
  WORKS("run", "scale", "--weights", weights, "--inputs", narrow, "-o", out, "--set", "s=2");
  CHECK(contents(out) == kept);
  CHECK_OK(lengths.allocate(RONDO_F64, {2}));
  CHECK_OK(writeNpz(narrow, {{"x", &x}, {"lengths.T", &lengths}}));
  REFUSES("'lengths.T' holds floats of sizes [2], expected one integer for each example", "run",
          "scale", "--weights", weights, "--inputs", narrow, "-o", out);
  WORKS("run", "scale", "--weights", weights, "--inputs", inputs, "-o", out); // s has a default
  CHECK_OK(readNpz(out, arrays));
  CHECK(arrays[0].array.get(0) == 6);

  kept = contents(out);
  REFUSES("needs the name", "run", "-o", out);
  REFUSES("no entry point 'lass', it has loss, generate, scale", "run", "lass", "--weights",
          weights, "-o", out);
  REFUSES("lacks its input 'tokens', of type idx<256>[B, T]", "run", "loss", "--weights", weights,
          "-o", out);
  REFUSES("takes no array 'x', it takes tokens, targets, lengths.T", "run", "loss", "--weights",
          weights, "--inputs", inputs, "-o", out);
  REFUSES("takes no scalar 'q', it takes s", "run", "scale", "--weights", weights, "--inputs",
          inputs, "-o", out, "--set", "q=1");
  REFUSES("expected NAME=NUMBER", "run", "scale", "--weights", weights, "-o", out, "--set", "s");
  REFUSES("needs --weights", "run", "loss", "--inputs", inputs, "-o", out);
  REFUSES("No such file", "run", "loss", "--weights", inScratch("none"), "-o", out);
  REFUSES("no safetensors file", "run", "loss", "--weights", inputs, "-o", out);
  REFUSES("no npz file", "run", "loss", "--weights", weights, "--inputs", weights, "-o", out);
  CHECK_OK(lossTokens.allocate(RONDO_I64, {1, 2}));
  lossTokens.set(0, 3);
  lossTokens.set(1, 256);
  CHECK_OK(writeNpz(inputs, {{"tokens", &lossTokens}, {"targets", &lossTokens}}));
  REFUSES("'tokens' of example 0 is 256 at position [1], expected 0 to 255", "run", "loss",
          "--weights", weights, "--inputs", inputs, "-o", out);
  CHECK_OK(writeNpz(inputs, {{"tokens", &x}, {"targets", &lossTokens}}));
  REFUSES("'tokens' has sizes [2, 3, 2], expected idx<256>[B, T]", "run", "loss", "--weights",
          weights, "--inputs", inputs, "-o", out);
  CHECK_OK(x.allocate(RONDO_F32, {1, 2}));
  x.fill(1);
  CHECK_OK(writeNpz(inputs, {{"tokens", &x}, {"targets", &lossTokens}}));
  REFUSES("'tokens' holds floats, expected integers", "run", "loss", "--weights", weights,
          "--inputs", inputs, "-o", out);
  CHECK(contents(out) == kept); // nothing was destroyed

  // Weights of the wrong shape, type or name.
  Array small, bias;
  CHECK_OK(small.allocate(RONDO_F32, {256, 255}));
  small.fill(0);
  CHECK_OK(bias.allocate(RONDO_F32, {256}));
  bias.fill(0);
  std::string bad = inScratch("bad");
  CHECK_OK(writeSafetensors(bad, {{"embed.table", &small}, {"bias", &bias}}, {}));
  REFUSES("has sizes [256, 255], expected [256, 256]", "generate", "--weights", bad);
  CHECK_OK(writeSafetensors(bad, {{"bias", &bias}}, {}));
  REFUSES("has no parameter 'embed.table'", "generate", "--weights", bad);
  CHECK_OK(writeSafetensors(bad, {{"Bias", &bias}, {"b", &bias}}, {}));
  REFUSES("has no parameters 'embed.table', 'bias'; it has 'Bias', 'b', which are no parameters of "
          "Bigram",
          "generate", "--weights", bad);
  CHECK_OK(small.allocate(RONDO_I32, {256, 256}));
  small.fill(0);
  CHECK_OK(writeSafetensors(bad, {{"embed.table", &small}, {"bias", &bias}}, {}));
  REFUSES("is i32, expected f32", "generate", "--weights", bad);
  CHECK_OK(small.allocate(RONDO_F64, {256, 256}));
  small.fill(0);
  CHECK_OK(writeSafetensors(bad, {{"embed.table", &small}, {"bias", &bias}}, {}));
  WORKS("generate", "--weights", bad, "-n", "3"); // doubles are rounded
  CHECK_OK(writeSafetensors(bad, {{"embed.table", &small}, {"bias", &bias}, {"extra", &bias}}, {}));
  REFUSES("'extra', which is no parameter of Bigram", "generate", "--weights", bad);
}

static void testGradients() {
  std::string weights = inScratch("w"), inputs = inScratch("in.npz"), out = inScratch("g");
  WORKS("init", "-o", weights);
  Array tokens, lengths;
  CHECK_OK(tokens.allocate(RONDO_I64, {2, 2}));
  for (int i = 0; i < 4; ++i)
    tokens.set(i, 60 + i);
  CHECK_OK(lengths.allocate(RONDO_I64, {2}));
  lengths.set(0, 1);
  lengths.set(1, 2);
  CHECK_OK(writeNpz(inputs, {{"tokens", &tokens}, {"targets", &tokens}, {"lengths.T", &lengths}}));
  WORKS("grad", "loss", "--weights", weights, "--inputs", inputs, "-o", out);
  TensorFile file;
  CHECK_OK(readSafetensors(out, file));
  CHECK(file.tensors.size() == 2 && file.find("embed.table") && file.find("bias"));
  double sum = 0;
  for (int64_t i = 0; i < 256; ++i)
    sum += file.find("bias")->get(i);
  CHECK(std::fabs(sum) <= 1e-6); // the gradient of a softmax sums to 0
  CHECK(file.find("bias")->get(60) < -0.4 && file.find("bias")->get(62) < -0.2);
  CHECK(file.find("bias")->get(61) > 0); // padding
  REFUSES("has no gradient", "grad", "scale", "--weights", weights, "--inputs", inputs, "-o", out);

  Outcome outcome = WORKS("gradcheck");
  CHECK(outcome.out.find("ok   embed.table") != std::string::npos);
  WORKS("gradcheck", "loss", "--batch", "3", "--length", "4", "--elements", "6", "--weights",
        weights);
  REFUSES("a mean over no elements", "gradcheck", "--length", "0");

  // A parameter that the loss does not use has the gradient 0, in training too.
  RondoEntry fewer[5];
  std::memcpy(fewer, rondo_program.entries, sizeof(fewer));
  RondoProgram unused = rondo_program;
  unused.entries = fewer;
  fewer[1].num_results = 2;
  static RondoCode whole = rondo_program.entries[1].code;
  fewer[1].code = [](const RondoCall *call, int64_t worker) {
    static float bias[256];
    void *all[] = {call->results[0], call->results[1], bias};
    RondoCall changed = *call;
    changed.results = all;
    whole(&changed, worker);
  };
  CHECK(
      runOn(unused, {"grad", "loss", "--weights", weights, "--inputs", inputs, "-o", out}).status ==
      0);
  CHECK_OK(readSafetensors(out, file));
  CHECK(file.find("bias") && file.find("bias")->get(60) == 0);
  std::string trained = inScratch("unused");
  CHECK(runOn(unused, {"train", "--data", writeText(), "--steps", "2", "--save", trained}).status ==
        0);
  CHECK_OK(readSafetensors(trained, file));
  CHECK(file.find("bias")->get(60) == 0 && file.find("embed.table")->get(0) != 0);

  // A wrong gradient and one that is not a number are both found.
  static RondoCode right = rondo_program.entries[1].code_f64;
  RondoEntry wrong[5];
  std::memcpy(wrong, rondo_program.entries, sizeof(wrong));
  RondoProgram program = rondo_program;
  program.entries = wrong;
  wrong[1].code_f64 = [](const RondoCall *call, int64_t worker) {
    right(call, worker);
    for (int i = 0; i < 256; ++i)
      static_cast<double *>(call->results[2])[i] *= 1.00001;
  };
  outcome = runOn(program, {"gradcheck"});
  CHECK(outcome.status == 1 && outcome.out.find("ok   embed.table") != std::string::npos &&
        outcome.out.find("FAIL bias") != std::string::npos &&
        outcome.err.find("1 gradients of 'loss' differ") != std::string::npos);
  wrong[1].code_f64 = [](const RondoCall *call, int64_t worker) {
    right(call, worker);
    static_cast<double *>(call->results[1])[7] = NAN;
  };
  outcome = runOn(program, {"gradcheck", "--elements", "0"});
  CHECK(outcome.status == 1 && outcome.out.find("FAIL embed.table") != std::string::npos);
}

static void testGenerate() {
  std::string weights = inScratch("w"), text = writeText();
  WORKS("train", "--data", text, "--steps", "150", "--lr", "2", "--save", weights);
  Outcome first, second;
  first =
      WORKS("generate", "--weights", weights, "--prompt", "to", "-n", "60", "--temperature", "0.3");
  CHECK(first.out.starts_with("to") && first.out.find("t") != std::string::npos &&
        first.out.size() >= 62);
  size_t known = 0;
  for (char c : first.out)
    known += std::strchr("to be rn\n", c) != nullptr;
  CHECK(known == first.out.size()); // only letters of the text
  second =
      WORKS("generate", "--weights", weights, "--prompt", "to", "-n", "60", "--temperature", "0.3");
  CHECK(first.out == second.out);
  second = WORKS("generate", "--weights", weights, "--prompt", "116 111", "-n", "4", "--ids");
  CHECK(std::strchr("0123456789", second.out[0]));
  REFUSES("expected ids", "generate", "--weights", weights, "--prompt", "to", "--ids");
  REFUSES("'prompt' of example 0 is 300", "generate", "--weights", weights, "--prompt", "300",
          "--ids");
  REFUSES("at most 2147483647 is possible", "generate", "--weights", weights, "--set", "n=3e9");
  REFUSES("-n is '-1'", "generate", "--weights", weights, "-n", "-1");
  first = WORKS("eval", "--data", text, "--weights", weights);
  CHECK(first.out.starts_with("loss "));
  double loss = std::strtod(first.out.c_str() + 5, nullptr);
  CHECK(loss > 0.2 && loss < 1.5);
  second = WORKS("eval", "--data", text, "--weights", weights, "--all", "--json");
  CHECK(second.out.starts_with("{\"loss\": ") && second.out != first.out);
}

/// A program compiled in double precision needs no twin, and keeps its files in f64.
static void testDouble() {
  std::vector<RondoValue> values;
  std::vector<RondoEntry> entries(rondo_program.entries, rondo_program.entries + 4);
  std::vector<RondoParameter> parameters(rondo_program.parameters, rondo_program.parameters + 2);
  values.reserve(64);
  auto toDouble = [&](const RondoValue *from, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      values.push_back(from[i]);
      if (from[i].element == RONDO_F32)
        values.back().element = RONDO_F64;
    }
    return values.data() + values.size() - count;
  };
  for (RondoEntry &entry : entries) {
    entry.arguments = toDouble(entry.arguments, entry.num_arguments);
    entry.results = toDouble(entry.results, entry.num_results);
    entry.code = entry.code_f64;
    entry.arena = entry.arena_f64;
    entry.code_f64 = nullptr;
    entry.arena_f64 = nullptr;
  }
  for (RondoParameter &parameter : parameters)
    parameter.element = RONDO_F64;
  RondoProgram program = rondo_program;
  program.element = RONDO_F64;
  program.entries = entries.data();
  program.num_entries = 4;
  program.parameters = parameters.data();
  std::string single = inScratch("f32"), wide = inScratch("f64"), text = writeText();
  WORKS("init", "--seed", "2", "-o", single);
  CHECK(runOn(program, {"init", "--seed", "2", "-o", wide}).status == 0);
  TensorFile a, b;
  CHECK_OK(readSafetensors(single, a));
  CHECK_OK(readSafetensors(wide, b));
  CHECK(b.find("bias")->element() == RONDO_F64);
  for (int64_t i = 0; i < 65536; ++i)
    CHECK(a.find("embed.table")->get(i) ==
          static_cast<double>(static_cast<float>(b.find("embed.table")->get(i))));
  CHECK(runOn(program, {"gradcheck"}).status == 0);
  CHECK(runOn(program, {"gradcheck", "--weights", single}).status == 0); // f32 is accepted
  CHECK(runOn(program, {"train", "--data", text, "--steps", "3", "--save", wide}).status == 0);
  CHECK_OK(readSafetensors(wide, b));
  CHECK(b.find("optimizer/m.bias")->element() == RONDO_F64);
  // Without a twin, a program in single precision cannot check its gradients.
  RondoProgram lacking = rondo_program;
  std::vector<RondoEntry> bare(rondo_program.entries, rondo_program.entries + 5);
  for (RondoEntry &entry : bare)
    entry.code_f64 = nullptr;
  lacking.entries = bare.data();
  Outcome outcome = runOn(lacking, {"gradcheck"});
  CHECK(outcome.status == 1 &&
        outcome.err.find("compiled without its double-precision twin") != std::string::npos);
}

void testCommands() {
  testDouble();
  testSurface();
  testRun();
  testBench();
  testFlops();
  testGradients();
  testGenerate();
}
