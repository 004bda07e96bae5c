// One compilation, from a file of any stage to a file of a later one.
#include "Driver/Compile.h"
#include "Driver/Input.h"
#include "Driver/Pipelines.h"
#include "Driver/Register.h"
#include "Driver/Reports.h"
#include "Frontend/Frontend.h"
#include "Rondo/Rondo.h"
#include "Target/Link.h"
#include "Target/Output.h"
#include "Target/Ptx.h"
#include "Target/Translate.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace rondo;

namespace {

class Compilation {
public:
  explicit Compilation(const Options &options)
      : options(options), context(makeRegistry(), MLIRContext::Threading::DISABLED),
        printer(sources, &context), filter(&context, options) {
    context.printOpOnDiagnostic(false);
  }

  bool run();
  /// Where the compilation is, should it crash.
  llvm::StringRef currentStage() const { return running; }
  std::string moduleBefore() { return before ? print(*before) : ""; }

private:
  static const DialectRegistry &makeRegistry() {
    static DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  bool load();
  bool advance(Stage stage);
  bool runStep(Step step, Stage stage);
  bool isValid(Stage stage);
  bool generate();
  bool resolveTargets();
  /// The kernels' PTX; nothing where there are none.
  std::optional<std::string> ptx();
  bool finish(llvm::Error error);
  static std::string print(ModuleOp module);
  bool openOutput();
  bool isAllowed(llvm::StringRef name);
  bool write(llvm::StringRef text);
  bool dump(llvm::StringRef text, Stage stage);
  std::string outputName() const;
  /// Ends a stage that went wrong: true if the user was told why, else it is our mistake.
  bool fail(Stage stage);

  Options options; // with what a printed stage says
  llvm::SourceMgr sources;
  MLIRContext context;
  SourceMgrDiagnosticHandler printer;
  DiagnosticFilter filter;
  StageTimes times;
  Processor processor;
  PipelineOptions pipeline;
  OwningOpRef<ModuleOp> module;
  std::optional<Output> output;
  Stage stage = Stage::AST;
  std::string running = "ast";
  OwningOpRef<ModuleOp> before; // the module as it was before the stage that runs
};

std::string Compilation::print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, OpPrintingFlags().enableDebugInfo());
  os << "\n";
  return text;
}

/// The file to write: -o, or for programs and objects the input's name without its suffix.
std::string Compilation::outputName() const {
  if (!options.output.empty())
    return options.output;
  if (options.emit != Stage::Executable && options.emit != Stage::Object)
    return "-";
  std::string stem = options.input == "-" ? "a.out" : llvm::sys::path::stem(options.input).str();
  return options.emit == Stage::Object ? stem + ".o" : stem;
}

bool Compilation::finish(llvm::Error error) {
  if (!error)
    return true;
  llvm::errs() << "rondoc: " << llvm::toString(std::move(error)) << "\n";
  return false;
}

bool Compilation::write(llvm::StringRef text) { return finish(output->write(text)); }

/// The output is opened before anything is done, and is none of the inputs.
bool Compilation::openOutput() {
  std::string name = outputName();
  if (!isAllowed(name))
    return false;
  llvm::Expected<Output> opened = Output::open(name);
  if (!opened)
    return finish(opened.takeError());
  output.emplace(std::move(*opened));
  return true;
}

/// Nothing that was read is written over.
bool Compilation::isAllowed(llvm::StringRef name) {
  if (name == "-")
    return true;
  bool isInput = options.input == "-" ? isSameFile(name, /*standard input*/ 0)
                                      : isSameFile(name, options.input);
  for (unsigned i = 1; i <= sources.getNumBuffers(); ++i)
    isInput |= isSameFile(name, sources.getMemoryBuffer(i)->getBufferIdentifier());
  return !isInput || finish(llvm::createStringError("the output " + name +
                                                    " is the input: please give another with -o"));
}

bool Compilation::dump(llvm::StringRef text, Stage which) {
  if (options.dumpFolder.empty())
    return true;
  if (std::error_code error = llvm::sys::fs::create_directories(options.dumpFolder))
    return finish(llvm::createStringError(error, "cannot write " + options.dumpFolder + ": " +
                                                     error.message()));
  llvm::StringRef suffix = which == Stage::AST    ? ".rondo"
                           : which == Stage::LLVM ? ".ll"
                           : which == Stage::Ptx  ? ".ptx"
                                                  : ".mlir";
  llvm::SmallString<128> path(options.dumpFolder);
  char number[4];
  std::snprintf(number, sizeof number, "%02d", static_cast<int>(which));
  llvm::sys::path::append(path, llvm::Twine(number) + "-" + stageName(which) + suffix);
  return isAllowed(path) && finish(writeFile(text, path));
}

bool Compilation::fail(Stage which) {
  std::string errors = filter.takeInternal();
  if (filter.getNumRefusals() == 0 || !errors.empty())
    reportInternalError(stageName(which), moduleBefore(), errors, options.dumpFolder);
  return false;
}

bool Compilation::runStep(Step step, Stage which) {
  PassManager manager(&context);
  manager.enableVerifier(false); // done by isValid, where it is known to be our mistake
  addStep(manager, std::move(step));
  return succeeded(manager.run(*module)) || fail(which);
}

bool Compilation::isValid(Stage which) {
  filter.isVerifying = true;
  bool holds = succeeded(verify(*module));
  filter.isVerifying = false;
  return holds || fail(which);
}

bool Compilation::advance(Stage next) {
  running = stageName(next).str();
  before = module->clone();
  filter.mayRefuse = next <= Stage::Differentiate;
  StageTimes::Scope timer(times, running);
  // Behind what may refuse a model, an error can only be ours; to verify what is lowered takes as
  // long as to lower it, so that is done once per stage.
  for (Step &step : stepsTo(next, pipeline))
    if (!runStep(std::move(step), next) || (filter.mayRefuse && !isValid(next)))
      return false;
  if (!filter.mayRefuse && !isValid(next))
    return false;
  (*module)->setAttr(names::stage, StringAttr::get(&context, running));
  noteOptions(*module, options);
  stage = next;
  return options.dumpFolder.empty() || dump(print(*module), next);
}

bool Compilation::load() {
  if (isPrintedStage(options)) {
    StageTimes::Scope timer(times, "read");
    filter.isReading = true;
    module = readStage(options, sources, &context, stage);
    filter.isReading = false;
    return module && takeOptions(*module, stage, options);
  }
  StageTimes::Scope timer(times, "frontend");
  std::string tree;
  llvm::raw_string_ostream os(tree);
  if (options.emit == Stage::AST || !options.dumpFolder.empty()) {
    if (!printSyntax(sources, &context, os) || !dump(tree, Stage::AST))
      return false;
    if (options.emit == Stage::AST)
      return write(tree);
  }
  running = "frontend";
  stage = Stage::Frontend;
  FrontendOptions frontend;
  frontend.definitions = options.definitions;
  frontend.doublePrecision = options.precision == "f64";
  module = importRondo(sources, &context, frontend);
  if (!module)
    return false;
  if (options.emit == Stage::Executable && !(*module)->hasAttr(names::model))
    return finish(llvm::createStringError(options.input +
                                          " declares no model, so there is no program to make"));
  (*module)->setAttr(names::stage, StringAttr::get(&context, running));
  noteOptions(*module, options);
  return isValid(stage);
}

std::optional<std::string> Compilation::ptx() {
  auto text = module->lookupSymbol<LLVM::GlobalOp>(ptxSymbol);
  if (!text)
    return std::nullopt;
  return cast<StringAttr>(text.getValueAttr()).getValue().drop_back().str(); // without the NUL
}

/// From the LLVM dialect to LLVM IR, machine code and the program.
bool Compilation::generate() {
  running = "llvm";
  auto machine = createMachine(processor, options.optimisation);
  if (!machine)
    return finish(machine.takeError());
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> code;
  {
    StageTimes::Scope timer(times, "llvm");
    code = translate(*module, llvmContext, processor, **machine);
    if (!code)
      return fail(Stage::LLVM);
    optimise(*code, **machine, options.optimisation);
  }
  if (options.emit == Stage::LLVM || !options.dumpFolder.empty()) {
    std::string text;
    llvm::raw_string_ostream os(text);
    code->print(os, nullptr);
    if (!dump(text, Stage::LLVM))
      return false;
    if (options.emit == Stage::LLVM)
      return write(text);
  }
  running = "obj";
  llvm::SmallString<0> bytes;
  {
    StageTimes::Scope timer(times, "code");
    llvm::raw_svector_ostream os(bytes);
    CodeKind kind = options.emit == Stage::Assembly ? CodeKind::Assembly : CodeKind::Object;
    if (!emitCode(*code, **machine, kind, os))
      return fail(Stage::Object);
  }
  if (options.emit != Stage::Executable)
    return write(bytes);
  running = "exe";
  StageTimes::Scope timer(times, "link");
  return finish(link(bytes, processor.triple, *output));
}

bool Compilation::resolveTargets() {
  if (std::string mistake = targetMistake(options); !mistake.empty())
    return finish(llvm::createStringError(mistake));
  auto resolved = resolveProcessor(options.processor, options.triple);
  if (!resolved)
    return finish(resolved.takeError());
  processor = *resolved;
  pipeline.triple = processor.triple;
  pipeline.features = processor.features;
  pipeline.target = processor.description;
  pipeline.cpu = options.cpu;
  pipeline.cuda = options.cuda;
  pipeline.isEmulated = options.isEmulated;
  pipeline.products = options.products;
  pipeline.precision = options.precision;
  pipeline.memoryBudget = options.memoryBudget;
  pipeline.profile = options.profile;
  pipeline.disabled = options.disabledPasses;
  pipeline.optimisation = options.optimisation;
  if (!options.cuda || options.isEmulated)
    return true;
  auto ptxas = findPtxas(options.ptxas);
  if (!ptxas)
    return finish(ptxas.takeError());
  // Whoever asks for the text wants no machine code.
  pipeline.ptxas = options.emit == Stage::Ptx ? "" : *ptxas;
  return true;
}

bool Compilation::run() {
  // What cannot work is refused before anything is done; a printed stage is read first, since it
  // says what it is for.
  if (!isPrintedStage(options) && !resolveTargets())
    return false;
  if (options.emit == Stage::Executable && !finish(checkLinker(options.triple)))
    return false;
  if (!openInput(options, sources) || !openOutput())
    return false;
  if (!load() || (isPrintedStage(options) && !resolveTargets()))
    return false;
  if (!isAllowed(outputName())) // that a file that is imported is written over
    return false;
  if (options.emit == Stage::AST)
    return !isPrintedStage(options) ||
           finish(llvm::createStringError("a printed stage has no syntax tree"));
  if (options.emit < stage)
    return finish(llvm::createStringError(options.input + " is of stage " + stageName(stage) +
                                          ", which is after " + stageName(options.emit)));
  if (stage == Stage::Frontend && !dump(options.dumpFolder.empty() ? "" : print(*module), stage))
    return false;
  while (stage < options.emit && stage < Stage::Target)
    if (!advance(static_cast<Stage>(static_cast<int>(stage) + 1)))
      return false;
  std::optional<std::string> kernels = ptx();
  if (kernels && !options.dumpFolder.empty() && !dump(*kernels, Stage::Ptx))
    return false;
  if (options.emit == Stage::Ptx && !kernels)
    return finish(llvm::createStringError("the module has no kernels"));
  bool isDone = isModuleStage(options.emit)  ? write(print(*module))
                : options.emit == Stage::Ptx ? write(*kernels)
                                             : generate();
  if (isDone && options.timeReport)
    times.print(llvm::errs());
  return isDone;
}

} // namespace

int rondo::compile(const Options &options) {
  Compilation compilation(options);
  bool isDone = false;
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext recovery;
  if (!recovery.RunSafely([&] { isDone = compilation.run(); })) {
    std::string before;
    llvm::CrashRecoveryContext().RunSafely([&] { before = compilation.moduleBefore(); });
    reportInternalError(compilation.currentStage(), before, "it crashed", options.dumpFolder);
  }
  removeAllScratch(); // a crash runs no destructors
  return isDone ? 0 : 1;
}
