// The table of commands, its help, and what several commands share.
#include "Runtime/Commands.h"
#include "Runtime/Losses.h"
#include "Runtime/Npz.h"
#include "Runtime/Output.h"
#include "Runtime/Place.h"
#include "Runtime/Segments.h"
#include "Runtime/Signals.h"
#include "Runtime/Team.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <sys/uio.h>
#include <unistd.h>

using namespace rondo;

static std::vector<Command> allCommands() {
  return {trainCommand(), evalCommand(),      generateCommand(), initCommand(), runCommand(),
          gradCommand(),  gradcheckCommand(), benchCommand(),    infoCommand(), profileCommand()};
}

static void printHelp(const RondoProgram &program, const std::string &name) {
  std::printf("%s: the model %s, compiled by rondo %s\n\nusage: %s COMMAND [flags]\n\n",
              name.c_str(), program.model, program.version, name.c_str());
  for (const Command &command : allCommands())
    std::printf("  %-10s %s\n", command.name, command.summary);
  std::printf("\n'%s COMMAND --help' lists a command's flags; --version prints the version.\n",
              name.c_str());
}

static void printHelp(const std::string &name, const Command &command) {
  std::printf("usage: %s %s%s%s [flags]\n%s\n\n", name.c_str(), command.name,
              *command.words ? " " : "", command.words, command.summary);
  for (const Flag &flag : command.flags) {
    std::string left = flag.name;
    if (flag.value)
      left += std::string(" ") + flag.value;
    std::printf("  %-20s %s\n", left.c_str(), flag.help);
  }
}

/// Whether the processor has the features, named as LLVM names them; `missing` is the first that
/// it lacks or that this runtime cannot ask for.
static bool hasFeatures(const char *features, std::string &missing) {
  struct Feature {
    const char *name;
    bool present;
  };
#if defined(__x86_64__)
  __builtin_cpu_init();
#define RONDO_X86_FEATURE(name) {name, __builtin_cpu_supports(name) != 0},
#endif
  const Feature known[] = {
#include "rondo/Features.def"
      {"", true}};
  std::string_view rest = features ? features : "";
  while (!rest.empty()) {
    size_t space = rest.find(' ');
    std::string_view name = rest.substr(0, space);
    rest = space == std::string_view::npos ? "" : rest.substr(space + 1);
    bool has = name.empty();
    for (const Feature &feature : known)
      has |= name == feature.name && feature.present;
    if (!has) {
      missing = name;
      return false;
    }
  }
  return true;
}

/// Whether the command computes.
static bool takesDevice(const Command &command) {
  return std::any_of(command.flags.begin(), command.flags.end(), [](const Flag &flag) {
    return std::string_view(flag.name) == deviceFlag.name;
  });
}

/// The memory of a device is a budget, where no smaller one is given and the program can keep to
/// one.
static Status keepToDevice(Device *device, const RondoProgram &program) {
  if (!device || program.memory_budget == 0)
    return {};
  DeviceMemory memory;
  RONDO_TRY(device->memory(memory));
  setMemoryBudget(std::min(memoryBudget(), memory.free - memory.free / 16)); // pages, fragments
  return {};
}

static Status dispatch(const RondoProgram &program, const std::string &name,
                       std::vector<std::string> arguments) {
  if (program.abi_version != RONDO_ABI_VERSION)
    return error("the generated code has version %lld of the interface, the runtime %d",
                 static_cast<long long>(program.abi_version), RONDO_ABI_VERSION);
  if (arguments.empty()) {
    printHelp(program, name);
    return error("no command is given");
  }
  std::string word = arguments[0];
  if (word == "--help" || word == "-h" || word == "help") {
    printHelp(program, name);
    return {};
  }
  if (word == "--version") {
    std::printf("%s, compiled by rondo %s\n", program.model, program.version);
    return {};
  }
  std::string missing;
  if (!hasFeatures(program.features, missing))
    return error("this processor lacks %s, for which the program was compiled",
                 quote(missing).c_str());
  arguments.erase(arguments.begin());
  for (const Command &command : allCommands()) {
    if (word != command.name)
      continue;
    for (const std::string &argument : arguments) {
      if (argument == "--")
        break;
      if (argument == "--help" || argument == "-h") {
        printHelp(name, command);
        return {};
      }
    }
    Context context = {program, {}, nullptr};
    RONDO_TRY(context.flags.parse(name + " " + word, arguments, command.flags, command.maxWords));
    RONDO_TRY(useThreads(context.flags));
    RONDO_TRY(useMemoryBudget(context.flags, context.program));
    std::unique_ptr<Device> device;
    if (takesDevice(command))
      RONDO_TRY(useDevice(context.flags, program, device));
    context.device = device.get();
    RONDO_TRY(keepToDevice(device.get(), program));
    return command.run(context);
  }
  return error("unknown command %s, see '%s --help'", quote(word).c_str(), name.c_str());
}

int rondo::runProgram(const RondoProgram &program, int argc, const char *const *argv) {
  openStandardDescriptors();
  std::string name = argc > 0 ? argv[0] : program.model;
  if (size_t slash = name.rfind('/'); slash != std::string::npos)
    name = name.substr(slash + 1);
  setProgramName(name);
  std::set_new_handler([] {
    const std::string &who = programName();
    static constexpr char text[] = ": error: out of memory\n";
    iovec parts[] = {{const_cast<char *>(who.data()), who.size()},
                     {const_cast<char *>(text), sizeof(text) - 1}};
    (void)!::writev(2, parts, 2);
    ::_exit(1);
  });
  std::signal(SIGXFSZ, SIG_IGN); // what writes a file that may not grow is told so
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  Status status = dispatch(program, name, std::move(arguments));
  bool written = std::fflush(stdout) == 0 && !std::ferror(stdout);
  if (!status.failed() && !written)
    status = error("cannot write the output");
  if (!status.failed())
    return 0;
  say("error", status.message());
  return 1;
}

Status rondo::loadWeights(const Context &context, Session &session) {
  RONDO_TRY(context.flags.need("--weights"));
  TensorFile file;
  std::string path = context.flags.text("--weights");
  RONDO_TRY(session.read(path, false, file));
  return session.load(path, file, false);
}

Status rondo::checkOutput(const Flags &flags, const char *output,
                          std::initializer_list<const char *> others) {
  if (!flags.has(output))
    return {};
  std::string path = flags.text(output);
  if (path.empty())
    return error("%s is '', expected the name of a file", output);
  for (const char *other : others)
    if (flags.has(other) && isSameFile(path, flags.text(other)))
      return error("%s and %s name the same file, %s", output, other, quote(path).c_str());
  if (isSameFile(path, "/proc/self/exe"))
    return error("%s names this program, %s", output, quote(path).c_str());
  return tryOutput(path);
}

Status rondo::checkNumbers(const std::string &path, const Session &session) {
  for (size_t i = 0; i < session.parameters.size(); ++i)
    if (std::string fault = findNan(session.program.parameters[i].path, session.parameters[i]);
        !fault.empty())
      return error("the parameter %s in %s", fault.c_str(), quote(path).c_str());
  return {};
}

Status rondo::checkOnce(const Flags &flags, const Feed &given, const char *flag, const char *name) {
  bool isTwice = flags.has(flag) && given.scalars.find(name) != given.scalars.end();
  return isTwice ? error("%s is given twice, by %s and by --set", quote(name).c_str(), flag)
                 : Status();
}

bool rondo::isCallable(const RondoProgram &program, const RondoEntry &entry) {
  bool isUpdate = program.train && program.train->update == std::string_view(entry.name);
  return !entry.gradient_of && !entry.check_of && !isUpdate;
}

Status rondo::findEntry(const Session &session, const std::string &name, const RondoEntry *&entry) {
  entry = session.find(name);
  if (entry)
    return {};
  std::string names;
  for (int64_t i = 0; i < session.program.num_entries; ++i)
    if (isCallable(session.program, session.program.entries[i]))
      names += std::string(names.empty() ? "" : ", ") + session.program.entries[i].name;
  return error("%s has no entry point %s, it has %s", session.program.model, quote(name).c_str(),
               names.empty() ? "none" : names.c_str());
}

Status rondo::readInputs(const Context &context, const Session &session, const RondoEntry &entry,
                         std::vector<NamedArray> &arrays, Feed &feed) {
  RONDO_TRY(context.flags.settings(feed.scalars));
  RONDO_TRY(context.flags.integer("--seed", INT64_MIN, INT64_MAX, feed.seed));
  NpzFile file;
  if (context.flags.has("--inputs"))
    RONDO_TRY(file.open(context.flags.text("--inputs")));
  arrays = std::vector<NamedArray>(file.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    arrays[i].name = file.name(i);
    feed.arrays[arrays[i].name] = &arrays[i].array;
  }
  // Before anything is read that nobody wants.
  RONDO_TRY(session.checkNames(entry, feed));
  for (size_t i = 0; i < arrays.size(); ++i)
    RONDO_TRY(file.read(i, arrays[i].array));
  return {};
}

Status rondo::findTrain(const RondoProgram &program, const RondoTrain *&train) {
  train = program.train;
  return train ? Status() : error("%s has no train block", program.model);
}
