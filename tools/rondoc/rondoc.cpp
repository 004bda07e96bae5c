// rondoc: compiles a model to a program.
#include "Driver/Compile.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::optional<rondo::Options> options = rondo::parseCommandLine(argc, argv);
  return options ? rondo::compile(*options) : 1;
}
