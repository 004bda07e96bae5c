// The library's text, compiled in.
#include "Frontend/Library.h"

#include "llvm/ADT/STLExtras.h"

using namespace rondo;

static constexpr LibraryModule modules[] = {
#include "Frontend/Library.inc"
};

llvm::ArrayRef<LibraryModule> rondo::libraryModules() { return modules; }

const LibraryModule *rondo::findLibraryModule(llvm::StringRef name) {
  const auto *it =
      llvm::find_if(modules, [&](const LibraryModule &module) { return module.name == name; });
  return it == std::end(modules) ? nullptr : it;
}

bool rondo::isPrelude(llvm::StringRef name) {
  return name == "nn" || name == "optim" || name == "generate" || name == "attention";
}
