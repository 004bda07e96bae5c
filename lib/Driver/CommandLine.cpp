// rondoc's command line.
#include "llvm/Support/CommandLine.h"
#include "Driver/Input.h"
#include "Driver/Options.h"
#include "Driver/Pipelines.h"
#include "Runtime/Flags.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using rondo::Options;

static cl::OptionCategory category("rondoc options");

static cl::opt<std::string> input(cl::Positional, cl::desc("<file.rondo | file.mlir | ->"),
                                  cl::cat(category));
static cl::opt<std::string> output("o", cl::desc("output file (- is standard output)"),
                                   cl::value_desc("file"), cl::cat(category));
static cl::opt<std::string> emitStage("emit",
                                      cl::desc("stop after a stage: ast, frontend, stream, batch, "
                                               "differentiate, normalise, schedule, plan, lower, "
                                               "target, ptx (the kernels for cuda), llvm (LLVM "
                                               "IR), asm (assembly), obj, exe (default)"),
                                      cl::value_desc("stage"), cl::init("exe"), cl::cat(category));
static cl::opt<std::string> fromStage("from",
                                      cl::desc("the stage of an .mlir file that does not say it"),
                                      cl::value_desc("stage"), cl::cat(category));
static cl::list<std::string> definitions("D", cl::Prefix,
                                         cl::desc("set a configuration value of the model"),
                                         cl::value_desc("name=value"), cl::cat(category));
static cl::opt<std::string>
    precision("precision",
              cl::desc("f32 (default) or f64; for cuda also tf32 or bf16: f32, but what a GPU's "
                       "contractions multiply is rounded to that"),
              cl::value_desc("type"), cl::init("f32"), cl::cat(category));
static cl::opt<std::string> optimisation("O", cl::Prefix,
                                         cl::desc("optimisation level, 0 to 3 (default 2)"),
                                         cl::value_desc("level"), cl::init("2"), cl::cat(category));
static cl::opt<std::string>
    triple("mtriple",
           cl::desc("system to compile for: this machine's (default), x86_64-linux-gnu or "
                    "aarch64-linux-gnu"),
           cl::value_desc("triple"), cl::cat(category));
static cl::opt<std::string>
    processor("mcpu",
              cl::desc("processor to compile for: native (default), x86-64, x86-64-v2 (128-bit "
                       "vectors), x86-64-v3 (AVX2), x86-64-v4 (AVX-512), or LLVM's name of one: "
                       "skylake, znver5 ...; for AArch64 generic (default for another machine), "
                       "cortex-a72, neoverse-n1 ..."),
              cl::value_desc("name"), cl::cat(category));
static cl::list<std::string> disabledPasses("disable-pass", cl::CommaSeparated,
                                            cl::value_desc("name"), cl::cat(category));
static cl::list<std::string>
    targets("target",
            cl::desc("what the program runs on: cpu (default), cuda (NVIDIA GPUs of compute "
                     "capability 8.0 and later), or both: cpu,cuda; cuda-emulate is cuda with "
                     "kernels that an emulator on the CPU runs and watches"),
            cl::CommaSeparated, cl::value_desc("device"), cl::cat(category));
static cl::opt<std::string> ptxas("ptxas",
                                  cl::desc("the assembler that makes machine code for GPUs, so "
                                           "that programs start sooner: a path, or none; default: "
                                           "where PATH, CUDA_HOME or /usr/local/cuda has one"),
                                  cl::value_desc("path"), cl::cat(category));
static cl::opt<std::string> dumpFolder("dump-stages",
                                       cl::desc("write every stage to a file in a folder"),
                                       cl::value_desc("folder"), cl::cat(category));
static cl::opt<std::string> remarks("remarks",
                                    cl::desc("say what was decided about each line of the model, "
                                             "and why; with a pattern such as hoist or missed, "
                                             "what matches it (lib/Driver/REMARKS.md)"),
                                    cl::value_desc("regex"), cl::ValueOptional, cl::cat(category));
static cl::opt<bool> profile("profile",
                             cl::desc("make a program that has the command profile: time per line "
                                      "and per group"),
                             cl::cat(category));
static cl::opt<std::string>
    memoryBudget("memory-budget",
                 cl::desc("compute segment by segment in time, so that gradients keep to a "
                          "memory budget: 800M, 2G, or one that is given when the program runs"),
                 cl::value_desc("size"), cl::ValueOptional, cl::cat(category));
static cl::opt<bool> timeReport("time-report", cl::desc("print the time of each stage"),
                                cl::cat(category));

static void printVersion(raw_ostream &os) {
  os << "rondoc " RONDO_VERSION ", with LLVM " LLVM_VERSION_STRING "\n";
}

static std::nullopt_t refuse(const Twine &message) {
  errs() << "rondoc: " << message << "\n";
  return std::nullopt;
}

static bool addDefinition(StringRef text, Options &options) {
  auto [name, value] = text.split('=');
  int64_t number = 0;
  if (name.empty() || value.getAsInteger(10, number))
    return false;
  options.definitions[name.str()] = number;
  return true;
}

static bool setTargets(Options &options) {
  options.cpu = false;
  options.givesTarget = true;
  for (const std::string &target : targets) {
    bool isEmulated = target == "cuda-emulate";
    if (target == "cpu") {
      options.cpu = true;
    } else if (target != "cuda" && !isEmulated) {
      refuse("--target=" + target + ": unknown target, expected cpu, cuda or cuda-emulate");
      return false;
    } else if (options.cuda && options.isEmulated != isEmulated) {
      refuse("--target=" + join(targets, ",") + ": expected one of cuda and cuda-emulate");
      return false;
    } else {
      options.cuda = true;
      options.isEmulated = isEmulated;
    }
  }
  return true;
}

std::string rondo::targetMistake(const Options &options) {
  bool hasPtx = options.cuda && !options.isEmulated;
  if (options.products != "f32" && !options.cuda)
    return "--precision=" + options.products + ": only for --target=cuda";
  if (!options.ptxas.empty() && !hasPtx)
    return "--ptxas=" + options.ptxas + ": only for --target=cuda";
  if (options.emit == Stage::Ptx && !hasPtx)
    return "--emit=ptx: only for --target=cuda";
  return "";
}

std::optional<Options> rondo::parseCommandLine(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  const std::string disabling =
      "leave out a pass that only makes programs faster: " + join(optionalPasses(), ", ");
  disabledPasses.setDescription(disabling);
  cl::SetVersionPrinter(printVersion);
  std::string errors;
  raw_string_ostream stream(errors);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "rondoc compiles a rondo model to a program that trains and runs it\n",
          &stream)) {
    StringRef first = StringRef(errors).trim().split('\n').first;
    first.consume_front(argv[0]);
    first.consume_front(":");
    return refuse(first.trim().split("  Try").first + " (--help lists the flags)");
  }

  Options options;
  options.input = input;
  if (options.input.empty())
    return refuse("no input file (--help lists the flags)");
  if (output.getNumOccurrences() && output.empty())
    return refuse("-o: expected the name of a file");
  options.output = output;
  if (auto stage = stageNamed(emitStage))
    options.emit = *stage;
  else
    return refuse("--emit=" + emitStage + ": unknown stage, expected " + stageNames(false));
  if (fromStage.getNumOccurrences()) {
    options.from = stageNamed(fromStage);
    if (!options.from || !isModuleStage(*options.from))
      return refuse("--from=" + fromStage + ": unknown stage, expected " + stageNames(true));
  }
  for (const std::string &definition : definitions)
    if (!addDefinition(definition, options))
      return refuse("-D " + definition + ": expected a name, = and an integer");
  if (!targets.empty() && !setTargets(options))
    return std::nullopt;
  if (precision == "tf32" || precision == "bf16") {
    options.products = precision;
  } else if (precision == "f32" || precision == "f64") {
    options.precision = precision;
  } else {
    return refuse("--precision=" + precision +
                  ": unknown precision, expected f32, f64, tf32 or bf16");
  }
  options.ptxas = ptxas;
  // A printed stage says itself what it is for.
  if (std::string mistake = targetMistake(options); !mistake.empty() && !isPrintedStage(options))
    return refuse(mistake);
  if (optimisation.size() != 1 || optimisation[0] < '0' || optimisation[0] > '3')
    return refuse("-O" + optimisation + ": unknown optimisation level, expected 0 to 3");
  options.optimisation = optimisation[0] - '0';
  options.triple = triple;
  options.processor = processor;
  options.disabledPasses.assign(disabledPasses.begin(), disabledPasses.end());
  if (Error wrong = checkOptional(options.disabledPasses))
    return refuse("--disable-pass=" + toString(std::move(wrong)));
  if (dumpFolder.getNumOccurrences() && dumpFolder.empty())
    return refuse("--dump-stages: expected a folder");
  options.dumpFolder = dumpFolder;
  options.timeReport = timeReport;
  options.profile = profile;
  if (memoryBudget.getNumOccurrences()) {
    options.memoryBudget = -1;
    if (!memoryBudget.empty() && !parseSize(memoryBudget, options.memoryBudget))
      return refuse("--memory-budget=" + memoryBudget + ": expected a size such as 800M or 2G");
  }
  if (remarks.getNumOccurrences()) {
    std::string error;
    if (!Regex(remarks).isValid(error) && !remarks.empty())
      return refuse("--remarks=" + remarks + ": " + error);
    options.remarks = remarks;
  }
  return options;
}
