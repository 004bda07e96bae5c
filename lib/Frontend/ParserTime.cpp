// Expressions over time and layers: unroll, scan, repeat.
#include "Frontend/ParserImpl.h"

using namespace rondo;
using namespace rondo::ast;

/// [Expr-Unroll] unroll CELL modifiers, or scan CELL modifiers, where CELL is a postfix expression
Expr *Parser::parseUnroll() {
  const Token keyword = take();
  Expr *cell = parsePostfix();
  UnrollModifiers modifiers;
  if (!cell || !parseModifiers(modifiers))
    return nullptr;
  if (!modifiers.over && !modifiers.count) {
    if (Diagnostic *error = expected("'over' and a sequence, or 'for' and a number of steps, after "
                                     "the cell"))
      if (auto *name = llvm::dyn_cast<NameExpr>(cell); name && at(TokenKind::less))
        error->note(name->range, "'" + name->name.name +
                                     "' is not known here as a fn, block, cell or model; is an "
                                     "import missing?");
    return nullptr;
  }
  return make<UnrollExpr>(from(keyword.getLoc()), keyword.is(TokenKind::kw_scan), cell, modifiers);
}

/// [Unroll-Modifiers] over expr, reverse, from expr, for expr, truncate expr, reset when expr,
/// remat auto|all|none, stateful: in any order, each at most once.
bool Parser::parseModifiers(UnrollModifiers &modifiers) {
  llvm::SmallVector<Token> seen;
  while (continues() && at(TokenKind::identifier)) {
    const Token word = peek();
    Expr **operand = word.text == "over"       ? &modifiers.over
                     : word.text == "from"     ? &modifiers.from
                     : word.text == "for"      ? &modifiers.count
                     : word.text == "truncate" ? &modifiers.truncate
                     : word.text == "reset"    ? &modifiers.reset
                                               : nullptr;
    llvm::SMRange *flag = word.text == "reverse"    ? &modifiers.reverse
                          : word.text == "stateful" ? &modifiers.stateful
                          : word.text == "remat"    ? &modifiers.rematRange
                                                    : nullptr;
    if (!operand && !flag)
      return true;
    for (const Token &earlier : seen)
      if (earlier.text == word.text)
        diagnostics.error(word.getRange(), "the modifier '" + word.text + "' stands here twice")
            .note(earlier.getRange(), "the first one is here");
    seen.push_back(word);
    take();

    if (flag)
      *flag = word.getRange();
    if (flag == &modifiers.rematRange) {
      bool known = continues() && (atWord("auto") || atWord("all") || atWord("none"));
      if (!known) {
        expected("auto, all or none after 'remat'");
        return false;
      }
      modifiers.remat = atWord("auto") ? Remat::Auto : atWord("all") ? Remat::All : Remat::None;
      take();
    }
    if (operand == &modifiers.reset) {
      if (!continues() || !atWord("when")) {
        expected("'when' after 'reset'");
        return false;
      }
      take();
    }
    if (operand && !set(*operand, parseExpr()))
      return false;
  }
  return true;
}

/// [Expr-Repeat] repeat expr with pattern = expr body
Expr *Parser::parseRepeat() {
  llvm::SMLoc start = take().getLoc();
  Expr *count = parseOperators(0);
  if (!count)
    return nullptr;
  if (!continues() || !atWord("with")) {
    if (Diagnostic *error = expected("'with' after the number of repetitions"))
      error->advice("write 'repeat L with h = x { ... }': h is x at first, then the body's value");
    return nullptr;
  }
  take();
  std::optional<Pattern> pattern = parsePattern();
  if (!pattern || !expect(TokenKind::equal, "and the first value"))
    return nullptr;
  Expr *first = parseExpr();
  if (!first)
    return nullptr;
  Scope scope(names);
  declare(pattern->names);
  Body *body = parseBody("before the body of 'repeat'");
  return body ? make<RepeatExpr>(from(start), count, *pattern, first, body) : nullptr;
}
