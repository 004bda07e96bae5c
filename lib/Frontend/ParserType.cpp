// Types.
#include "Frontend/ParserImpl.h"

using namespace rondo;
using namespace rondo::ast;

/// [Type] array, index, record or like
TypeExpr *Parser::parseType() {
  Nested level(*this);
  if (tooDeep())
    return nullptr;
  llvm::SMLoc start = peek().getLoc();
  if (continues() && at(TokenKind::l_paren))
    return parseRecordType();

  std::optional<Identifier> name = expectName("a type such as f32[n], idx<n>, int or (a: f32)");
  if (!name)
    return nullptr;
  llvm::SmallVector<Expr *> dims;

  // [Type-Like] like VALUE
  if (name->name == "like" && continues() && at(TokenKind::identifier)) {
    Expr *value = parseName();
    while (value && continues() && at(TokenKind::dot))
      value = parseField(value);
    return value ? make<LikeType>(from(start), value) : nullptr;
  }
  // [Type-Index] idx<bound> [dims]
  if (name->name == "idx") {
    const Token open = peek();
    if (!takeIf(TokenKind::less)) {
      if (Diagnostic *error = expected("'<' after 'idx'"))
        error->advice("an index says what it counts: idx<256>, or idx<n>[T] for an array of them");
      return nullptr;
    }
    Expr *bound;
    {
      Brackets inside(*this, /*newlinesCount=*/false, /*comparisonsAllowed=*/false);
      bound = parseExpr();
      if (!bound || !closeAngle(open))
        return nullptr;
    }
    if (!parseDims(dims))
      return nullptr;
    return make<IndexType>(from(start), bound, context.copy(llvm::ArrayRef(dims)));
  }
  // [Type-Array] NAME [dims]
  if (!parseDims(dims))
    return nullptr;
  return make<ArrayType>(from(start), *name, context.copy(llvm::ArrayRef(dims)));
}

/// [Type-Dims] [ expr {, expr} ], or nothing
bool Parser::parseDims(llvm::SmallVectorImpl<Expr *> &dims) {
  if (!continues() || !at(TokenKind::l_square))
    return true;
  const Token open = take();
  Brackets inside(*this, /*newlinesCount=*/false);
  if (at(TokenKind::r_square)) {
    if (Diagnostic *error = expected("a dim"))
      error->advice("a scalar has no brackets");
    return false;
  }
  return parseList(TokenKind::r_square,
                   [&] {
                     Expr *dim = parseExpr();
                     dims.push_back(dim);
                     return dim != nullptr;
                   }) &&
         close(TokenKind::r_square, open);
}

/// [Type-Record] ( NAME : type {, NAME : type} ), or a tuple ( type, type {, type} )
TypeExpr *Parser::parseRecordType() {
  Brackets inside(*this, /*newlinesCount=*/false);
  const Token open = take();
  bool named = at(TokenKind::identifier) && peek(1).is(TokenKind::colon);
  llvm::SmallVector<RecordType::Field> fields;
  llvm::SmallVector<Identifier> list;
  auto parseField = [&] {
    RecordType::Field field{};
    if (named) {
      std::optional<Identifier> name = expectName("the name of a field");
      if (!name || !expect(TokenKind::colon, "after the name of a field"))
        return false;
      field.name = *name;
      list.push_back(*name);
    }
    field.type = parseType();
    fields.push_back(field);
    return field.type != nullptr;
  };
  if (at(TokenKind::r_paren)) {
    expected("a field such as a: f32[n]");
    return nullptr;
  }
  if (!parseList(TokenKind::r_paren, parseField))
    return nullptr;
  if (!named && fields.size() == 1 && at(TokenKind::r_paren)) {
    if (Diagnostic *error = expected("',' and a second type"))
      error->advice("a tuple has at least two items; a single type stands without parentheses");
    return nullptr;
  }
  if (!close(TokenKind::r_paren, open))
    return nullptr;
  checkDistinct(list, "the field");
  return make<RecordType>(from(open.getLoc()), context.copy(llvm::ArrayRef(fields)));
}
