// --dump-tokens, --dump-ast, --print-ast, --syntax-only.
#include "SyntaxTranslations.h"

#include "Frontend/Lexer.h"
#include "Frontend/Parser.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace rondo;

static llvm::cl::list<std::string>
    moduleFolders("syntax-modules", llvm::cl::value_desc("folder"),
                  llvm::cl::desc("where the parser looks up the names of imported modules"));
static llvm::cl::opt<bool> withRanges("ast-ranges", llvm::cl::desc("print ranges with --dump-ast"));

/// The callable names of a module in one of the folders.
static bool namesOf(llvm::StringRef module, std::vector<std::string> &names) {
  for (const std::string &folder : moduleFolders) {
    auto buffer = llvm::MemoryBuffer::getFile(folder + "/" + module + ".rondo");
    if (!buffer)
      continue;
    for (std::string &name : callableNames((*buffer)->getBuffer()))
      names.push_back(std::move(name));
    return true;
  }
  return false;
}

/// Parses the main buffer, reports, and hands the tree over where it has no errors.
static llvm::LogicalResult withModule(llvm::SourceMgr &sources, mlir::MLIRContext *context,
                                      llvm::function_ref<void(const ast::Module &)> use) {
  Diagnostics diagnostics(sources);
  ast::ASTContext arena;
  ast::Module module = parseModule(arena, diagnostics, sources.getMainFileID(), {namesOf});
  diagnostics.emit(context);
  if (diagnostics.hasErrors())
    return llvm::failure();
  use(module);
  return llvm::success();
}

void rondo::registerSyntaxTranslations() {
  static mlir::TranslateRegistration tokens(
      "dump-tokens", "print the tokens",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
         mlir::MLIRContext *context) {
        Diagnostics diagnostics(*sources);
        llvm::StringRef text = sources->getMemoryBuffer(sources->getMainFileID())->getBuffer();
        dumpTokens(Lexer::tokenize(text, &diagnostics), *sources, os);
        diagnostics.emit(context);
        return llvm::success(!diagnostics.hasErrors());
      });
  static mlir::TranslateRegistration tree(
      "dump-ast", "print the syntax tree",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
         mlir::MLIRContext *context) {
        return withModule(*sources, context, [&](const ast::Module &module) {
          ast::dump(module, os, withRanges ? sources.get() : nullptr);
        });
      });
  static mlir::TranslateRegistration text(
      "print-ast", "print the syntax tree as rondo text",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
         mlir::MLIRContext *context) {
        return withModule(*sources, context,
                          [&](const ast::Module &module) { ast::print(module, os); });
      });
  static mlir::TranslateRegistration check("syntax-only", "check the syntax and print nothing",
                                           [](const std::shared_ptr<llvm::SourceMgr> &sources,
                                              llvm::raw_ostream &os, mlir::MLIRContext *context) {
                                             return withModule(*sources, context,
                                                               [](const ast::Module &) {});
                                           });
}
