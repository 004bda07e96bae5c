// rondo-fuzz: checks the properties of Properties.h on random programs, or on given files.
//
//   rondo-fuzz --seeds 1..200,205      random programs; what fails is shrunk and printed
//   rondo-fuzz FILE.rondo -D hidden=7 --lengths T=3,1,5
//
// Each program is compiled for this machine with all passes, in both precisions; in one other way
// (Configurations.h), drawn for each seed, by --rotate; with others by --mcpu and --disable-pass,
// by
// --all-targets, or by --all-configurations, which takes every program through all of them:
//
//   rondo-fuzz --seeds 1..200 --all-configurations --no-differences
//
// A campaign of thousands prints what fails as it is, which is quicker:
//
//   rondo-fuzz --seeds 1000..6000 --rotate --no-shrink
//
// Accesses far outside of the arrays of a call, and crashes of any kind, end the program's check;
// the campaign tells the seed and goes on.
// --target=cuda compiles for this machine's GPU, --target=cuda-emulate for one whose kernels an
// emulator runs and watches, --target=aarch64 for a machine of that architecture under qemu-user.
#include "Driver/Pipelines.h"
#include "Driver/Register.h"
#include "Guard.h"
#include "Program.h"
#include "Properties.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rondo::fuzz;
namespace cl = llvm::cl;

static cl::list<std::string> files(cl::Positional, cl::desc("FILE.rondo ..."));
static cl::opt<std::string> seeds("seeds", cl::desc("random programs, FIRST..LAST"));
static cl::list<std::string> definitions("D", cl::Prefix, cl::desc("configuration, NAME=VALUE"));
static cl::list<std::string> lengths("lengths", cl::desc("lengths of a ragged dim, T=3,1,5"));
static cl::opt<uint64_t> seed("seed", cl::desc("of the data"), cl::init(0));
static cl::opt<bool> noDifferences("no-differences",
                                   cl::desc("do not compare with central differences"));
static cl::opt<bool> noCompiled("no-compiled", cl::desc("do not compile"));
static cl::opt<int64_t> workers("workers", cl::init(3),
                                cl::desc("workers up to which compiled code gives the same bits"));
static cl::opt<double> f32Tolerance("f32-tolerance", cl::init(1e-4),
                                    cl::desc("of compiled f32, 0 to leave it out"));
static cl::opt<std::string> processor("mcpu", cl::init("native"), cl::desc("as for rondoc"));
static cl::opt<std::string>
    target("target", cl::init("cpu"),
           cl::desc("cpu, cuda, cuda-emulate for an emulated GPU, or aarch64 for "
                    "such a machine, emulated"));
static cl::opt<std::string> disabledPass("disable-pass", cl::desc("an optional pass"));
static cl::opt<bool> everyTarget("all-targets", cl::desc("compile for every target"));
static cl::opt<bool> segments("segments", cl::desc("gradients segment by segment"));
static cl::opt<bool> rotate("rotate", cl::desc("one way to compile for each seed"));
static cl::opt<bool> takesAll("all-configurations",
                              cl::desc("every target, every optional pass off"));
static cl::opt<bool> noShrink("no-shrink", cl::desc("print what fails as it is"));
static cl::opt<bool> noGuard("no-guard", cl::desc("memory as malloc gives it, for valgrind"));
static cl::opt<bool> print("print", cl::desc("print each program"));
static cl::opt<bool> verbose("verbose", cl::desc("print every comparison's error"));

/// What has been done so far, which a child that crashes leaves behind.
struct Progress {
  uint64_t next, holding, failures;
};

static std::optional<Finding> checkOne(const std::string &text, const Settings &settings) {
  mlir::DialectRegistry registry;
  rondo::registerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  return findViolation(context, text, settings);
}

/// Checks a program, with all configurations if asked; the settings stay at the one that fails.
static std::optional<Finding> check(const std::string &text, Settings &settings) {
  std::vector<Configuration> all{settings.configuration};
  if (takesAll)
    all = allConfigurations();
  bool differences = settings.differences;
  for (const Configuration &configuration : all) {
    settings.configuration = configuration;
    if (std::optional<Finding> finding = checkOne(text, settings)) {
      if (!finding->processor.empty())
        settings.configuration.processors = {finding->processor};
      return finding;
    }
    settings.differences = false; // of the interpreter alone
  }
  settings.differences = differences;
  return std::nullopt;
}

/// Goes to a smaller program that violates the same property for as long as there is one.
static Program shrunk(Program program, const Finding &finding, Settings &settings) {
  for (int budget = 400; budget > 0;) {
    bool found = false;
    for (Program &candidate : smaller(program)) {
      if (budget-- <= 0)
        break;
      std::optional<Finding> same = checkOne(candidate.str(), settings);
      if (!same || same->property != finding.property)
        continue;
      program = std::move(candidate);
      found = true;
      break;
    }
    if (!found)
      break;
  }
  return program;
}

/// Central differences say nothing about what is cut on purpose.
static bool cutsGradients(llvm::StringRef text) {
  return text.contains("stop_gradient") || text.contains("truncate");
}

/// Checks the program of a seed; prints what fails, made smaller.
static bool checkSeed(uint64_t s, const Settings &common) {
  Program program = generate(s);
  Settings settings = common;
  settings.seed = s;
  settings.rows = program.rows;
  settings.shortest = program.shortest;
  settings.longest = program.longest;
  settings.mayRefuse = program.mayRefuse;
  settings.zeros = s % 12 == 5 ? Zeros::All : s % 12 == 11 ? Zeros::Some : Zeros::None;
  // Nobody has looked at what cancels in them; wrong code is further off.
  settings.excused = !program.isExact;
  settings.f32Tolerance = (program.isExact ? 0.1 : 5) * common.f32Tolerance;
  if (rotate)
    settings.configuration = configurationOf(s);
  if (rotate && target != "cpu") // all else by the seed
    settings.configuration.processors = {target};
  if (rotate && program.isExact) {
    settings.configuration.isSingle = true; // whose errors are the large ones
    settings.configuration.isDouble = false;
  }
  // Differences of large programs take the interpreter minutes.
  settings.differences =
      !noDifferences && !program.isLarge && !program.isExact && !cutsGradients(program.str());
  if (print) {
    llvm::outs() << program.str() << "// seed " << s << " for " << settings.configuration.str()
                 << ", " << program.rows << " rows of " << program.shortest << " to "
                 << program.longest << "\n\n";
    llvm::outs().flush(); // the check may crash
  }
  std::optional<Finding> finding = check(program.str(), settings);
  if (!finding)
    return true;
  Program small = noShrink ? program : shrunk(program, *finding, settings);
  if (!noShrink)
    finding = checkOne(small.str(), settings);
  llvm::outs() << "seed " << s << " for " << settings.configuration.str() << " violates \""
               << finding->property << "\": " << finding->what << "\n"
               << small.str() << "// --seed " << s << finding->lengths << "\n\n";
  llvm::outs().flush();
  return false;
}

/// Checks seeds up to `last` in a child, and goes on behind one that crashes.
static void checkRange(uint64_t last, const Settings &common, Progress &progress) {
  while (progress.next <= last) {
    llvm::outs().flush();
    pid_t child = fork();
    if (child == 0) {
      for (; progress.next <= last; ++progress.next)
        ++(checkSeed(progress.next, common) ? progress.holding : progress.failures);
      llvm::outs().flush();
      _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status == 0)
      break;
    llvm::outs() << "seed " << progress.next++ << " crashes\n";
    ++progress.failures;
  }
}

static int checkSeeds(const Settings &common) {
  void *shared =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto &progress = *new (shared) Progress();
  llvm::SmallVector<llvm::StringRef> ranges;
  llvm::StringRef(seeds).split(ranges, ',');
  for (llvm::StringRef range : ranges) {
    uint64_t last = 0;
    auto [from, to] = range.split("..");
    if (from.getAsInteger(10, progress.next) || (to.empty() ? from : to).getAsInteger(10, last) ||
        progress.next > last) {
      llvm::errs() << "rondo-fuzz: expected --seeds FIRST..LAST,..., found " << seeds << "\n";
      return 1;
    }
    checkRange(last, common, progress);
  }
  llvm::outs() << progress.holding << " programs hold, " << progress.failures << " do not\n";
  return progress.failures != 0;
}

static int checkFile(const std::string &path, Settings settings) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    llvm::errs() << "rondo-fuzz: cannot read " << path << "\n";
    return 1;
  }
  std::string text = (*buffer)->getBuffer().str();
  settings.differences = !noDifferences && !cutsGradients(text);
  settings.seed = seed;
  if (std::optional<Finding> finding = check(text, settings)) {
    llvm::outs() << path << " for " << settings.configuration.str() << " violates \""
                 << finding->property << "\": " << finding->what << "\n";
    return 1;
  }
  llvm::outs() << path << " holds\n";
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "checks what must hold for every program\n");
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  guardMemory(!noGuard);
  Settings settings;
  settings.compiled = !noCompiled;
  settings.f32Tolerance = f32Tolerance;
  settings.verbose = verbose;
  settings.configuration.disabled = disabledPass;
  settings.configuration.segments = segments;
  settings.configuration.processors =
      everyTarget ? allTargets() : std::vector{processor.getValue()};
  if (target == deviceTarget || target == emulatedTarget || target == elsewhereTarget) {
    settings.configuration.processors = {target};
  } else if (target != "cpu") {
    llvm::errs() << "rondo-fuzz: expected --target=cpu, " << deviceTarget << ", " << emulatedTarget
                 << " or " << elsewhereTarget << ", found " << target << "\n";
    return 1;
  }
  if (llvm::Error error = rondo::checkOptional(settings.configuration.disabledPasses())) {
    llvm::errs() << "rondo-fuzz: --disable-pass=" << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  settings.threads = workers;
  for (const std::string &definition : definitions) {
    auto [name, text] = llvm::StringRef(definition).split('=');
    int64_t value = 0;
    if (text.getAsInteger(10, value)) {
      llvm::errs() << "rondo-fuzz: expected -D NAME=INTEGER, found " << definition << "\n";
      return 1;
    }
    settings.definitions[name.str()] = value;
  }
  for (const std::string &option : lengths) {
    auto [name, list] = llvm::StringRef(option).split('=');
    llvm::SmallVector<llvm::StringRef> parts;
    list.split(parts, ',');
    for (llvm::StringRef part : parts) {
      int64_t length = 0;
      if (part.getAsInteger(10, length) || length < 0) {
        llvm::errs() << "rondo-fuzz: expected --lengths NAME=N,N,..., found " << option << "\n";
        return 1;
      }
      settings.lengths[name].push_back(length);
    }
    settings.rows = static_cast<int64_t>(settings.lengths[name].size());
  }
  if (!seeds.empty())
    return checkSeeds(settings);
  int status = 0;
  for (const std::string &file : files)
    status |= checkFile(file, settings);
  return status;
}
