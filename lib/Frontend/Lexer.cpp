// The lexer: section 1 of GRAMMAR.md.
#include "Frontend/Lexer.h"

#include "Frontend/Diagnostics.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/raw_ostream.h"

using namespace rondo;
using llvm::StringRef;

StringRef rondo::tokenName(TokenKind kind) {
  switch (kind) {
#define TOKEN(NAME, DESCRIPTION)                                                                   \
  case TokenKind::NAME:                                                                            \
    return #NAME;
#include "Frontend/Tokens.def"
  }
  return "";
}

StringRef rondo::describe(TokenKind kind) {
  switch (kind) {
#define TOKEN(NAME, DESCRIPTION)                                                                   \
  case TokenKind::NAME:                                                                            \
    return DESCRIPTION;
#include "Frontend/Tokens.def"
  }
  return "";
}

std::string Token::describe() const {
  if (isAny(TokenKind::end_of_file, TokenKind::error))
    return rondo::describe(kind).str();
  if (is(TokenKind::string))
    return "a string";
  constexpr size_t longest = 40;
  return ("'" + text.take_front(longest) + (text.size() > longest ? "...'" : "'")).str();
}

/// ASCII only, whatever the locale.
static bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_'; }
static bool isNamePart(char c) { return llvm::isAlnum(c) || c == '_'; }
/// A character that begins a token or separates two of them.
static bool isKnown(char c) {
  return isNamePart(c) || StringRef(" \t\r\n\"()[]{},:;.-=~+*/%^@<>!").contains(c);
}

Lexer::Lexer(StringRef source, Diagnostics *diagnostics)
    : cursor(source.begin()), end(source.end()), diagnostics(diagnostics) {
  if (source.starts_with("\xEF\xBB\xBF")) // a byte order mark
    cursor += 3;
}

/// [Token-Comment] Skips blanks and comments; says whether a line ended among them.
bool Lexer::skipBlanks() {
  bool newline = false;
  while (cursor != end) {
    if (*cursor == '\n') {
      newline = true;
      ++cursor;
    } else if (*cursor == ' ' || *cursor == '\t' || *cursor == '\r') {
      ++cursor;
    } else if (at('/') && at('/', 1)) {
      cursor = std::find(cursor, end, '\n');
    } else {
      break;
    }
  }
  return newline;
}

Token Lexer::make(TokenKind kind, const char *start) const {
  return {kind, startsLine, StringRef(start, cursor - start)};
}

Token Lexer::fail(const char *start, const llvm::Twine &message) {
  Token token = make(TokenKind::error, start);
  if (diagnostics)
    diagnostics->error(token.getRange(), message);
  return token;
}

Token Lexer::next() {
  startsLine |= skipBlanks();
  const char *start = cursor;
  if (cursor == end)
    return make(TokenKind::end_of_file, start);
  Token token = isNameStart(*start)     ? lexName(start)
                : llvm::isDigit(*start) ? lexNumber(start)
                : *start == '"'         ? lexString(start)
                                        : lexPunctuation(start);
  startsLine = false;
  return token;
}

std::vector<Token> Lexer::tokenize(StringRef source, Diagnostics *diagnostics) {
  Lexer lexer(source, diagnostics);
  std::vector<Token> tokens;
  do
    tokens.push_back(lexer.next());
  while (!tokens.back().is(TokenKind::end_of_file));
  return tokens;
}

/// [Token-Name] A letter or `_`, then letters, digits and `_`. [Token-Keyword] Some are reserved.
/// [Token-Prime] With one prime it is the name of a next state.
Token Lexer::lexName(const char *start) {
  while (cursor != end && isNamePart(*cursor))
    ++cursor;
  StringRef text(start, cursor - start);
  TokenKind keyword = llvm::StringSwitch<TokenKind>(text)
#define KEYWORD(NAME) .Case(#NAME, TokenKind::kw_##NAME)
#include "Frontend/Tokens.def"
                          .Default(TokenKind::identifier);
  if (!at('\''))
    return make(keyword, start);
  while (at('\''))
    ++cursor;
  if (keyword != TokenKind::identifier)
    return fail(start, "'" + text + "' is a keyword and cannot be primed");
  if (cursor - text.end() > 1)
    return fail(start, "expected one prime after '" + text + "', found " +
                           llvm::Twine(cursor - text.end()));
  return make(TokenKind::primed, start);
}

/// [Token-Number] `12`, `0.5`, `1e-3`, `1.5e+4`: digits on both sides of a point.
Token Lexer::lexNumber(const char *start) {
  auto digits = [&] {
    const char *first = cursor;
    while (cursor != end && llvm::isDigit(*cursor))
      ++cursor;
    return cursor != first;
  };
  TokenKind kind = TokenKind::integer;
  bool good = digits();
  // `1...` is the number 1 before an ellipsis.
  if (at('.') && !(at('.', 1) && at('.', 2))) {
    ++cursor;
    kind = TokenKind::floating;
    good &= digits();
  }
  if (at('e') || at('E')) {
    ++cursor;
    kind = TokenKind::floating;
    if (at('+') || at('-'))
      ++cursor;
    good &= digits();
  }
  // Nothing that a number or a name is made of may follow.
  while (cursor != end && (isNamePart(*cursor) || (at('.') && !at('.', 1)))) {
    ++cursor;
    good = false;
  }
  if (good)
    return make(kind, start);
  return fail(start, "malformed number '" + StringRef(start, std::min<size_t>(cursor - start, 40)) +
                         "', expected digits such as 12, 0.5 or 1e-3");
}

/// [Token-String] Between double quotes on one line, with the escapes \" \\ \n and \t.
Token Lexer::lexString(const char *start) {
  ++cursor;
  const char *badEscape = nullptr;
  while (cursor != end && *cursor != '"' && *cursor != '\n') {
    if (*cursor == '\\' && end - cursor > 1 && cursor[1] != '\n') {
      if (!StringRef("\"\\nt").contains(cursor[1]) && !badEscape)
        badEscape = cursor;
      ++cursor;
    }
    ++cursor;
  }
  if (cursor == end || *cursor == '\n')
    return fail(start, "expected '\"' at the end of the string, found the end of the line");
  ++cursor;
  StringRef value(start, cursor - start);
  if (badEscape)
    return fail(start,
                "expected one of \\\" \\\\ \\n \\t in a string, found '\\" +
                    (llvm::isPrint(badEscape[1]) ? std::string(1, badEscape[1])
                                                 : "x" + llvm::utohexstr(uint8_t(badEscape[1]))) +
                    "'");
  if (llvm::any_of(value, [](char c) { return uint8_t(c) < 0x20 && c != '\t'; }))
    return fail(start, "unexpected control character in a string");
  return make(TokenKind::string, start);
}

/// [Token-Punctuation] The longest spelling wins.
Token Lexer::lexPunctuation(const char *start) {
  StringRef rest(start, end - start);
  TokenKind kind = TokenKind::error;
  size_t longest = 0;
  auto match = [&](TokenKind candidate, StringRef spelling) {
    if (spelling.size() > longest && rest.starts_with(spelling)) {
      kind = candidate;
      longest = spelling.size();
    }
  };
#define PUNCTUATION(NAME, SPELLING) match(TokenKind::NAME, SPELLING);
#include "Frontend/Tokens.def"
  if (!longest)
    return lexUnknown(start);
  cursor += longest;
  return make(kind, start);
}

/// [Token-Text] A run of characters that no token begins with, as one error.
Token Lexer::lexUnknown(const char *start) {
  ++cursor;
  while (cursor != end && !isKnown(*cursor))
    ++cursor;
  if (*start == '\'')
    return fail(start, "unexpected prime, expected a name directly before it");
  if (*start == '!')
    return fail(start, "unexpected text '!', expected 'not' or '!='");
  constexpr ptrdiff_t longest = 12;
  StringRef text(start, std::min(cursor - start, longest));
  std::string shown;
  if (llvm::sys::unicode::columnWidthUTF8(text) > 0) {
    shown = text.str();
  } else {
    for (char c : text)
      shown += llvm::isPrint(c) ? std::string(1, c) : "\\x" + llvm::toHex(StringRef(&c, 1));
  }
  return fail(start, "unexpected text '" + shown + (cursor - start > longest ? "...'" : "'"));
}

std::string rondo::unescape(StringRef text) {
  std::string value;
  for (StringRef rest = text.drop_front().drop_back(); !rest.empty(); rest = rest.drop_front()) {
    if (rest.front() == '\\') {
      rest = rest.drop_front();
      value += rest.front() == 'n' ? '\n' : rest.front() == 't' ? '\t' : rest.front();
    } else {
      value += rest.front();
    }
  }
  return value;
}

std::string rondo::escape(StringRef value) {
  std::string text = "\"";
  for (char c : value) {
    if (c == '\n' || c == '\t')
      text += c == '\n' ? "\\n" : "\\t";
    else
      text += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  }
  return text + "\"";
}

void rondo::dumpTokens(llvm::ArrayRef<Token> tokens, const llvm::SourceMgr &sources,
                       llvm::raw_ostream &os) {
  for (const Token &token : tokens) {
    auto [line, column] = sources.getLineAndColumn(token.getLoc());
    os << line << ':' << column << (token.startsLine ? " | " : " ") << tokenName(token.kind);
    if (!token.text.empty()) {
      os << ' ';
      llvm::printEscapedString(token.text, os);
    }
    os << '\n';
  }
}
