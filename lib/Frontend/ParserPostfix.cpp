// What follows a value directly: fields, calls, indices, generic arguments; and arguments.
#include "Frontend/ParserImpl.h"

using namespace rondo;
using namespace rondo::ast;

/// [Expr-Postfix] primary { field | call | index }
Expr *Parser::parsePostfix() {
  Expr *expr = parsePrimary();
  while (expr && continues()) {
    if (at(TokenKind::dot))
      expr = parseField(expr);
    else if (at(TokenKind::l_paren))
      expr = parseCall(expr);
    else if (at(TokenKind::l_square))
      expr = parseIndex(expr);
    else
      break;
  }
  return expr;
}

/// [Expr-Field] . NAME, or . NAME'
Expr *Parser::parseField(Expr *base) {
  take();
  bool primed = at(TokenKind::primed) && continues();
  if (primed) {
    const Token name = take();
    return make<FieldExpr>(from(base->getLoc()), base,
                           Identifier{context.copy(name.text.drop_back()), name.getRange()}, true);
  }
  std::optional<Identifier> name = expectName("the name of a field after '.'");
  return name ? make<FieldExpr>(from(base->getLoc()), base, *name, false) : nullptr;
}

/// [Expr-Call] ( [argument {, argument}] )
Expr *Parser::parseCall(Expr *callee) {
  Brackets inside(*this, /*newlinesCount=*/false);
  const Token open = take();
  llvm::SmallVector<Argument> args;
  if (!parseList(TokenKind::r_paren, [&] { return parseArgument(args, /*lambdaAllowed=*/true); }) ||
      !close(TokenKind::r_paren, open))
    return nullptr;
  checkArguments(args, "the argument");
  return make<CallExpr>(from(callee->getLoc()), callee, context.copy(llvm::ArrayRef(args)));
}

/// [Expr-Generic] NAME < [argument {, argument}] >, where NAME is callable ([Names-Callable]).
Expr *Parser::parseGeneric(NameExpr *base) {
  Nested level(*this);
  if (tooDeep())
    return nullptr;
  Brackets inside(*this, /*newlinesCount=*/false, /*comparisonsAllowed=*/false);
  const Token open = take();
  llvm::SmallVector<Argument> args;
  if (!parseList(TokenKind::greater, [&] { return parseArgument(args, false); }))
    return nullptr;
  if (peek().isAny(TokenKind::less, TokenKind::equal_equal, TokenKind::not_equal,
                   TokenKind::less_equal)) {
    if (Diagnostic *error = expected("',' or '>'"))
      error->note(open.getRange(), "'" + base->name.name + "' takes generic arguments from here")
          .advice("a comparison among generic arguments stands in parentheses");
    return nullptr;
  }
  if (!closeAngle(open))
    return nullptr;
  checkArguments(args, "the argument");
  return make<GenericExpr>(from(base->getLoc()), base, context.copy(llvm::ArrayRef(args)));
}

/// [Argument] [NAME =] expr, or [Argument-Lambda] in a call
bool Parser::parseArgument(llvm::SmallVectorImpl<Argument> &args, bool lambdaAllowed) {
  Argument arg{};
  if (at(TokenKind::identifier) && peek(1).is(TokenKind::equal)) {
    const Token name = take();
    arg.name = {context.copy(name.text), name.getRange()};
    take();
  }
  arg.value = lambdaAllowed && atLambda() ? parseLambda() : parseExpr();
  args.push_back(arg);
  return arg.value != nullptr;
}

/// [Argument-Order] Named arguments stand last, each once.
void Parser::checkArguments(llvm::ArrayRef<Argument> args, llvm::StringRef what) {
  llvm::SmallVector<Identifier> list;
  for (const Argument &arg : args) {
    if (arg.name) {
      list.push_back(arg.name);
    } else if (!list.empty()) {
      diagnostics
          .error(arg.value->range, "expected a named argument after a named one, found a "
                                   "positional one")
          .note(list.front().range, "the first named argument is here");
      break;
    }
  }
  checkDistinct(list, what);
}

/// [Expr-Index] [ item {, item} ]
Expr *Parser::parseIndex(Expr *base) {
  Brackets inside(*this, /*newlinesCount=*/false);
  const Token open = take();
  llvm::SmallVector<Expr *> items;
  const Expr *ellipsis = nullptr;
  if (at(TokenKind::r_square)) {
    expected("an index");
    return nullptr;
  }
  auto item = [&] {
    Expr *next = parseIndexItem();
    if (!next)
      return false;
    if (llvm::isa<EllipsisExpr>(next)) {
      if (ellipsis)
        diagnostics.error(next->range, "expected at most one '...' in an index, found a second")
            .note(ellipsis->range, "the first one is here");
      ellipsis = next;
    }
    items.push_back(next);
    return true;
  };
  if (!parseList(TokenKind::r_square, item) || !close(TokenKind::r_square, open))
    return nullptr;
  return make<IndexExpr>(from(base->getLoc()), base, context.copy(llvm::ArrayRef(items)));
}

/// [Index-Item] expr, [Expr-Slice] [expr] : [expr], or [Expr-Ellipsis] ...
Expr *Parser::parseIndexItem() {
  const Token first = peek();
  if (takeIf(TokenKind::ellipsis))
    return make<EllipsisExpr>(first.getRange());
  Expr *lower = nullptr, *upper = nullptr;
  if (!at(TokenKind::colon) && !set(lower, parseExpr()))
    return nullptr;
  if (!takeIf(TokenKind::colon))
    return lower;
  if (!peek().isAny(TokenKind::comma, TokenKind::r_square) && !set(upper, parseExpr()))
    return nullptr;
  return make<SliceExpr>(from(first.getLoc()), lower, upper);
}

/// At `NAME =>` or `( NAME {, NAME} ) =>`.
bool Parser::atLambda() const {
  if (at(TokenKind::identifier))
    return peek(1).is(TokenKind::fat_arrow);
  if (!at(TokenKind::l_paren))
    return false;
  for (size_t i = 1; peek(i).is(TokenKind::identifier); i += 2) {
    if (peek(i + 1).is(TokenKind::r_paren))
      return peek(i + 2).is(TokenKind::fat_arrow);
    if (!peek(i + 1).is(TokenKind::comma))
      return false;
  }
  return false;
}

/// [Argument-Lambda] NAME => expr, or ( NAME {, NAME} ) => expr
Expr *Parser::parseLambda() {
  std::optional<Pattern> params = parsePattern();
  if (!params || !expect(TokenKind::fat_arrow, "after the names of a function"))
    return nullptr;
  Scope scope(names);
  declare(params->names);
  Expr *body = parseExpr();
  return body ? make<LambdaExpr>(from(params->range.Start), params->names, body) : nullptr;
}
