// `train`: batch, gradients, update, over and over. The loop is here; the three parts are data and
// generated code, each a pure function, so that a checkpoint continues bit for bit.
#include "Runtime/Checkpoint.h"
#include "Runtime/Commands.h"
#include "Runtime/Data.h"
#include "Runtime/Json.h"
#include "Runtime/Output.h"
#include "Runtime/Place.h"
#include "Runtime/Progress.h"
#include "Runtime/Segments.h"
#include "Runtime/Team.h"
#include "Runtime/TrainingStep.h"

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>

using namespace rondo;

/// Set by SIGINT and SIGTERM, read after every step.
static volatile std::sig_atomic_t stopAsked = 0;

namespace {
class Trainer {
public:
  explicit Trainer(Context &context)
      : flags(context.flags), session(context.program, context.device) {}
  ~Trainer() {
    if (log)
      std::fclose(log);
  }
  Trainer(const Trainer &) = delete;
  Trainer &operator=(const Trainer &) = delete;

  Status run();

private:
  Status prepare();
  Status takeSettings();
  Status checkRoom() const;
  Status step();
  Status takeLosses(bool all);
  Status saveAtEnd();
  void saveOnTheWay();
  Status checkFinite() const;
  void writeLog(double loss);

  const Flags &flags;
  Session session;
  const RondoTrain *train = nullptr;
  TrainingStep trainingStep;
  TextData data;
  Training training;
  int64_t steps = 0, saveEvery = 0;
  int64_t shown = 0;  // steps whose loss is known; training.step counts those that were begun
  double seconds = 0; // 0: no limit
  std::string savePath;
  std::FILE *log = nullptr;
  Status logFailure;
  std::optional<Progress> progress;
};
} // namespace

/// --lr and --set, which must name settings of the update (or scalars of the loss).
Status Trainer::takeSettings() {
  std::map<std::string, double, std::less<>> given;
  RONDO_TRY(flags.settings(given));
  double rate = 0;
  RONDO_TRY(flags.number("--lr", rate));
  if (flags.has("--lr"))
    given["lr"] = rate;
  for (const auto &[name, value] : given) {
    std::string names;
    bool found = false;
    for (int64_t i = 0; i < trainingStep.update->num_arguments; ++i) {
      const RondoValue &argument = trainingStep.update->arguments[i];
      if (argument.role != RONDO_SETTING)
        continue;
      names += std::string(names.empty() ? "" : ", ") + argument.name;
      std::string_view full = argument.name;
      if (full == name || full.ends_with("." + name)) {
        training.settings[argument.name] = value;
        found = true;
      }
    }
    if (found)
      continue;
    Feed probe;
    probe.scalars[name] = value;
    if (session.checkNames(*trainingStep.gradient, probe).failed())
      return error("the optimizer has no setting %s, it has %s", quote(name).c_str(),
                   names.empty() ? "none" : names.c_str());
    trainingStep.gradientFeed.scalars[name] = value;
  }
  for (const auto &[name, value] : training.settings)
    trainingStep.updateFeed.scalars[name] = value;
  return {};
}

Status Trainer::prepare() {
  RONDO_TRY(findTrain(session.program, train));
  RONDO_TRY(flags.need("--data"));
  if (flags.has("--resume") && flags.has("--weights"))
    return error("--resume and --weights exclude each other");
  RONDO_TRY(trainingStep.find(session, *train));
  steps = train->steps;
  RONDO_TRY(flags.integer("--steps", 1, INT64_MAX, steps));
  RONDO_TRY(flags.integer("--save-every", 1, INT64_MAX, saveEvery));
  RONDO_TRY(flags.number("--seconds", seconds));
  if (flags.has("--seconds") && !(seconds > 0))
    return error("--seconds needs a positive number, found %g", seconds);
  savePath = flags.text("--save");
  if (saveEvery && !flags.has("--save"))
    return error("--save-every needs --save");
  RONDO_TRY(checkOutput(flags, "--save", {"--data", "--weights", "--log"}));
  RONDO_TRY(checkOutput(flags, "--log", {"--data", "--weights", "--resume"}));

  training.batch = train->batch;
  std::string resume = flags.text("--resume");
  if (flags.has("--resume"))
    RONDO_TRY(loadCheckpoint(resume, session, training));
  int64_t seed = training.seed, resumedSize = training.dataSize;
  RONDO_TRY(flags.integer("--seed", INT64_MIN, INT64_MAX, training.seed));
  if (flags.has("--resume") && training.seed != seed)
    return error("--seed is %lld, but %s was trained with seed %lld",
                 static_cast<long long>(training.seed), quote(resume).c_str(),
                 static_cast<long long>(seed));
  RONDO_TRY(flags.integer("--batch", 1, 1 << 24, training.batch));
  RONDO_TRY(flags.integer("--window", 1, INT32_MAX, training.window));
  if (training.step >= steps)
    return error("%s is at step %lld already, --steps must be larger than that",
                 quote(resume).c_str(), static_cast<long long>(training.step));
  RONDO_TRY(data.open(flags.text("--data"), *train, training.window));
  training.window = data.window();
  training.dataSize = data.size();
  if (flags.has("--resume") && training.dataSize != resumedSize)
    return error("%s was trained on data of %lld bytes, %s has %lld; use --weights to start anew "
                 "from its parameters",
                 quote(resume).c_str(), static_cast<long long>(resumedSize),
                 quote(flags.text("--data")).c_str(), static_cast<long long>(training.dataSize));
  if (flags.has("--weights")) {
    TensorFile file;
    RONDO_TRY(readSafetensors(flags.text("--weights"), file));
    RONDO_TRY(session.load(flags.text("--weights"), file, false));
  } else if (!flags.has("--resume")) {
    RONDO_TRY(session.initialise(training.seed));
  }
  RONDO_TRY(takeSettings());
  RONDO_TRY(checkRoom());
  return flags.has("--log") ? openLines(flags.text("--log"), flags.has("--resume"), log) : Status();
}

/// A disk that is full already is one at the end as well. With more than one save the first may
/// fail like any other, since the next may find room.
Status Trainer::checkRoom() const {
  if (savePath.empty())
    return {};
  Status status = tryRoom(savePath, checkpointBytes(session));
  if (!status.failed() || !saveEvery)
    return status;
  say("warning", status.message());
  return {};
}

Status Trainer::step() {
  RONDO_TRY(data.sample(training.seed, training.step, training.batch));
  RONDO_TRY(data.feed(*trainingStep.gradient, trainingStep.gradientFeed));
  RONDO_TRY(trainingStep.start(session, training.seed, training.step));
  ++training.step;
  return takeLosses(false);
}

/// Shows the losses that are known by now, or all; on a device they come some steps late.
Status Trainer::takeLosses(bool all) {
  while (true) {
    std::optional<double> loss;
    RONDO_TRY(trainingStep.takeLoss(all || trainingStep.isFull(), loss));
    if (!loss)
      return {};
    if (!std::isfinite(*loss))
      return error("the loss is %g at step %lld, training stopped and nothing more was saved; a "
                   "smaller --lr may help",
                   *loss, static_cast<long long>(shown) + 1);
    progress->show(++shown, *loss, training.batch * training.window);
    writeLog(*loss);
  }
}

/// Parameters that no longer are numbers do not replace a file of some that are.
Status Trainer::checkFinite() const {
  for (size_t i = 0; i < session.parameters.size(); ++i)
    for (int64_t k = 0; k < session.parameters[i].elements(); ++k)
      if (!std::isfinite(session.parameters[i].get(k)))
        return error("the parameter %s is not finite after step %lld, nothing more was saved; a "
                     "smaller --lr may help",
                     quote(session.program.parameters[i].path).c_str(),
                     static_cast<long long>(training.step));
  return {};
}

Status Trainer::saveAtEnd() {
  if (savePath.empty())
    return {};
  RONDO_TRY(checkFinite());
  return saveCheckpoint(savePath, session, training);
}

/// What is trained so far is worth more than a file that cannot be written now.
void Trainer::saveOnTheWay() {
  Status status = saveCheckpoint(savePath, session, training);
  if (!status.failed())
    return;
  progress->finish();
  say("warning", format("%s at step %lld, training goes on", status.message().c_str(),
                        static_cast<long long>(training.step)));
}

/// The first failure is kept for the end; the training is worth more than its log.
void Trainer::writeLog(double loss) {
  if (!log || logFailure.failed())
    return;
  std::fprintf(log,
               "{\"step\": %lld, \"loss\": %s, \"seconds\": %.3f, \"tokens_per_second\": %.0f}\n",
               static_cast<long long>(shown), jsonNumber(loss).c_str(), progress->elapsed(),
               progress->tokensPerSecond());
  if (std::fflush(log) != 0)
    logFailure = error("cannot write %s after step %lld: %s", quote(flags.text("--log")).c_str(),
                       static_cast<long long>(shown), std::strerror(errno));
}

Status Trainer::run() {
  RONDO_TRY(prepare());
  stopAsked = 0;
  struct sigaction action = {}, oldInterrupt, oldTerminate;
  action.sa_handler = [](int) { stopAsked = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND); // a second time ends the program at once
  ::sigaction(SIGINT, &action, &oldInterrupt);
  ::sigaction(SIGTERM, &action, &oldTerminate);
  shown = training.step;
  progress.emplace(training.step, steps, seconds);
  Status status;
  auto isTimeOver = [&] { return seconds > 0 && progress->elapsed() >= seconds; };
  while (training.step < steps && !isTimeOver() && !stopAsked && !status.failed()) {
    status = step();
    if (status.failed() || !saveEvery || training.step % saveEvery != 0 || training.step >= steps)
      continue;
    status = takeLosses(true);
    if (!status.failed())
      status = checkFinite();
    if (!status.failed())
      saveOnTheWay();
  }
  if (!status.failed())
    status = takeLosses(true);
  progress->finish();
  ::sigaction(SIGINT, &oldInterrupt, nullptr);
  ::sigaction(SIGTERM, &oldTerminate, nullptr);
  RONDO_TRY(status);
  RONDO_TRY(saveAtEnd());
  if (stopAsked)
    std::printf("stopped at step %lld%s%s\n", static_cast<long long>(training.step),
                savePath.empty() ? "" : ", saved to ", savePath.c_str());
  else
    std::printf("trained %lld steps in %s%s%s\n", static_cast<long long>(training.step),
                durationText(progress->elapsed()).c_str(), savePath.empty() ? "" : ", saved to ",
                savePath.c_str());
  return logFailure;
}

static Status run(Context &context) { return Trainer(context).run(); }

Command rondo::trainCommand() {
  return {"train",
          "",
          "train the parameters",
          0,
          {{"--data", "F", "text file; its end is held out for eval"},
           {"--steps", "N", "step to stop at (as in the train block)"},
           {"--seconds", "S", "time after which to stop, if the steps take longer"},
           {"--batch", "B", "examples per step (as in the train block)"},
           {"--window", "T", "length of an example (as in the train block)"},
           {"--lr", "X", "learning rate (as in the train block)"},
           {"--set", "NAME=X", "another setting of the optimizer; may be repeated"},
           {"--seed", "S", "seed of the random numbers (0)"},
           {"--save", "W", "checkpoint to write at the end and when interrupted"},
           {"--save-every", "N", "and every N steps"},
           {"--resume", "W", "checkpoint to continue, bit for bit"},
           {"--weights", "W", "parameters to start from"},
           {"--log", "F.jsonl", "a JSON line per step"},
           deviceFlag,
           threadsFlag,
           deterministicFlag,
           memoryBudgetFlag},
          run};
}
