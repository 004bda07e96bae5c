// The syntax tree of statements and declarations; includes the rest of the tree.
// GRAMMAR.md has the rule behind every class.
#ifndef RONDO_FRONTEND_AST_H
#define RONDO_FRONTEND_AST_H

#include "Frontend/ASTExpr.h"

namespace llvm {
class raw_ostream;
class SourceMgr;
} // namespace llvm

namespace rondo::ast {

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// [Body] The statements between braces. The parser does not ask where the result stands: an
/// ExprStmt that is not last, or a body without one, is semantic analysis' to refuse.
struct Body {
  llvm::SMRange range; ///< With the braces.
  llvm::ArrayRef<Stmt *> stmts;
  unsigned height;

  Body(llvm::SMRange range, llvm::ArrayRef<Stmt *> stmts) : range(range), stmts(stmts), height(1) {
    for (Stmt *stmt : stmts)
      height = std::max(height, stmt->height + 1);
  }
};

/// [Stmt-State] `state h, c : f32[hidden] = 0`, `state m, v : like p = 0`, `state t = 0`.
struct StateStmt : NodeOf<Stmt, NodeKind::StateStmt> {
  llvm::ArrayRef<Identifier> names;
  TypeExpr *type; ///< Null when it is the type of the initial value.
  Expr *init;
  StateStmt(llvm::SMRange range, llvm::ArrayRef<Identifier> names, TypeExpr *type, Expr *init)
      : NodeOf(range), names(names), type(type), init(init) {
    raise(type);
    raise(init);
  }
};

/// [Stmt-Param] `param W : f32[4, n] ~ glorot` or `param b : f32[4] = 0`.
struct ParamStmt : NodeOf<Stmt, NodeKind::ParamStmt> {
  llvm::ArrayRef<Identifier> names;
  TypeExpr *type;
  bool isDrawn; ///< Written with `~`: `init` is an initialiser's name, or a call of it.
  Expr *init;
  ParamStmt(llvm::SMRange range, llvm::ArrayRef<Identifier> names, TypeExpr *type, bool isDrawn,
            Expr *init)
      : NodeOf(range), names(names), type(type), isDrawn(isDrawn), init(init) {
    raise(type);
    raise(init);
  }
};

/// [Stmt-Let] `let x = e`, `let (a, b) = e`.
struct LetStmt : NodeOf<Stmt, NodeKind::LetStmt> {
  Pattern pattern;
  Expr *value;
  LetStmt(llvm::SMRange range, Pattern pattern, Expr *value)
      : NodeOf(range), pattern(pattern), value(value) {
    raise(value);
  }
};

/// [Stmt-Assign] `h' = e`. The name is without the prime, its range with it.
struct AssignStmt : NodeOf<Stmt, NodeKind::AssignStmt> {
  Identifier name;
  Expr *value;
  AssignStmt(llvm::SMRange range, Identifier name, Expr *value)
      : NodeOf(range), name(name), value(value) {
    raise(value);
  }
};

/// [Stmt-Layer] `layer r = lstm<n>`.
struct LayerStmt : NodeOf<Stmt, NodeKind::LayerStmt> {
  Identifier name;
  Expr *value;
  LayerStmt(llvm::SMRange range, Identifier name, Expr *value)
      : NodeOf(range), name(name), value(value) {
    raise(value);
  }
};

/// [Stmt-Result] An expression: the value of its body.
struct ExprStmt : NodeOf<Stmt, NodeKind::ExprStmt> {
  Expr *value;
  explicit ExprStmt(Expr *value) : NodeOf(value->range), value(value) { raise(value); }
};

/// [Stmt-Fn] A `fn` inside a model.
struct DeclStmt : NodeOf<Stmt, NodeKind::DeclStmt> {
  Decl *decl;
  explicit DeclStmt(Decl *decl) : NodeOf(decl->range), decl(decl) { raise(decl); }
};

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// [Decl-Import] `import rnn`.
struct ImportDecl : NodeOf<Decl, NodeKind::ImportDecl> {
  Identifier module;
  ImportDecl(llvm::SMRange range, Identifier module) : NodeOf(range), module(module) {}
};

/// [Generic-Kind] What a generic parameter stands for; Unmarked where the source does not say, in
/// which case the name cannot be followed by generic arguments of its own.
enum class GenericKind { Unmarked, Int, Fn, Block, Cell, Model };

/// [Generic-Param] `width = 256`, `layers : int`, `f : cell`.
struct GenericParam {
  Identifier name;
  GenericKind kind;
  llvm::SMRange kindRange; ///< Invalid where Unmarked.
  Expr *defaultValue;      ///< May be null.
};

/// [Param-Value] `x: f32[n]`, `temperature: f32 = 1.0`, `p`, `lr = 1e-3`.
struct ValueParam {
  Identifier name;
  TypeExpr *type;     ///< Null when it is not written.
  Expr *defaultValue; ///< May be null.
};

enum class CallableKind { Fn, Block, Cell, Model };
/// The keyword: "fn", "block", "cell" or "model".
llvm::StringRef spelling(CallableKind kind);
/// The keyword, "int", or "" for Unmarked.
llvm::StringRef spelling(GenericKind kind);

/// [Decl-Fn], [Decl-Block], [Decl-Cell], [Decl-Model]. A model has no value parameters and no
/// result type.
struct CallableDecl : NodeOf<Decl, NodeKind::CallableDecl> {
  CallableKind callableKind;
  Identifier name;
  llvm::ArrayRef<GenericParam> generics;
  llvm::ArrayRef<ValueParam> params;
  TypeExpr *resultType; ///< May be null.
  Body *body;
  CallableDecl(llvm::SMRange range, CallableKind callableKind, Identifier name,
               llvm::ArrayRef<GenericParam> generics, llvm::ArrayRef<ValueParam> params,
               TypeExpr *resultType, Body *body)
      : NodeOf(range), callableKind(callableKind), name(name), generics(generics), params(params),
        resultType(resultType), body(body) {
    for (const GenericParam &param : generics)
      raise(param.defaultValue);
    for (const ValueParam &param : params) {
      raise(param.type);
      raise(param.defaultValue);
    }
    raise(resultType);
    height = std::max(height, body->height + 1);
  }
};

/// [Train-Clause] The clauses that a `train` may have, each at most once.
enum class TrainClauseKind { Minimize, Data, Optimizer, ClipNorm, ClipValue, Batch, Steps };
/// How the clause begins, for example "clip norm".
llvm::StringRef spelling(TrainClauseKind kind);

struct TrainClause {
  TrainClauseKind kind;
  llvm::SMRange range; ///< The whole clause.
  Expr *value;
};

/// [Decl-Train] `train CharLM { ... }`; the model is a name or a generic application.
struct TrainDecl : NodeOf<Decl, NodeKind::TrainDecl> {
  Expr *model;
  llvm::ArrayRef<TrainClause> clauses;
  TrainDecl(llvm::SMRange range, Expr *model, llvm::ArrayRef<TrainClause> clauses)
      : NodeOf(range), model(model), clauses(clauses) {
    raise(model);
    for (const TrainClause &clause : clauses)
      raise(clause.value);
  }
  /// The clause of a kind, or null.
  const TrainClause *find(TrainClauseKind kind) const {
    for (const TrainClause &clause : clauses)
      if (clause.kind == kind)
        return &clause;
    return nullptr;
  }
};

/// [Module] One file, in source order.
struct Module {
  llvm::StringRef name; ///< The file's stem: `rnn` for lib/Std/rnn.rondo.
  llvm::ArrayRef<Decl *> decls;
};

inline RepeatExpr::RepeatExpr(llvm::SMRange range, Expr *count, Pattern pattern, Expr *start,
                              Body *body)
    : NodeOf(range), count(count), pattern(pattern), start(start), body(body) {
  raise(count);
  raise(start);
  height = std::max(height, body->height + 1);
}

/// Writes the tree, one statement a line with its expression as an s-expression: unambiguous, and
/// quick to check in a test. With a source manager, every line starts with its line and column.
void dump(const Module &module, llvm::raw_ostream &os, const llvm::SourceMgr *sources = nullptr);
void dump(const Expr *expr, llvm::raw_ostream &os);
void dump(const TypeExpr *type, llvm::raw_ostream &os);

/// Writes the tree as rondo text that parses to the same tree.
void print(const Module &module, llvm::raw_ostream &os);
void print(const Expr *expr, llvm::raw_ostream &os);
void print(const TypeExpr *type, llvm::raw_ostream &os);

} // namespace rondo::ast

#endif // RONDO_FRONTEND_AST_H
