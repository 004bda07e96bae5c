// The `train` declaration.
#include "Frontend/ParserImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace rondo;
using namespace rondo::ast;

/// [Decl-Train] train MODEL { clause ... }, where the model is a name, with or without generic
/// arguments.
Decl *Parser::parseTrain() {
  llvm::SMLoc start = take().getLoc();
  std::optional<Identifier> name = expectName("the name of a model after 'train'");
  if (!name)
    return nullptr;
  Expr *model = make<NameExpr>(name->range, *name, /*primed=*/false);
  if (at(TokenKind::less) && !set(model, parseGeneric(llvm::cast<NameExpr>(model))))
    return nullptr;
  const Token open = peek();
  if (!takeIf(TokenKind::l_brace)) {
    expected("'{' before the clauses of 'train'");
    return nullptr;
  }

  llvm::SmallVector<TrainClause> clauses;
  bool closed = parseBraces(
      open,
      [&] {
        std::optional<TrainClause> clause = parseTrainClause();
        if (!clause || !endOfStmt())
          return false;
        const auto *earlier = llvm::find_if(
            clauses, [&](const TrainClause &other) { return other.kind == clause->kind; });
        if (earlier != clauses.end())
          diagnostics
              .error(clause->range, "the clause '" + spelling(clause->kind) + "' stands twice")
              .note(earlier->range, "the first one is here");
        else
          clauses.push_back(*clause);
        return true;
      },
      /*fnInside=*/false);
  if (!closed)
    return nullptr;
  return make<TrainDecl>(from(start), model, context.copy(llvm::ArrayRef(clauses)));
}

/// [Train-Clause] minimize, data, optimizer, clip norm, clip value, batch or steps, then a value.
std::optional<TrainClause> Parser::parseTrainClause() {
  llvm::SMLoc start = peek().getLoc();
  std::optional<TrainClauseKind> kind;
  if (atWord("clip")) {
    take();
    kind = atWord("norm")    ? std::optional(TrainClauseKind::ClipNorm)
           : atWord("value") ? std::optional(TrainClauseKind::ClipValue)
                             : std::nullopt;
    if (!kind) {
      expected("'norm' or 'value' after 'clip'");
      return std::nullopt;
    }
  } else {
    for (TrainClauseKind candidate :
         {TrainClauseKind::Minimize, TrainClauseKind::Data, TrainClauseKind::Optimizer,
          TrainClauseKind::Batch, TrainClauseKind::Steps})
      if (atWord(spelling(candidate)))
        kind = candidate;
    if (!kind) {
      llvm::SaveAndRestore<bool> sameLine(newlinesCount, false);
      expected("a clause of 'train': minimize, data, optimizer, clip, batch or steps");
      return std::nullopt;
    }
  }
  take();
  if (!continues()) {
    expected("a value after '" + spelling(*kind) + "'");
    return std::nullopt;
  }
  Expr *value = parseExpr();
  if (!value)
    return std::nullopt;
  return TrainClause{*kind, llvm::SMRange(start, value->range.End), value};
}
