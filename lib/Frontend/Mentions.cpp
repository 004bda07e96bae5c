// Whether a piece of syntax uses a name: by its tokens, so that no form of syntax is forgotten.
#include "Frontend/Mentions.h"

#include "Frontend/Lexer.h"

using namespace rondo;

bool ast::mentions(const Body &body, llvm::StringRef name) {
  llvm::StringRef text(
      body.range.Start.getPointer(),
      static_cast<size_t>(body.range.End.getPointer() - body.range.Start.getPointer()));
  for (const Token &token : Lexer::tokenize(text, nullptr))
    if ((token.is(TokenKind::identifier) || token.is(TokenKind::primed)) &&
        token.text.trim('\'') == name)
      return true;
  return false;
}
