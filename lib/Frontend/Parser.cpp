// The parser's tools: tokens, errors, recovery, and the names that generic arguments may follow.
#include "Frontend/ParserImpl.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

using namespace rondo;
using namespace rondo::ast;

/// The names after fn, block, cell and model, whatever stands around them.
static void addCallableNames(llvm::ArrayRef<Token> tokens, std::vector<std::string> &names) {
  for (size_t i = 0; i + 1 < tokens.size(); ++i)
    if (tokens[i].isAny(TokenKind::kw_fn, TokenKind::kw_block, TokenKind::kw_cell,
                        TokenKind::kw_model) &&
        tokens[i + 1].is(TokenKind::identifier))
      names.push_back(tokens[i + 1].text.str());
}

std::vector<std::string> rondo::callableNames(llvm::StringRef source) {
  std::vector<std::string> names;
  addCallableNames(Lexer::tokenize(source), names);
  return names;
}

Module rondo::parseModule(ASTContext &context, Diagnostics &diagnostics, unsigned bufferId,
                          const ParseOptions &options) {
  llvm::StringRef file = diagnostics.getSources().getMemoryBuffer(bufferId)->getBufferIdentifier();
  Parser parser(context, diagnostics, bufferId, options);
  return {context.copy(llvm::sys::path::stem(file)), parser.parseDecls()};
}

//===----------------------------------------------------------------------===//
// Start
//===----------------------------------------------------------------------===//

/// [Names-Callable] Before anything is parsed: the callable names of this file, of the modules that
/// it imports, and of the library that needs no import.
Parser::Parser(ASTContext &context, Diagnostics &diagnostics, unsigned bufferId,
               const ParseOptions &options)
    : context(context), diagnostics(diagnostics),
      tokens(Lexer::tokenize(diagnostics.getSources().getMemoryBuffer(bufferId)->getBuffer(),
                             &diagnostics)),
      fileScope(names) {
  std::vector<std::string> callable;
  addCallableNames(tokens, callable);
  if (options.namesOf) {
    options.namesOf("", callable);
    for (size_t i = 0; i + 1 < tokens.size(); ++i)
      if (tokens[i].is(TokenKind::kw_import) && tokens[i + 1].is(TokenKind::identifier))
        options.namesOf(tokens[i + 1].text, callable);
  }
  for (const std::string &name : callable)
    names.insert(context.copy(llvm::StringRef(name)), true);
}

/// [Module] Declarations up to the end of the file.
llvm::ArrayRef<Decl *> Parser::parseDecls() {
  llvm::SmallVector<Decl *> decls;
  while (!at(TokenKind::end_of_file) && !diagnostics.isFull()) {
    if (takeIf(TokenKind::semicolon))
      continue;
    size_t start = position;
    if (Decl *decl = parseDecl())
      decls.push_back(decl);
    else
      skipDecl(start);
  }
  return context.copy(llvm::ArrayRef<Decl *>(decls));
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

Diagnostic *Parser::expected(const llvm::Twine &what) {
  const Token &token = peek();
  if (token.is(TokenKind::error))
    return nullptr;
  bool atEnd = token.is(TokenKind::end_of_file);
  llvm::SMRange place = token.getRange();
  if (position && (atEnd || !continues()))
    place = {tokens[position - 1].getEndLoc(), tokens[position - 1].getEndLoc()};
  Diagnostic &error = diagnostics.error(
      place, "expected " + what + ", found " +
                 (atEnd || continues() ? token.describe() : "the end of the line"));
  bool closed = token.isAny(TokenKind::greater, TokenKind::comma) ||
                (position && tokens[position - 1].is(TokenKind::greater));
  if (lessThanName && closed)
    error.note(lessThanName->range, "'" + lessThanName->name.name +
                                        "' is not known here as a fn, block, cell or model, so "
                                        "this '<' compares; is an import missing?");
  return &error;
}

bool Parser::expect(TokenKind kind, llvm::StringRef where) {
  if (continues() && takeIf(kind))
    return true;
  expected(describe(kind) + " " + where);
  return false;
}

std::optional<Identifier> Parser::expectName(const llvm::Twine &what) {
  if (continues() && at(TokenKind::identifier)) {
    const Token &token = take();
    return Identifier{context.copy(token.text), token.getRange()};
  }
  Diagnostic *error = expected(what);
  if (error && continues() && peek().isKeyword())
    error->advice("'" + peek().text + "' is a keyword and cannot be a name");
  return std::nullopt;
}

bool Parser::close(TokenKind kind, const Token &open) {
  if (takeIf(kind))
    return true;
  if (Diagnostic *error = expected("',' or " + describe(kind)))
    error->note(open.getRange(), "to close this " + describe(open.kind));
  return false;
}

bool Parser::closeAngle(const Token &open) {
  if (!at(TokenKind::greater_equal))
    return close(TokenKind::greater, open);
  Token &token = tokens[position];
  token = {TokenKind::equal, false, token.text.drop_front()};
  return true;
}

void Parser::checkDistinct(llvm::ArrayRef<Identifier> list, llvm::StringRef what) {
  llvm::StringMap<llvm::SMRange> seen;
  for (const Identifier &name : list) {
    auto [it, isNew] = seen.try_emplace(name.name, name.range);
    if (!isNew)
      diagnostics.error(name.range, what + " '" + name.name + "' stands here twice")
          .note(it->second, "the first one is here");
  }
}

/// [Limit-Nesting]
bool Parser::tooDeep() {
  if (depth <= maxDepth)
    return false;
  if (!at(TokenKind::error))
    diagnostics.error(peek().getRange(), "expected at most " + llvm::Twine(maxDepth) +
                                             " levels of nesting, found more");
  return true;
}

/// [Limit-Height]
void Parser::tooHigh(const Node *node) {
  llvm::SMLoc end = node->range.End;
  diagnostics
      .error({llvm::SMLoc::getFromPointer(end.getPointer() - 1), end},
             "expected at most " + llvm::Twine(maxHeight) +
                 " operations on top of one another, found more")
      .advice("name a part of it with 'let'");
}

//===----------------------------------------------------------------------===//
// Recovery
//===----------------------------------------------------------------------===//

/// A token that, first on its line, starts a declaration whatever is still open before it.
static bool startsDecl(const Token &token) {
  return token.startsLine &&
         token.isAny(TokenKind::kw_import, TokenKind::kw_model, TokenKind::kw_block,
                     TokenKind::kw_cell, TokenKind::kw_train);
}

/// The same for a statement, given the token behind it.
static bool startsStmt(const Token &token, const Token &next) {
  if (token.is(TokenKind::primed))
    return token.startsLine && next.is(TokenKind::equal);
  return token.startsLine &&
         token.isAny(TokenKind::kw_let, TokenKind::kw_state, TokenKind::kw_param,
                     TokenKind::kw_layer, TokenKind::kw_fn);
}

/// [Recovery] Goes to the end of the statement that began at `start`: the first newline or `;`
/// behind the error that is in no bracket, a statement's keyword at the start of a line, or the
/// brace that closes the body. A declaration's keyword at the start of a line ends all bodies.
void Parser::skipStatement(size_t start) {
  size_t error = position;
  int brackets = 0, braces = 0;
  for (position = start; !at(TokenKind::end_of_file); ++position) {
    const Token &token = peek();
    bool behind = position >= error && position > start;
    if (behind && startsDecl(token))
      return;
    if (behind && braces <= 0) {
      if (startsStmt(token, peek(1)) || at(TokenKind::r_brace))
        return;
      if (brackets <= 0 && (token.startsLine || at(TokenKind::semicolon)))
        return;
    }
    if (token.isAny(TokenKind::l_paren, TokenKind::l_square))
      ++brackets;
    else if (token.isAny(TokenKind::r_paren, TokenKind::r_square))
      --brackets;
    else if (at(TokenKind::l_brace))
      ++braces;
    else if (at(TokenKind::r_brace))
      --braces;
  }
}

/// Goes to the end of the declaration that began at `start`: behind its braces, or to a
/// declaration's keyword at the start of a line.
void Parser::skipDecl(size_t start) {
  size_t error = position;
  int braces = 0;
  for (position = start; !at(TokenKind::end_of_file); ++position) {
    const Token &token = peek();
    bool behind = position >= error && position > start;
    if (behind &&
        (startsDecl(token) || (braces <= 0 && token.startsLine && token.is(TokenKind::kw_fn))))
      return;
    if (at(TokenKind::l_brace)) {
      ++braces;
    } else if (at(TokenKind::r_brace)) {
      --braces;
      if (position >= error && braces <= 0) {
        ++position;
        return;
      }
    }
  }
}

bool Parser::parseList(TokenKind closing, llvm::function_ref<bool()> item) {
  if (at(closing))
    return true;
  do {
    if (!item())
      return false;
  } while (takeIf(TokenKind::comma));
  return true;
}
