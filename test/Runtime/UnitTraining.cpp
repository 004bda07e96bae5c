// Training as a user meets it: resuming, signals, what is saved and when.
#include "Runtime/File.h"
#include "Runtime/Output.h"
#include "Runtime/Safetensors.h"
#include "UnitCommands.h"

#include <cmath>
#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace rondo;

void testTraining() {
  std::string text = writeText(), whole = inScratch("whole"), half = inScratch("half"),
              rest = inScratch("rest"), log = inScratch("log.jsonl");
  // Resuming gives bit for bit what an unbroken run gives.
  Outcome outcome = WORKS("train", "--data", text, "--steps", "12", "--save", whole, "--seed", "5",
                          "--lr", "0.5", "--batch", "3", "--log", log);
  CHECK(outcome.out.find("step 1/12 loss ") == 0 &&
        outcome.out.find("trained 12 steps") != std::string::npos);
  WORKS("train", "--data", text, "--steps", "5", "--save", half, "--seed", "5", "--lr", "0.5",
        "--batch", "3");
  WORKS("train", "--data", text, "--steps", "12", "--save", rest, "--resume", half);
  CHECK(contents(whole) == contents(rest));
  CHECK(contents(whole) != contents(half));
  std::string lines = contents(log);
  CHECK(lines.starts_with("{\"step\": 1, \"loss\": 5.") &&
        lines.find("{\"step\": 12,") != std::string::npos);
  TensorFile file;
  CHECK_OK(readSafetensors(half, file));
  CHECK(file.metadata["step"] == "5" && file.find("optimizer/m.bias") &&
        file.metadata["setting.sgd.lr"] == "0.5");
  WORKS("train", "--data", text, "--steps", "2", "--weights", half);

  std::string kept = contents(half);
  outcome = WORKS("train", "--data", text, "--steps", "5", "--resume", half);
  CHECK(outcome.out.ends_with("is at step 5 of 5 already, there is nothing to do\n"));
  REFUSES("was trained with seed 5", "train", "--data", text, "--resume", half, "--seed", "6");
  REFUSES("exclude each other", "train", "--data", text, "--resume", half, "--weights", half);
  REFUSES("holds weights but no checkpoint", "train", "--data", text, "--resume", inScratch("g"));
  REFUSES("the setting 'sgd.lr' is given twice", "train", "--data", text, "--lr", "1", "--set",
          "lr=1");
  REFUSES("the setting 'sgd.lr' is given twice", "train", "--data", text, "--set", "sgd.lr=2",
          "--set", "lr=1");
  REFUSES("no setting 'momentum', it has sgd.lr", "train", "--data", text, "--set", "momentum=1");
  // No output is an input or another output, and what cannot be written is said before a step.
  std::string linked = inScratch("linked");
  CHECK(::link(text.c_str(), linked.c_str()) == 0);
  REFUSES("--save and --data name the same file", "train", "--data", text, "--save", linked);
  REFUSES("--save and --weights name the same file", "train", "--data", text, "--save", half,
          "--weights", half);
  REFUSES("--log and --data name the same file", "train", "--data", text, "--log", text);
  REFUSES("--save and --log name the same file", "train", "--data", text, "--log", inScratch("one"),
          "--save", scratchFolder() + "/./one");
  REFUSES("--save names this program", "train", "--data", text, "--save", "/proc/self/exe");
  REFUSES("--save is '', expected the name of a file", "train", "--data", text, "--save", "");
  REFUSES("-o and --weights name the same file", "run", "scale", "--weights", half, "-o", half);
  REFUSES("-o and --weights name the same file", "grad", "loss", "--weights", half, "-o", half);
  for (const char *flag : {"--save", "--log"}) {
    outcome = run({"train", "--data", text, flag, inScratch("nowhere/file")});
    CHECK(outcome.status == 1 && outcome.out.empty() &&
          outcome.err.find("nowhere/file': No such file") != std::string::npos);
  }
  // A save on the way that fails, and a log, end nothing; the last save must succeed.
  outcome =
      run({"train", "--data", text, "--steps", "5", "--save", "/dev/full", "--save-every", "2"});
  CHECK(outcome.status == 1 && outcome.out.find("step 5/5") != std::string::npos);
  CHECK(outcome.err == "bigram: warning: cannot write '/dev/full': No space left on device at step "
                       "2, training goes on\nbigram: warning: cannot write '/dev/full': No space "
                       "left on device at step 4, training goes on\nbigram: error: cannot write "
                       "'/dev/full': No space left on device\n");
  outcome = run({"train", "--data", text, "--steps", "5", "--log", "/dev/full", "--save",
                 inScratch("saved")});
  CHECK(outcome.status == 1 && outcome.out.find("trained 5 steps") != std::string::npos &&
        outcome.err.find("cannot write '/dev/full' after step 1") != std::string::npos &&
        !contents(inScratch("saved")).empty());
  REFUSES("needs --data", "train");
  REFUSES("No such file", "train", "--data", inScratch("nothing"));
  REFUSES("--device is 'cuda'", "train", "--data", text, "--device", "cuda");
  REFUSES("needs --save", "train", "--data", text, "--save-every", "3");
  REFUSES("--threads is '0', expected a whole number from 1 to 1024", "train", "--data", text,
          "--threads", "0");
  REFUSES("--threads is 'two'", "eval", "--data", text, "--threads", "two");
  REFUSES("unknown flag '--threads'", "info", "--threads", "2");
  REFUSES("--batch is '0'", "train", "--data", text, "--batch", "0");
  REFUSES("needs 100001", "train", "--data", text, "--window", "100000");
  REFUSES("was trained on data of 5700 bytes", "train", "--data", half, "--resume", half);
  REFUSES("the loss is ", "train", "--data", text, "--lr", "1e38", "--steps", "9", "--save", half);
  CHECK(contents(half) == kept); // a failed training leaves the old file

  static RondoCode update = rondo_program.entries[2].code;
  RondoEntry broken[5];
  std::memcpy(broken, rondo_program.entries, sizeof(broken));
  RondoProgram breaking = rondo_program;
  breaking.entries = broken;
  broken[2].code = [](const RondoCall *call, int64_t worker) {
    update(call, worker);
    static_cast<float *>(call->results[1])[3] = NAN;
  };
  outcome = runOn(breaking, {"train", "--data", text, "--steps", "1", "--save", half});
  CHECK(outcome.status == 1 &&
        outcome.err.find("'bias' is not finite after step 1") != std::string::npos);
  CHECK(contents(half) == kept);

  // An interrupted training saves and ends well.
  static RondoCode right = rondo_program.entries[2].code;
  static int calls;
  calls = 0;
  RondoEntry changed[5];
  std::memcpy(changed, rondo_program.entries, sizeof(changed));
  RondoProgram program = rondo_program;
  program.entries = changed;
  changed[2].code = [](const RondoCall *call, int64_t worker) {
    right(call, worker);
    if (++calls == 5)
      ::raise(SIGINT);
  };
  std::string stopped = inScratch("stopped");
  outcome = runOn(program, {"train", "--data", text, "--steps", "12", "--save", stopped, "--seed",
                            "5", "--lr", "0.5", "--batch", "3"});
  CHECK(outcome.status == 0 && outcome.out.find("stopped at step 5") != std::string::npos);
  CHECK(contents(stopped) == kept);
}
