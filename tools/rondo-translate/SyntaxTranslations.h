// The translations that need no more than the parser.
#ifndef RONDO_TOOLS_SYNTAXTRANSLATIONS_H
#define RONDO_TOOLS_SYNTAXTRANSLATIONS_H

namespace rondo {

/// Registers --dump-tokens, --dump-ast, --print-ast and --syntax-only.
void registerSyntaxTranslations();

} // namespace rondo

#endif // RONDO_TOOLS_SYNTAXTRANSLATIONS_H
