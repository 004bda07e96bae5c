// Bodies and statements.
#include "Frontend/ParserImpl.h"

using namespace rondo;
using namespace rondo::ast;

/// Only the top level of a file has these.
static bool isTopLevel(const Token &token) {
  return token.isAny(TokenKind::kw_import, TokenKind::kw_model, TokenKind::kw_block,
                     TokenKind::kw_cell, TokenKind::kw_train);
}

/// [Body] { statement {NEWLINE statement} }
Body *Parser::parseBody(llvm::StringRef where) {
  const Token open = peek();
  if (!takeIf(TokenKind::l_brace)) {
    llvm::SaveAndRestore<bool> sameLine(newlinesCount, false);
    expected("'{' " + where);
    return nullptr;
  }
  Nested level(*this);
  if (tooDeep())
    return nullptr;
  Scope scope(names);
  llvm::SmallVector<Stmt *> stmts;
  bool closed = parseBraces(open, [&] {
    Stmt *stmt = parseStmt();
    if (!stmt || !endOfStmt())
      return false;
    stmts.push_back(stmt);
    return true;
  });
  if (!closed)
    return nullptr;
  return context.create<Body>(from(open.getLoc()), context.copy(llvm::ArrayRef<Stmt *>(stmts)));
}

/// [Recovery] A declaration that only the top level has, at the start of a line, means that the
/// closing brace is missing.
bool Parser::parseBraces(const Token &open, llvm::function_ref<bool()> item, bool fnInside) {
  Brackets inside(*this, /*newlinesCount=*/true);
  auto atTopLevel = [&] {
    return peek().startsLine && (isTopLevel(peek()) || (!fnInside && at(TokenKind::kw_fn)));
  };
  while (!at(TokenKind::r_brace) && !at(TokenKind::end_of_file) && !atTopLevel() &&
         !diagnostics.isFull()) {
    if (takeIf(TokenKind::semicolon))
      continue;
    size_t start = position;
    lessThanName = nullptr;
    if (!item())
      skipStatement(start);
  }
  if (takeIf(TokenKind::r_brace))
    return true;
  newlinesCount = false;
  if (Diagnostic *error = expected("'}'")) {
    error->note(open.getRange(), "to close this '{'");
    if (atTopLevel())
      error->advice("'" + peek().text + "' stands at the top level of a file only");
  }
  return false;
}

/// [Stmt-End] A newline, `;`, or the closing brace.
bool Parser::endOfStmt() {
  if (!continues() || at(TokenKind::semicolon) || at(TokenKind::r_brace) ||
      at(TokenKind::end_of_file))
    return true;
  Diagnostic *error = expected("the end of the statement");
  if (error && at(TokenKind::fat_arrow))
    error->advice("a function 'x => e' stands only as an argument of a call");
  return false;
}

/// [Stmt]
Stmt *Parser::parseStmt() {
  const Token &token = peek();
  switch (token.kind) {
  case TokenKind::kw_state:
    return parseState();
  case TokenKind::kw_param:
    return parseParam();
  case TokenKind::kw_let:
    return parseLet();
  case TokenKind::kw_layer:
    return parseLayer();
  case TokenKind::kw_fn: // [Stmt-Fn]
    if (CallableDecl *decl = parseCallable())
      return make<DeclStmt>(decl);
    return nullptr;
  case TokenKind::primed:
    return peek(1).is(TokenKind::equal) && !peek(1).startsLine ? parseAssign() : parseExprStmt();
  case TokenKind::identifier:
    if (peek(1).is(TokenKind::equal) && !peek(1).startsLine) {
      diagnostics
          .error(peek(1).getRange(),
                 "expected an expression, found an assignment to '" + token.text + "'")
          .advice("write 'let " + token.text + " = ...' to name a value, or \"" + token.text +
                  "' = ...\" for the next state");
      return nullptr;
    }
    return parseExprStmt();
  default:
    return parseExprStmt();
  }
}

/// NAME {, NAME}
bool Parser::parseNames(llvm::SmallVectorImpl<Identifier> &list, llvm::StringRef what) {
  do {
    std::optional<Identifier> name = expectName("the name of " + what);
    if (!name)
      return false;
    list.push_back(*name);
  } while (continues() && takeIf(TokenKind::comma));
  return true;
}

/// [Stmt-State] state names [: type] = expr
Stmt *Parser::parseState() {
  llvm::SMLoc start = take().getLoc();
  llvm::SmallVector<Identifier> list;
  TypeExpr *type = nullptr;
  if (!parseNames(list, "a state"))
    return nullptr;
  if (continues() && takeIf(TokenKind::colon) && !set(type, parseType()))
    return nullptr;
  if (!expect(TokenKind::equal, "and the initial value of the state"))
    return nullptr;
  Expr *init = parseExpr();
  if (!init)
    return nullptr;
  checkDistinct(list, "the state");
  declare(list);
  return make<StateStmt>(from(start), context.copy(llvm::ArrayRef(list)), type, init);
}

/// [Stmt-Param] param names : type ~ initialiser, or param names : type = expr
Stmt *Parser::parseParam() {
  llvm::SMLoc start = take().getLoc();
  llvm::SmallVector<Identifier> list;
  if (!parseNames(list, "a parameter") ||
      !expect(TokenKind::colon, "and the type of the parameter"))
    return nullptr;
  TypeExpr *type = parseType();
  if (!type)
    return nullptr;
  bool isDrawn = continues() && at(TokenKind::tilde);
  if (!isDrawn && !(continues() && at(TokenKind::equal))) {
    if (Diagnostic *error = expected("'~' or '=' and the start of the parameter"))
      error->advice("write for example '~ glorot', '~ normal(0.02)' or '= 0'");
    return nullptr;
  }
  take();
  // [Param-Initialiser] A name or a call of one.
  Expr *init = isDrawn ? parsePostfix() : parseExpr();
  if (!init)
    return nullptr;
  auto *call = llvm::dyn_cast<CallExpr>(init);
  if (isDrawn && !llvm::isa<NameExpr>(call ? call->callee : init)) {
    diagnostics.error(init->range, "expected an initialiser such as glorot or normal(0.02) after "
                                   "'~', found an expression");
    return nullptr;
  }
  checkDistinct(list, "the parameter");
  declare(list);
  return make<ParamStmt>(from(start), context.copy(llvm::ArrayRef(list)), type, isDrawn, init);
}

/// [Pattern] NAME, or ( NAME {, NAME} )
std::optional<Pattern> Parser::parsePattern() {
  llvm::SMLoc start = peek().getLoc();
  llvm::SmallVector<Identifier> list;
  bool isTuple = continues() && at(TokenKind::l_paren);
  if (isTuple) {
    Brackets inside(*this, /*newlinesCount=*/false);
    const Token open = take();
    if (!parseNames(list, "a value") || !close(TokenKind::r_paren, open))
      return std::nullopt;
  } else if (std::optional<Identifier> name = expectName("a name or '('")) {
    list.push_back(*name);
  } else {
    return std::nullopt;
  }
  checkDistinct(list, "the name");
  return Pattern{from(start), context.copy(llvm::ArrayRef(list)), isTuple};
}

/// [Stmt-Let] let pattern = expr
Stmt *Parser::parseLet() {
  llvm::SMLoc start = take().getLoc();
  if (at(TokenKind::primed) && continues()) {
    diagnostics
        .error(peek().getRange(),
               "expected a name without a prime after 'let', found '" + peek().text + "'")
        .advice("the next state is assigned without 'let'");
    return nullptr;
  }
  std::optional<Pattern> pattern = parsePattern();
  if (!pattern || !expect(TokenKind::equal, "and the value"))
    return nullptr;
  Expr *value = parseExpr();
  if (!value)
    return nullptr;
  declare(pattern->names);
  return make<LetStmt>(from(start), *pattern, value);
}

/// [Stmt-Assign] NAME' = expr
Stmt *Parser::parseAssign() {
  const Token name = take();
  take();
  Expr *value = parseExpr();
  if (!value)
    return nullptr;
  return make<AssignStmt>(from(name.getLoc()),
                          Identifier{context.copy(name.text.drop_back()), name.getRange()}, value);
}

/// [Stmt-Layer] layer NAME = expr
Stmt *Parser::parseLayer() {
  llvm::SMLoc start = take().getLoc();
  std::optional<Identifier> name = expectName("the name of a layer");
  if (!name || !expect(TokenKind::equal, "and the cell or block of the layer"))
    return nullptr;
  Expr *value = parseExpr();
  if (!value)
    return nullptr;
  declare(*name);
  return make<LayerStmt>(from(start), *name, value);
}

/// [Stmt-Result] expr
Stmt *Parser::parseExprStmt() {
  const Token first = peek();
  if (first.isAny(TokenKind::plus, TokenKind::star, TokenKind::slash, TokenKind::percent,
                  TokenKind::caret, TokenKind::at, TokenKind::less, TokenKind::greater,
                  TokenKind::less_equal, TokenKind::greater_equal, TokenKind::equal_equal,
                  TokenKind::not_equal, TokenKind::kw_and, TokenKind::kw_or)) {
    diagnostics.error(first.getRange(), "expected a statement, found '" + first.text + "'")
        .advice("a newline ends a statement: leave the operator at the end of the line before");
    return nullptr;
  }
  Expr *value = parseExpr();
  if (!value)
    return nullptr;
  if (continues() && at(TokenKind::equal)) {
    diagnostics
        .error(peek().getRange(), "expected the end of the statement, found an assignment "
                                  "to an expression")
        .advice("only a state of this body has a next value, and it is assigned whole: h' = e");
    return nullptr;
  }
  return make<ExprStmt>(value);
}
