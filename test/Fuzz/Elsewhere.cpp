// A program is linked of the module's code and Runner.cpp, for the architecture that the emulator
// runs. It stays until its module is done with, and answers one call after the other.
#include "Elsewhere.h"
#include "Runner.h"
#include "Target/Machine.h"
#include "Target/Translate.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace rondo;
using namespace rondo::fuzz;

#ifdef RONDO_FUZZ_RUNNER
static constexpr llvm::StringLiteral runner = RONDO_FUZZ_RUNNER, compiler = RONDO_FUZZ_COMPILER;
#else
static constexpr llvm::StringLiteral runner = "", compiler = "";
#endif
static constexpr llvm::StringLiteral emulator = "qemu-aarch64",
                                     libraries = "/usr/aarch64-linux-gnu";

llvm::Error Elsewhere::check() {
  if (runner.empty())
    return llvm::createStringError("this build has no cross compiler's libraries for it");
  if (auto found = llvm::sys::findProgramByName(emulator); !found)
    return llvm::createStringError("there is no " + emulator);
  return llvm::Error::success();
}

/// Machine code of a module in the LLVM dialect, in a file.
static llvm::Error writeObject(mlir::ModuleOp module, const Processor &processor, unsigned level,
                               const std::string &path) {
  auto machine = createMachine(processor, level);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  auto code = translate(module, context, processor, **machine);
  if (!code)
    return llvm::createStringError("no LLVM IR");
  optimise(*code, **machine, level);
  std::error_code failed;
  llvm::raw_fd_ostream out(path, failed);
  if (failed || !emitCode(*code, **machine, CodeKind::Object, out))
    return llvm::createStringError("no machine code");
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Elsewhere>>
Elsewhere::start(mlir::ModuleOp module, const Processor &processor, unsigned level) {
  if (llvm::Error missing = check())
    return missing;
  auto elsewhere = std::make_unique<Elsewhere>();
  llvm::SmallString<128> folder;
  if (llvm::sys::fs::createUniqueDirectory("rondo-fuzz", folder))
    return llvm::createStringError("no temporary folder");
  elsewhere->folder = folder.str();
  std::string object = elsewhere->folder + "/code.o", program = elsewhere->folder + "/program";
  if (llvm::Error error = writeObject(module, processor, level, object))
    return error;
  std::vector<llvm::StringRef> link = {
      compiler, "--target=aarch64-linux-gnu", "-fuse-ld=lld", object, runner, "-lm", "-o", program};
  if (llvm::sys::ExecuteAndWait(compiler, link) != 0)
    return llvm::createStringError("the program cannot be linked");

  int to[2], from[2];
  if (pipe(to) != 0 || pipe(from) != 0)
    return llvm::createStringError("no pipes");
  std::string path = *llvm::sys::findProgramByName(emulator);
  elsewhere->process = fork();
  if (elsewhere->process == 0) {
    dup2(to[0], 0);
    dup2(from[1], 1);
    for (int end : {to[0], to[1], from[0], from[1]})
      close(end);
    execl(path.c_str(), path.c_str(), "-L", libraries.data(), program.c_str(), nullptr);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  elsewhere->requests = fdopen(to[1], "w");
  elsewhere->answers = fdopen(from[0], "r");
  std::signal(SIGPIPE, SIG_IGN);
  return elsewhere;
}

Elsewhere::~Elsewhere() {
  if (requests)
    std::fclose(requests);
  if (answers)
    std::fclose(answers);
  if (process > 0)
    waitpid(process, nullptr, 0);
  if (!folder.empty())
    llvm::sys::fs::remove_directories(folder);
}

std::string Elsewhere::call(int64_t entry, int64_t workers, int stale, const CallShape &shape,
                            const std::vector<Array> &arguments, std::vector<Array> &results) {
  bool isSaid = put(requests, entry) && put(requests, workers) && put(requests, stale);
  for (auto [dim, lengths] : llvm::zip_equal(shape.dims, shape.lengths)) {
    isSaid = isSaid && put(requests, dim) && put(requests, static_cast<int64_t>(lengths.size()));
    for (int64_t length : lengths)
      isSaid = isSaid && put(requests, length);
  }
  for (const Array &argument : arguments)
    isSaid = isSaid && put(requests, argument.raw(), static_cast<int64_t>(argument.bytes()));
  int64_t size = 0;
  if (!isSaid || std::fflush(requests) != 0 || !get(answers, size))
    return "the program for another machine is gone";
  std::string message(static_cast<size_t>(size), 0);
  if (size > 0 && std::fread(message.data(), message.size(), 1, answers) != 1)
    return "the program for another machine is gone";
  for (Array &result : results)
    if (message.empty() && !get(answers, result.raw(), static_cast<int64_t>(result.bytes())))
      return "the program for another machine is gone";
  return message;
}
