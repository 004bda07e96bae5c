// Expressions: literals, names, brackets and `if`.
#include "Frontend/ParserImpl.h"

#include <cmath>

using namespace rondo;
using namespace rondo::ast;

/// [Expr-Primary]
Expr *Parser::parsePrimary() {
  const Token token = peek();
  switch (token.kind) {
  case TokenKind::integer:
  case TokenKind::floating:
    return parseNumber();
  case TokenKind::kw_true: // [Expr-Bool]
  case TokenKind::kw_false:
    take();
    return make<BoolExpr>(token.getRange(), token.is(TokenKind::kw_true));
  case TokenKind::string: // [Expr-String]
    take();
    return make<StringExpr>(token.getRange(), context.copy(llvm::StringRef(unescape(token.text))));
  case TokenKind::identifier:
  case TokenKind::primed:
    return parseName();
  case TokenKind::l_paren:
    return parseParenthesis();
  case TokenKind::l_square:
    return parseSquare();
  case TokenKind::kw_if:
    return parseIf();
  case TokenKind::kw_unroll:
  case TokenKind::kw_scan:
    return parseUnroll();
  case TokenKind::kw_repeat:
    return parseRepeat();
  default: {
    llvm::SaveAndRestore<bool> anywhere(newlinesCount, false);
    Diagnostic *error = expected("an expression");
    if (error && token.is(TokenKind::ellipsis))
      error->advice("'...' stands only for the other dims in an index: x[i, ...]");
    else if (error && token.is(TokenKind::kw_model))
      error->advice("'model' is a keyword; its parameters are 'm.params' of a model named m");
    return nullptr;
  }
  }
}

/// [Expr-Int] up to 2^63 - 1   [Expr-Float] finite
Expr *Parser::parseNumber() {
  const Token token = take();
  if (token.is(TokenKind::integer)) {
    uint64_t value = 0;
    if (!token.text.getAsInteger(10, value) && value <= uint64_t(INT64_MAX))
      return make<IntExpr>(token.getRange(), int64_t(value));
    diagnostics.error(token.getRange(),
                      "expected an integer up to 9223372036854775807, found a larger one");
    return nullptr;
  }
  double value = 0;
  if (!token.text.getAsDouble(value, /*AllowInexact=*/true) && std::isfinite(value))
    return make<FloatExpr>(token.getRange(), value);
  diagnostics.error(token.getRange(), "expected a number that a double can hold, found a larger "
                                      "one");
  return nullptr;
}

/// [Expr-Name] NAME or NAME', and NAME with generic arguments where it is callable
Expr *Parser::parseName() {
  const Token token = take();
  bool primed = token.is(TokenKind::primed);
  llvm::StringRef text = primed ? token.text.drop_back() : token.text;
  auto *name =
      make<NameExpr>(token.getRange(), Identifier{context.copy(text), token.getRange()}, primed);
  if (!primed && continues() && at(TokenKind::less) && isCallable(text))
    return parseGeneric(name);
  return name;
}

/// [Expr-Paren] ( expr )   [Expr-Tuple] ( expr, expr {, expr} )
/// [Expr-Record] ( NAME = expr {, NAME = expr} )
Expr *Parser::parseParenthesis() {
  Brackets inside(*this, /*newlinesCount=*/false);
  const Token open = take();
  if (at(TokenKind::identifier) && peek(1).is(TokenKind::equal)) {
    llvm::SmallVector<Argument> fields;
    auto field = [&] {
      std::optional<Identifier> name = expectName("the name of a field");
      if (!name || !expect(TokenKind::equal, "after the name of a field"))
        return false;
      Expr *value = parseExpr();
      fields.push_back({*name, value});
      return value != nullptr;
    };
    if (!parseList(TokenKind::r_paren, field) || !close(TokenKind::r_paren, open))
      return nullptr;
    checkArguments(fields, "the field");
    return make<RecordExpr>(from(open.getLoc()), context.copy(llvm::ArrayRef(fields)));
  }

  llvm::SmallVector<Expr *> items;
  auto item = [&] {
    Expr *next = parseExpr();
    items.push_back(next);
    return next != nullptr;
  };
  if (at(TokenKind::r_paren)) {
    expected("an expression");
    return nullptr;
  }
  if (!parseList(TokenKind::r_paren, item))
    return nullptr;
  if (at(TokenKind::fat_arrow)) {
    endOfStmt();
    return nullptr;
  }
  if (!close(TokenKind::r_paren, open))
    return nullptr;
  if (items.size() == 1) {
    items.front()->range = from(open.getLoc());
    return items.front();
  }
  return make<TupleExpr>(from(open.getLoc()), context.copy(llvm::ArrayRef<Expr *>(items)));
}

/// [Expr-List] [ [expr {, expr}] ]   [Expr-Comprehension] see there
/// `[NAME <` begins a comprehension, unless NAME is callable.
Expr *Parser::parseSquare() {
  Brackets inside(*this, /*newlinesCount=*/false);
  const Token open = take();
  if (at(TokenKind::identifier) && peek(1).is(TokenKind::less) && !isCallable(peek().text))
    return parseComprehension(open);
  llvm::SmallVector<Expr *> items;
  auto item = [&] {
    Expr *next = parseExpr();
    items.push_back(next);
    return next != nullptr;
  };
  if (!parseList(TokenKind::r_square, item) || !close(TokenKind::r_square, open))
    return nullptr;
  return make<ListExpr>(from(open.getLoc()), context.copy(llvm::ArrayRef<Expr *>(items)));
}

/// [Expr-Comprehension] [ NAME < extent {, NAME < extent} : expr ]
Expr *Parser::parseComprehension(const Token &open) {
  llvm::SmallVector<ComprehensionExpr::Index> indices;
  llvm::SmallVector<Identifier> list;
  do {
    std::optional<Identifier> name = expectName("the name of an index");
    if (!name || !expect(TokenKind::less, "and the extent of the index"))
      return nullptr;
    Brackets extents(*this, /*newlinesCount=*/false, /*comparisonsAllowed=*/false);
    Expr *extent = parseExpr();
    if (!extent)
      return nullptr;
    indices.push_back({*name, extent});
    list.push_back(*name);
  } while (takeIf(TokenKind::comma));
  if (!takeIf(TokenKind::colon)) {
    if (Diagnostic *error = expected("',' or ':' and the element"))
      error->note(open.getRange(), "in the array that is built from here")
          .advice("a comparison in a list stands in parentheses");
    return nullptr;
  }
  checkDistinct(list, "the index");
  Scope scope(names);
  declare(list);
  Expr *body = parseExpr();
  if (!body)
    return nullptr;
  if (!at(TokenKind::r_square)) {
    if (Diagnostic *error = expected("']'"))
      error->note(open.getRange(), "to close this '['");
    return nullptr;
  }
  take();
  return make<ComprehensionExpr>(from(open.getLoc()), context.copy(llvm::ArrayRef(indices)), body);
}

/// [Expr-If] if expr then expr else expr; `then` and `else` may begin a line
Expr *Parser::parseIf() {
  const Token start = take();
  Expr *condition = parseExpr();
  if (!condition)
    return nullptr;
  auto expectWord = [&](TokenKind kind) {
    if (takeIf(kind))
      return true;
    if (Diagnostic *error = expected(describe(kind)))
      error->note(start.getRange(), "to go on with this 'if', which is a value and has both");
    return false;
  };
  if (!expectWord(TokenKind::kw_then))
    return nullptr;
  Expr *thenValue = parseExpr();
  if (!thenValue || !expectWord(TokenKind::kw_else))
    return nullptr;
  Expr *elseValue = parseExpr();
  if (!elseValue)
    return nullptr;
  return make<IfExpr>(from(start.getLoc()), condition, thenValue, elseValue);
}
