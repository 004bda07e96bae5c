// Expressions: operators by precedence.
#include "Frontend/ParserImpl.h"

using namespace rondo;
using namespace rondo::ast;

namespace {
struct BinaryInfo {
  BinaryOp op;
  unsigned precedence;
};

// From the loosest to the tightest; `^` binds tighter than the unary minus on its left.
enum Precedence : unsigned { OrLevel = 1, AndLevel, NotLevel, CompareLevel, AddLevel, MulLevel };
} // namespace

/// [Expr-Or] [Expr-And] [Expr-Compare] [Expr-Add] [Expr-Mul]
static std::optional<BinaryInfo> binaryInfo(TokenKind kind) {
  switch (kind) {
  case TokenKind::kw_or:
    return BinaryInfo{BinaryOp::Or, OrLevel};
  case TokenKind::kw_and:
    return BinaryInfo{BinaryOp::And, AndLevel};
  case TokenKind::less:
    return BinaryInfo{BinaryOp::Lt, CompareLevel};
  case TokenKind::less_equal:
    return BinaryInfo{BinaryOp::Le, CompareLevel};
  case TokenKind::greater:
    return BinaryInfo{BinaryOp::Gt, CompareLevel};
  case TokenKind::greater_equal:
    return BinaryInfo{BinaryOp::Ge, CompareLevel};
  case TokenKind::equal_equal:
    return BinaryInfo{BinaryOp::Eq, CompareLevel};
  case TokenKind::not_equal:
    return BinaryInfo{BinaryOp::Ne, CompareLevel};
  case TokenKind::plus:
    return BinaryInfo{BinaryOp::Add, AddLevel};
  case TokenKind::minus:
    return BinaryInfo{BinaryOp::Sub, AddLevel};
  case TokenKind::star:
    return BinaryInfo{BinaryOp::Mul, MulLevel};
  case TokenKind::slash:
    return BinaryInfo{BinaryOp::Div, MulLevel};
  case TokenKind::percent:
    return BinaryInfo{BinaryOp::Rem, MulLevel};
  case TokenKind::at:
    return BinaryInfo{BinaryOp::Contract, MulLevel};
  default:
    return std::nullopt;
  }
}

/// [Expr] operators { [Expr-With] with operators | [Expr-Where] where STRING via operators }
Expr *Parser::parseExpr() {
  Expr *expr = parseOperators(OrLevel);
  while (expr && continues()) {
    if (atWord("with")) {
      take();
      Expr *params = parseOperators(OrLevel);
      expr = params ? make<WithExpr>(from(expr->getLoc()), expr, params) : nullptr;
    } else if (atWord("where")) {
      take();
      if (!at(TokenKind::string)) {
        expected("a string with the paths of parameters after 'where'");
        return nullptr;
      }
      auto *pattern = llvm::cast<StringExpr>(parsePrimary());
      if (!continues() || !atWord("via")) {
        expected("'via' after the paths");
        return nullptr;
      }
      take();
      Expr *via = parseOperators(OrLevel);
      expr = via ? make<WhereExpr>(from(expr->getLoc()), expr, pattern, via) : nullptr;
    } else {
      break;
    }
  }
  return expr;
}

/// [Expr-Chain] Comparisons do not chain.
bool Parser::refuseChain(const BinaryExpr *comparison) {
  Diagnostic &error =
      diagnostics.error(peek().getRange(), "expected one comparison, found a second "
                                           "one after it; comparisons do not chain");
  const auto *name = llvm::dyn_cast<NameExpr>(comparison->lhs);
  if (comparison->op == BinaryOp::Lt && at(TokenKind::greater) && name && name == lessThanName)
    error.note(name->range, "'" + name->name.name +
                                "' is not known here as a fn, block, cell or model, so this '<' "
                                "compares; is an import missing?");
  else
    error.note(comparison->opRange, "the first comparison is here")
        .advice("join the two with 'and', or put one into parentheses");
  return false;
}

Expr *Parser::parseOperators(unsigned minPrecedence) {
  Expr *lhs = parseUnary();
  while (lhs && continues()) {
    std::optional<BinaryInfo> info = binaryInfo(peek().kind);
    if (!info || info->precedence < minPrecedence ||
        (info->precedence == CompareLevel && !comparisonsAllowed))
      break;
    const Token op = take();
    if (auto *name = llvm::dyn_cast<NameExpr>(lhs); name && op.is(TokenKind::less))
      lessThanName = name;
    Expr *rhs = parseOperators(info->precedence + 1);
    lhs = rhs ? make<BinaryExpr>(from(lhs->getLoc()), info->op, op.getRange(), lhs, rhs) : nullptr;
    if (!lhs || info->precedence != CompareLevel || !continues())
      continue;
    std::optional<BinaryInfo> next = binaryInfo(peek().kind);
    if (next && next->precedence == CompareLevel)
      return refuseChain(llvm::cast<BinaryExpr>(lhs)), nullptr;
  }
  return lhs;
}

/// [Expr-Unary] [Expr-Not] not operand, down to the comparisons. [Expr-Minus] - operand, down to
/// `^`.
Expr *Parser::parseUnary() {
  Nested level(*this);
  if (tooDeep())
    return nullptr;
  const Token op = peek();
  Expr *operand = nullptr;
  if (takeIf(TokenKind::kw_not)) {
    operand = parseOperators(CompareLevel);
    return operand ? make<UnaryExpr>(from(op.getLoc()), UnaryOp::Not, operand) : nullptr;
  }
  if (takeIf(TokenKind::minus)) {
    operand = parseUnary();
    return operand ? make<UnaryExpr>(from(op.getLoc()), UnaryOp::Minus, operand) : nullptr;
  }
  return parsePower();
}

/// [Expr-Pow] postfix [^ unary], from the right
Expr *Parser::parsePower() {
  Expr *base = parsePostfix();
  if (!base || !continues() || !at(TokenKind::caret))
    return base;
  const Token op = take();
  Expr *exponent = parseUnary();
  if (!exponent)
    return nullptr;
  return make<BinaryExpr>(from(base->getLoc()), BinaryOp::Pow, op.getRange(), base, exponent);
}
