// The parser's interface: one buffer of a source manager to one module of syntax tree.
#ifndef RONDO_FRONTEND_PARSER_H
#define RONDO_FRONTEND_PARSER_H

#include "Frontend/AST.h"
#include "Frontend/Diagnostics.h"

#include <functional>
#include <string>
#include <vector>

namespace rondo {

struct ParseOptions {
  /// Adds the names that a module declares as fn, block, cell or model (see `callableNames`), and
  /// returns false when there is no such module, about which the parser says nothing: an import
  /// that cannot be found is semantic analysis' to refuse. The module "" is asked for first: its
  /// names are known without an import.
  std::function<bool(llvm::StringRef module, std::vector<std::string> &names)> namesOf;
};

/// Parses a buffer of `diagnostics.getSources()`. Always returns a module, which holds what could
/// be parsed; whether anything was wrong is `diagnostics.hasErrors()`.
ast::Module parseModule(ast::ASTContext &context, Diagnostics &diagnostics, unsigned bufferId,
                        const ParseOptions &options = {});

/// The names that a source text declares as fn, block, cell or model at any level, found by its
/// tokens alone. Works on text with errors and reports none.
std::vector<std::string> callableNames(llvm::StringRef source);

} // namespace rondo

#endif // RONDO_FRONTEND_PARSER_H
