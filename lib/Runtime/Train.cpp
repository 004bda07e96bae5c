// `train`: batch, gradients, update, over and over. The loop is here; the three parts are data and
// generated code, each a pure function, so that a checkpoint continues bit for bit.
#include "Runtime/Checkpoint.h"
#include "Runtime/Commands.h"
#include "Runtime/Data.h"
#include "Runtime/Json.h"
#include "Runtime/Losses.h"
#include "Runtime/Output.h"
#include "Runtime/Place.h"
#include "Runtime/Progress.h"
#include "Runtime/Segments.h"
#include "Runtime/Signals.h"
#include "Runtime/Team.h"
#include "Runtime/TrainingStep.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <set>

using namespace rondo;

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
  void takeDefaults();
  Status takeSettings();
  bool takesScalar(const std::string &name) const;
  Status takeCheckpoint();
  Status takeData();
  Status takeParameters();
  Status checkRoom() const;
  Status step();
  Status takeLosses(bool all);
  Status stopAt(double loss);
  Status saveAtEnd();
  void saveOnTheWay();
  Status checkFinite() const;
  void writeLog(double loss);

  const Flags &flags;
  Session session;
  const RondoTrain *train = nullptr;
  TrainingStep trainingStep;
  TextData data;
  TensorFile file; // of weights or a checkpoint, until its arrays were taken
  Training training, checkpoint;
  int64_t steps = 0, saveEvery = 0;
  int64_t shown = 0;     // steps whose loss is known; training.step counts those that were begun
  int64_t firstStep = 0; // of this run
  double seconds = 0;    // 0: no limit
  std::string savePath;
  std::FILE *log = nullptr;
  Status logFailure;
  std::optional<Progress> progress;
};
} // namespace

/// The numbers of the `train` block and of the loss that a flag can change.
void Trainer::takeDefaults() {
  training.batch = train->batch;
  const RondoEntry &update = *trainingStep.update, &gradient = *trainingStep.gradient;
  for (int64_t i = 0; i < update.num_arguments; ++i)
    if (const RondoValue &value = update.arguments[i]; value.role == RONDO_SETTING)
      training.settings[value.name] = value.default_value;
  for (int64_t i = 0; i < gradient.num_arguments; ++i) {
    const RondoValue &value = gradient.arguments[i];
    bool isScalar = value.rank == 0 || (value.rank == 1 && isBatched(gradient, value));
    if (value.role == RONDO_INPUT && isScalar && value.has_default)
      training.scalars[value.name] = value.default_value;
  }
}

/// --lr and --set, which must name settings of the update (or scalars of the loss), each once.
Status Trainer::takeSettings() {
  std::map<std::string, double, std::less<>> given;
  RONDO_TRY(flags.settings(given));
  std::vector<std::pair<std::string, double>> all(given.begin(), given.end());
  double rate = 0;
  RONDO_TRY(flags.number("--lr", rate));
  if (flags.has("--lr"))
    all.emplace_back("lr", rate);
  std::set<std::string> taken;
  for (const auto &[name, value] : all) {
    std::string names;
    bool found = false;
    for (auto &[full, setting] : training.settings) {
      names += std::string(names.empty() ? "" : ", ") + full;
      if (full != name && !full.ends_with("." + name))
        continue;
      if (!taken.insert(full).second)
        return error("the setting %s is given twice", quote(full).c_str());
      setting = value;
      found = true;
    }
    if (found)
      continue;
    if (!takesScalar(name))
      return error("the optimizer has no setting %s, it has %s", quote(name).c_str(),
                   names.empty() ? "none" : names.c_str());
    training.scalars[name] = value;
  }
  return {};
}

bool Trainer::takesScalar(const std::string &name) const {
  Feed probe;
  probe.scalars[name] = 0;
  return !session.checkNames(*trainingStep.gradient, probe).failed();
}

/// What the checkpoint was trained with takes the place of what the program has.
Status Trainer::takeCheckpoint() {
  std::string path = flags.text("--resume"), name = quote(path);
  RONDO_TRY(readCheckpoint(path, session, file, checkpoint));
  Training now = training;
  now.identity = checkpoint.identity;
  RONDO_TRY(checkSame(path, checkpoint, now));
  for (const auto &[key, value] : checkpoint.scalars)
    if (!takesScalar(key))
      return error("%s was trained with %s = %g, which '%s' does not take", name.c_str(),
                   key.c_str(), value, train->loss);
  for (const auto &[key, value] : training.scalars)
    if (checkpoint.scalars.find(key) == checkpoint.scalars.end())
      return error("%s was trained without %s, which '%s' takes", name.c_str(), key.c_str(),
                   train->loss);
  training = checkpoint;
  training.identity = identityOf(session.program);
  return {};
}

/// The data, and whether it and the rest are what the checkpoint was trained on.
Status Trainer::takeData() {
  std::string path = flags.text("--data"), resume = flags.text("--resume");
  RONDO_TRY(data.open(path, *train, training.window));
  training.window = data.window();
  training.identity["data_size"] = std::to_string(data.size());
  training.identity["training part"] = std::to_string(data.trainingSize());
  if (flags.has("--resume") || flags.has("--save"))
    training.identity["data_hash"] =
        format("%016llx", static_cast<unsigned long long>(data.hash()));
  if (!flags.has("--resume"))
    return {};
  if (checkpoint.identity["data_size"] != training.identity["data_size"])
    return error("%s was trained on data of %s bytes, %s has %s; use --weights to start anew from "
                 "its parameters",
                 quote(resume).c_str(), checkpoint.identity["data_size"].c_str(),
                 quote(path).c_str(), training.identity["data_size"].c_str());
  if (checkpoint.identity["data_hash"] != training.identity["data_hash"])
    return error("%s was trained on other data than %s, of the same length; use --weights to start "
                 "anew from its parameters",
                 quote(resume).c_str(), quote(path).c_str());
  return checkSame(resume, checkpoint, training);
}

Status Trainer::takeParameters() {
  if (flags.has("--resume")) {
    RONDO_TRY(session.load(flags.text("--resume"), file, true));
    return checkNumbers(flags.text("--resume"), session);
  }
  if (!flags.has("--weights"))
    return session.initialise(training.seed);
  RONDO_TRY(session.read(flags.text("--weights"), false, file));
  RONDO_TRY(session.load(flags.text("--weights"), file, false));
  return checkNumbers(flags.text("--weights"), session);
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

  takeDefaults();
  training.identity = identityOf(session.program);
  if (flags.has("--resume"))
    RONDO_TRY(takeCheckpoint());
  RONDO_TRY(flags.integer("--seed", INT64_MIN, INT64_MAX, training.seed));
  if (flags.has("--resume") && training.seed != checkpoint.seed)
    return error("--seed is %lld, but %s was trained with seed %lld",
                 static_cast<long long>(training.seed), quote(flags.text("--resume")).c_str(),
                 static_cast<long long>(checkpoint.seed));
  RONDO_TRY(flags.integer("--batch", 1, 1 << 24, training.batch));
  RONDO_TRY(flags.integer("--window", 1, INT32_MAX, training.window));
  RONDO_TRY(takeSettings());
  training.memoryBudget = session.program.memory_budget;
  RONDO_TRY(flags.size("--memory-budget", training.memoryBudget));
  RONDO_TRY(takeData());
  RONDO_TRY(takeParameters());
  if (flags.has("--resume"))
    sayChanges(flags.text("--resume"), session.program, file, checkpoint, training);
  file = TensorFile();
  trainingStep.updateFeed.scalars = training.settings;
  trainingStep.gradientFeed.scalars = training.scalars;
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
      return stopAt(*loss);
    progress->show(++shown, *loss, training.batch * training.window);
    writeLog(*loss);
  }
}

/// Why the loss of the step after those that are shown is no number. The step may be the first,
/// which no learning rate can mend, and parameters on a device are further by now.
Status Trainer::stopAt(double loss) {
  std::string text = format("the loss is %s at step %lld", numberText(loss).c_str(),
                            static_cast<long long>(shown) + 1);
  RONDO_TRY(data.sample(training.seed, shown, training.batch));
  RONDO_TRY(data.feed(*trainingStep.gradient, trainingStep.gradientFeed));
  trainingStep.gradientFeed.step = shown;
  std::string why =
      explainLoss(session, train->loss, trainingStep.gradientFeed, session.device != nullptr);
  if (!why.empty())
    text += ": " + why;
  text += "; training stopped and nothing more was saved";
  bool mayHelp = shown > firstStep && why.find("weights of all") == std::string::npos;
  return error("%s%s", text.c_str(), mayHelp ? ", a smaller --lr may help" : "");
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
  if (training.step >= steps) {
    std::printf("%s is at step %lld of %lld already, there is nothing to do\n",
                quote(flags.text("--resume")).c_str(), static_cast<long long>(training.step),
                static_cast<long long>(steps));
    return saveAtEnd();
  }
  StopSignals signals; // until everything is saved and said
  shown = firstStep = training.step;
  progress.emplace(training.step, steps, seconds);
  Status status;
  auto isTimeOver = [&] { return seconds > 0 && progress->elapsed() >= seconds; };
  auto isStopped = [&] { return signals.haveCome() || isOutputGone(); };
  while (training.step < steps && !isTimeOver() && !isStopped() && !status.failed()) {
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
  RONDO_TRY(status);
  RONDO_TRY(saveAtEnd());
  std::string stopped = format("stopped at step %lld%s%s", static_cast<long long>(training.step),
                               savePath.empty() ? "" : ", saved to ", savePath.c_str());
  if (isOutputGone())
    say("warning", "nobody reads the output, " + stopped);
  else if (signals.haveCome())
    std::printf("%s\n", stopped.c_str());
  else
    std::printf("trained %lld steps in %s%s%s\n", static_cast<long long>(training.step),
                durationText(progress->elapsed()).c_str(), savePath.empty() ? "" : ", saved to ",
                savePath.c_str());
  flushOutput();
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
