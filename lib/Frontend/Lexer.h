// Characters to tokens. Any bytes are accepted: what is not a token becomes an `error` token, about
// which the lexer has already complained, and the lexer goes on behind it.
#ifndef RONDO_FRONTEND_LEXER_H
#define RONDO_FRONTEND_LEXER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/SMLoc.h"

#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
class SourceMgr;
} // namespace llvm

namespace rondo {

class Diagnostics;

enum class TokenKind : uint8_t {
#define TOKEN(NAME, DESCRIPTION) NAME,
#include "Frontend/Tokens.def"
};

/// The enumerator's name, for dumps.
llvm::StringRef tokenName(TokenKind kind);
/// How an error message calls the kind: "'('", "a name".
llvm::StringRef describe(TokenKind kind);

struct Token {
  TokenKind kind;
  bool startsLine; ///< The first token of its line.
  llvm::StringRef text;

  bool is(TokenKind other) const { return kind == other; }
  template <typename... Kinds> bool isAny(Kinds... kinds) const { return (is(kinds) || ...); }
  bool isKeyword() const { return kind >= TokenKind::kw_import; }
  llvm::SMLoc getLoc() const { return llvm::SMLoc::getFromPointer(text.begin()); }
  llvm::SMLoc getEndLoc() const { return llvm::SMLoc::getFromPointer(text.end()); }
  llvm::SMRange getRange() const { return {getLoc(), getEndLoc()}; }
  /// How an error message calls this one: "'hidden'", "the end of the file".
  std::string describe() const;
};

class Lexer {
public:
  /// The text must stay alive as long as the tokens. Without diagnostics nothing is reported.
  explicit Lexer(llvm::StringRef source, Diagnostics *diagnostics = nullptr);

  Token next();

  /// All tokens; the last one is `end_of_file`.
  static std::vector<Token> tokenize(llvm::StringRef source, Diagnostics *diagnostics = nullptr);

private:
  bool skipBlanks();
  Token make(TokenKind kind, const char *start) const;
  Token fail(const char *start, const llvm::Twine &message);
  Token lexName(const char *start);
  Token lexNumber(const char *start);
  Token lexString(const char *start);
  Token lexPunctuation(const char *start);
  Token lexUnknown(const char *start);
  bool at(char c, size_t ahead = 0) const {
    return size_t(end - cursor) > ahead && cursor[ahead] == c;
  }

  const char *cursor;
  const char *end;
  Diagnostics *diagnostics;
  bool startsLine = true;
};

/// The value of a string token: without its quotes, with its escapes resolved.
std::string unescape(llvm::StringRef text);
/// The opposite: quotes around, escapes where needed.
std::string escape(llvm::StringRef value);

/// One token a line: line:column, name, text, and a `|` before the first token of a line.
void dumpTokens(llvm::ArrayRef<Token> tokens, const llvm::SourceMgr &sources,
                llvm::raw_ostream &os);

} // namespace rondo

#endif // RONDO_FRONTEND_LEXER_H
