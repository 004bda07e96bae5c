// A checkpoint is bound to its run: what would change the numbers is refused or said.
#include "Runtime/File.h"
#include "Runtime/Output.h"
#include "Runtime/Session.h"
#include "Unit.h"

#include <cstring>

using namespace rondo;

static std::string inScratch(const char *name) { return scratchFolder() + "/" + name; }

/// Both must be in what the program says: `out` on stdout and, on stderr, one line `err` or
/// nothing.
static void expect(const Outcome &outcome, int status, const char *out, const char *err, int line) {
  bool oneLine = outcome.err.empty() || outcome.err.find('\n') == outcome.err.size() - 1;
  bool good = outcome.status == status && outcome.out.find(out) != std::string::npos && oneLine &&
              (*err ? outcome.err.find(err) != std::string::npos : outcome.err.empty());
  check(good, *err ? err : out, __FILE__, line, outcome.out + outcome.err);
}
#define EXPECT(outcome, status, out, err) expect(outcome, status, out, err, __LINE__)

/// The checkpoint with other metadata: empty text removes a key.
static void rewrite(const std::string &from, const std::string &to,
                    const std::map<std::string, std::string> &changes) {
  TensorFile file;
  CHECK_OK(readSafetensors(from, file));
  std::vector<TensorView> tensors;
  for (const NamedArray &tensor : file.tensors)
    tensors.push_back({tensor.name, &tensor.array});
  for (const auto &[key, value] : changes)
    if (value.empty())
      file.metadata.erase(key);
    else
      file.metadata[key] = value;
  CHECK_OK(writeSafetensors(to, tensors, file.metadata));
}

static std::string text, from, other;

static Outcome resume(const std::string &path, const std::vector<std::string> &more = {},
                      const RondoProgram &program = rondo_program) {
  std::vector<std::string> words = {"train", "--data", text, "--steps", "5", "--resume", path};
  words.insert(words.end(), more.begin(), more.end());
  return runOn(program, words);
}

/// A metadata entry that differs is refused with this.
static void refusesWith(const char *key, const char *value, const char *message, int line) {
  rewrite(from, other, {{key, value}});
  expect(resume(other), 1, "", message, line);
}
#define REFUSES_WITH(key, value, message) refusesWith(key, value, message, __LINE__)

static void testRefused() {
  REFUSES_WITH("rondo.checkpoint", "",
               "is a checkpoint of an older version of rondo and does not "
               "say all that its run was; use --weights to start anew");
  REFUSES_WITH("rondo.checkpoint", "3", "is a checkpoint of another version of rondo");
  REFUSES_WITH("rondo.model", "Trigram", "of the model 'Trigram', this program is Bigram");
  REFUSES_WITH("run.-D width", "64", "was trained with -D width = '64', here it is '256'");
  REFUSES_WITH("run.-D depth", "2", "was trained with -D depth = '2', here it is 'nothing'");
  REFUSES_WITH("run.precision", "f64", "was trained with precision = 'f64', here it is 'f32'");
  REFUSES_WITH("run.minimize", "nll", "was trained with minimize = 'nll', here it is 'loss'");
  REFUSES_WITH("run.training part", "1", "was trained with training part = '1', here it is");
  REFUSES_WITH("run.data_size", "9", "was trained on data of 9 bytes");
  REFUSES_WITH("setting.sgd.momentum", "0.9",
               "has the settings sgd.lr, sgd.momentum, that of this program has sgd.lr");
  REFUSES_WITH("scalar.decay", "0.5", "was trained with decay = 0.5, which 'loss' does not take");
  REFUSES_WITH("step", "x", "the metadata 'step' of");
  REFUSES_WITH("step", "-1", "expected a count");
  REFUSES_WITH("setting.sgd.lr", "fast", "expected a number");
  EXPECT(resume(from, {"--seed", "4"}), 1, "", "was trained with seed 0");

  // Other data of the same length.
  std::string bytes, changed = inScratch("changed");
  CHECK_OK(readFile(text, bytes));
  bytes[bytes.size() / 2] ^= 1;
  CHECK_OK(writeFile(changed, {bytes}));
  EXPECT(runOn(rondo_program, {"train", "--data", changed, "--steps", "5", "--resume", from}), 1,
         "", "was trained on other data than");

  // The state of another optimizer, of the same settings.
  TensorFile file;
  CHECK_OK(readSafetensors(from, file));
  std::vector<TensorView> tensors;
  for (const NamedArray &tensor : file.tensors)
    tensors.push_back({tensor.name, &tensor.array});
  std::string second = std::string(statePrefix) + "v.bias";
  tensors.push_back({second, file.find("bias")});
  CHECK_OK(writeSafetensors(other, tensors, file.metadata));
  EXPECT(resume(other), 1, "", "v.bias', which the optimizer of this program lacks");
}

static void testSaid() {
  auto note = [](const char *key, const char *value) { rewrite(from, other, {{key, value}}); };
  note("rondo.version", "0.0.9");
  EXPECT(resume(other), 0, "trained 5 steps",
         "by a program of rondo '0.0.9', this one is of 0.1.0");
  note("rondo.build", "0");
  EXPECT(resume(other), 0, "trained 5 steps", "was trained by another build of Bigram");
  note("memory_budget", "77");
  EXPECT(resume(other), 0, "trained 5 steps", "was trained with another memory budget");
  EXPECT(resume(from, {"--lr", "0.25"}), 0, "trained 5 steps",
         "bigram: note: sgd.lr is 0.25 from step 4 on, it was 0.5\n");
  EXPECT(resume(from, {"--batch", "4"}), 0, "", "the batch is 4 from step 4 on, it was 3");
  EXPECT(resume(from, {"--window", "8"}), 0, "", "the window is 8 from step 4 on, it was 16");
  EXPECT(resume(from), 0, "trained 5 steps", "");

  // A program whose own rate is another one by now: the checkpoint's is kept.
  RondoEntry entries[5];
  std::memcpy(entries, rondo_program.entries, sizeof(entries));
  std::vector<RondoValue> arguments(entries[2].arguments,
                                    entries[2].arguments + entries[2].num_arguments);
  arguments.back().default_value = 100;
  entries[2].arguments = arguments.data();
  RondoProgram faster = rondo_program;
  faster.entries = entries;
  std::string a = inScratch("a"), b = inScratch("b"), bytesA, bytesB;
  EXPECT(resume(from, {"--save", a}), 0, "trained 5 steps", "");
  EXPECT(resume(from, {"--save", b}, faster), 0, "trained 5 steps", "");
  CHECK_OK(readFile(a, bytesA));
  CHECK_OK(readFile(b, bytesB));
  CHECK(bytesA == bytesB);

  // Nothing is left to do; the file is still written where it is wanted.
  EXPECT(resume(a, {"--save", b}), 0, "is at step 5 of 5 already, there is nothing to do\n", "");
  CHECK_OK(readFile(b, bytesB));
  CHECK(bytesA == bytesB);
  EXPECT(resume(from, {"--save", from}), 0, "trained 5 steps", ""); // onto itself
  CHECK_OK(readFile(from, bytesB));
  CHECK(bytesA == bytesB);
}

void testResume() {
  text = inScratch("resume.txt");
  from = inScratch("from");
  other = inScratch("other");
  std::string bytes;
  for (int i = 0; i < 100; ++i)
    bytes += "to be or not to be\n";
  CHECK_OK(writeFile(text, {bytes}));
  EXPECT(runOn(rondo_program, {"train", "--data", text, "--steps", "3", "--save", from, "--lr",
                               "0.5", "--batch", "3"}),
         0, "trained 3 steps", "");
  testRefused();
  testSaid();
}
