// Semantic analysis: checks a module and elaborates its model.
#ifndef RONDO_FRONTEND_SEMA_H
#define RONDO_FRONTEND_SEMA_H

#include "Frontend/AST.h"
#include "Frontend/Core.h"
#include "Frontend/Diagnostics.h"

#include <functional>
#include <memory>

namespace rondo {

/// The modules that a program consists of: its own last, the prelude first.
using Modules = std::vector<std::pair<std::string, const ast::Module *>>;

/// Checks the last module (the others are the library's, or imported) and elaborates its model.
/// The result is null when there are errors, and has no functions when there is no model.
std::unique_ptr<core::Program> analyze(const Modules &modules, Diagnostics &diagnostics);

/// Checks what can be checked only with numbers: divisions come out even, dims are positive.
/// `overrides` are the values of `-D`.
bool configure(const core::Program &program, const std::map<std::string, int64_t> &overrides,
               std::map<const Atom *, int64_t> &values, Diagnostics &diagnostics);

} // namespace rondo

#endif // RONDO_FRONTEND_SEMA_H
