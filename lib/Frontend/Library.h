// The library of the language: modules of rondo text that the compiler carries.
#ifndef RONDO_FRONTEND_LIBRARY_H
#define RONDO_FRONTEND_LIBRARY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace rondo {

struct LibraryModule {
  llvm::StringLiteral name, text;
};

/// All modules of lib/Std, those of the prelude first.
llvm::ArrayRef<LibraryModule> libraryModules();
/// The text of a module, or none.
const LibraryModule *findLibraryModule(llvm::StringRef name);
/// True for the modules whose names are known without an import.
bool isPrelude(llvm::StringRef name);

} // namespace rondo

#endif // RONDO_FRONTEND_LIBRARY_H
