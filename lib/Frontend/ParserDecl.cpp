// Declarations: import, fn, block, cell, model, and their parameters.
#include "Frontend/ParserImpl.h"

#include "llvm/ADT/StringSwitch.h"

using namespace rondo;
using namespace rondo::ast;

/// [Decl]
Decl *Parser::parseDecl() {
  newlinesCount = true;
  lessThanName = nullptr;
  switch (peek().kind) {
  case TokenKind::kw_import:
    return parseImport();
  case TokenKind::kw_train:
    return parseTrain();
  case TokenKind::kw_fn:
  case TokenKind::kw_block:
  case TokenKind::kw_cell:
  case TokenKind::kw_model:
    return parseCallable();
  default: {
    llvm::SaveAndRestore<bool> sameLine(newlinesCount, false);
    expected("a declaration: import, fn, block, cell, model or train");
    return nullptr;
  }
  }
}

/// [Decl-Import] import NAME
Decl *Parser::parseImport() {
  llvm::SMLoc start = take().getLoc();
  std::optional<Identifier> module = expectName("the name of a module after 'import'");
  if (!module)
    return nullptr;
  if (!endOfStmt())
    return nullptr;
  return make<ImportDecl>(llvm::SMRange(start, module->range.End), *module);
}

static CallableKind kindOf(TokenKind kind) {
  switch (kind) {
  case TokenKind::kw_fn:
    return CallableKind::Fn;
  case TokenKind::kw_block:
    return CallableKind::Block;
  case TokenKind::kw_cell:
    return CallableKind::Cell;
  default:
    return CallableKind::Model;
  }
}

/// [Decl-Fn] [Decl-Block] [Decl-Cell] KEYWORD NAME [<generics>] (params) [-> type] body
/// [Decl-Model] model NAME [<generics>] body
CallableDecl *Parser::parseCallable() {
  const Token keyword = take();
  CallableKind kind = kindOf(keyword.kind);
  std::string word = ("'" + keyword.text + "'").str();
  std::optional<Identifier> name = expectName("a name after " + word);
  if (!name)
    return nullptr;
  std::string context = ("of '" + name->name + "'").str();

  Scope scope(names);
  llvm::SmallVector<GenericParam> generics;
  llvm::SmallVector<ValueParam> params;
  TypeExpr *resultType = nullptr;
  if (at(TokenKind::less) && !parseGenericParams(generics))
    return nullptr;
  if (kind != CallableKind::Model) {
    if (!at(TokenKind::l_paren)) {
      expected("'(' before the parameters " + context);
      return nullptr;
    }
    if (!parseValueParams(params))
      return nullptr;
    if (takeIf(TokenKind::arrow) && !set(resultType, parseType()))
      return nullptr;
  } else if (at(TokenKind::l_paren) || at(TokenKind::arrow)) {
    if (Diagnostic *error = expected("'{' before the body " + context))
      error->advice("a model has no arguments of its own: what it is given at compile time stands "
                    "in '<...>', and its entry points are the fns inside it");
    return nullptr;
  }
  Body *body = parseBody("before the body " + context);
  if (!body)
    return nullptr;
  return make<CallableDecl>(from(keyword.getLoc()), kind, *name,
                            this->context.copy(llvm::ArrayRef(generics)),
                            this->context.copy(llvm::ArrayRef(params)), resultType, body);
}

/// [Generic-Params] < param {, param} >
bool Parser::parseGenericParams(llvm::SmallVectorImpl<GenericParam> &params) {
  Brackets inside(*this, /*newlinesCount=*/false, /*comparisonsAllowed=*/false);
  const Token open = take();
  if (!parseList(TokenKind::greater, [&] { return parseGenericParam(params); }))
    return false;
  llvm::SmallVector<Identifier> list;
  for (const GenericParam &param : params)
    list.push_back(param.name);
  checkDistinct(list, "the generic parameter");
  return closeAngle(open);
}

/// [Generic-Param] NAME [: KIND] [= value], where the kind is [Generic-Kind] int, fn, block, cell
/// or model.
bool Parser::parseGenericParam(llvm::SmallVectorImpl<GenericParam> &params) {
  std::optional<Identifier> name = expectName("the name of a generic parameter");
  if (!name)
    return false;
  GenericParam param{*name, GenericKind::Unmarked, {}, nullptr};
  if (takeIf(TokenKind::colon)) {
    param.kind = llvm::StringSwitch<GenericKind>(peek().text)
                     .Case("int", GenericKind::Int)
                     .Case("fn", GenericKind::Fn)
                     .Case("block", GenericKind::Block)
                     .Case("cell", GenericKind::Cell)
                     .Case("model", GenericKind::Model)
                     .Default(GenericKind::Unmarked);
    if (param.kind == GenericKind::Unmarked) {
      expected("int, fn, block, cell or model");
      return false;
    }
    param.kindRange = take().getRange();
  }
  if (takeIf(TokenKind::equal) && !set(param.defaultValue, parseExpr()))
    return false;
  names.insert(param.name.name,
               param.kind != GenericKind::Unmarked && param.kind != GenericKind::Int);
  params.push_back(param);
  return true;
}

/// [Param-Values] ( param {, param} )   [Param-Value] NAME [: type] [= value]
bool Parser::parseValueParams(llvm::SmallVectorImpl<ValueParam> &params) {
  Brackets inside(*this, /*newlinesCount=*/false);
  const Token open = take();
  llvm::SmallVector<Identifier> list;
  bool good = parseList(TokenKind::r_paren, [&] {
    std::optional<Identifier> name = expectName("the name of a parameter");
    if (!name)
      return false;
    ValueParam param{*name, nullptr, nullptr};
    if (takeIf(TokenKind::colon) && !set(param.type, parseType()))
      return false;
    if (takeIf(TokenKind::equal) && !set(param.defaultValue, parseExpr()))
      return false;
    params.push_back(param);
    list.push_back(*name);
    return true;
  });
  declare(list);
  checkDistinct(list, "the parameter");
  return good && close(TokenKind::r_paren, open);
}
