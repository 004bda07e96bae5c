// The front end as one step: modules found and parsed, analysed, configured, generated.
#include "Frontend/Frontend.h"

#include "Frontend/IRGen.h"
#include "Frontend/Library.h"
#include "Frontend/Parser.h"
#include "Frontend/Sema.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace rondo;

namespace {
/// Finds modules: in the library, then beside the main file. Each is parsed once.
class Loader {
public:
  Loader(llvm::SourceMgr &sources, Diagnostics &diagnostics)
      : sources(sources), diagnostics(diagnostics) {
    folder = llvm::sys::path::parent_path(
        sources.getMemoryBuffer(sources.getMainFileID())->getBufferIdentifier());
  }

  void load() {
    for (const LibraryModule &module : libraryModules())
      if (isPrelude(module.name))
        loadModule(module.name);
    ast::Module main = parse(sources.getMainFileID());
    loadImports(main);
    add(main.name.str(), main);
  }

  const Modules &get() const { return modules; }

private:
  void add(const std::string &name, const ast::Module &module) {
    parsed.push_back(module);
    modules.emplace_back(name, &parsed.back());
  }

  ast::Module parse(unsigned buffer) {
    ParseOptions options;
    options.namesOf = [&](llvm::StringRef module, std::vector<std::string> &names) {
      return namesOf(module, names);
    };
    return parseModule(arena, diagnostics, buffer, options);
  }

  /// The text of a module, as a buffer of the source manager; 0 where there is none.
  unsigned bufferOf(llvm::StringRef name) {
    auto [it, isNew] = buffers.try_emplace(name.str(), 0);
    if (!isNew)
      return it->second;
    if (const LibraryModule *module = findLibraryModule(name)) {
      it->second = sources.AddNewSourceBuffer(
          llvm::MemoryBuffer::getMemBuffer(module->text, ("std/" + name + ".rondo").str()),
          llvm::SMLoc());
      return it->second;
    }
    llvm::SmallString<128> path = folder;
    llvm::sys::path::append(path, name + ".rondo");
    if (auto file = llvm::MemoryBuffer::getFile(path))
      it->second = sources.AddNewSourceBuffer(std::move(*file), llvm::SMLoc());
    return it->second;
  }

  bool namesOf(llvm::StringRef module, std::vector<std::string> &names) {
    auto append = [&](llvm::StringRef text) {
      for (std::string &name : callableNames(text))
        names.push_back(std::move(name));
    };
    if (module.empty()) {
      for (const LibraryModule &candidate : libraryModules())
        if (isPrelude(candidate.name))
          append(candidate.text);
      return true;
    }
    unsigned buffer = bufferOf(module);
    if (buffer != 0)
      append(sources.getMemoryBuffer(buffer)->getBuffer());
    return buffer != 0;
  }

  void loadModule(llvm::StringRef name) {
    if (!loaded.insert(name.str()).second)
      return;
    ast::Module module = parse(bufferOf(name));
    loadImports(module);
    add(name.str(), module);
  }

  void loadImports(const ast::Module &module) {
    for (const ast::Decl *decl : module.decls) {
      const auto *import = llvm::dyn_cast<ast::ImportDecl>(decl);
      if (!import)
        continue;
      if (bufferOf(import->module.name) != 0) {
        loadModule(import->module.name);
        continue;
      }
      std::string known; // [Sem-Import]
      for (const LibraryModule &candidate : libraryModules())
        known += (known.empty() ? "" : ", ") + candidate.name.str();
      diagnostics.error(import->module.range, "no module `" + import->module.name + "`")
          .advice("the library has " + known + "; others are files beside this one");
    }
  }

  llvm::SourceMgr &sources;
  Diagnostics &diagnostics;
  llvm::SmallString<128> folder;
  ast::ASTContext arena;
  std::deque<ast::Module> parsed;
  Modules modules;
  std::map<std::string, unsigned> buffers;
  std::set<std::string> loaded;
};
} // namespace

mlir::OwningOpRef<mlir::ModuleOp> rondo::importRondo(llvm::SourceMgr &sources,
                                                     mlir::MLIRContext *context,
                                                     const FrontendOptions &options) {
  Diagnostics diagnostics(sources);
  Loader loader(sources, diagnostics);
  loader.load();
  std::unique_ptr<core::Program> program;
  if (!diagnostics.hasErrors())
    program = analyze(loader.get(), diagnostics);
  std::map<const Atom *, int64_t> values;
  if (program && !configure(*program, options.definitions, values, diagnostics))
    program.reset();
  diagnostics.emit(context);
  return program ? generateIR(*program, values, sources, context, options.doublePrecision)
                 : mlir::OwningOpRef<mlir::ModuleOp>();
}

bool rondo::printSyntax(llvm::SourceMgr &sources, mlir::MLIRContext *context,
                        llvm::raw_ostream &os) {
  Diagnostics diagnostics(sources);
  Loader loader(sources, diagnostics);
  loader.load();
  diagnostics.emit(context);
  if (diagnostics.hasErrors())
    return false;
  ast::print(*loader.get().back().second, os);
  return true;
}
