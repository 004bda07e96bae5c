// The names of kinds and operators, and the dump: statements as lines, expressions as
// s-expressions.
#include "Frontend/AST.h"

#include "Frontend/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <charconv>

using namespace rondo;
using namespace rondo::ast;
using llvm::StringRef;

StringRef ast::spelling(UnaryOp op) { return op == UnaryOp::Minus ? "-" : "not"; }

StringRef ast::spelling(BinaryOp op) {
  static constexpr StringRef names[] = {"+",  "-", "*",  "/",  "%",  "^",   "@", "<",
                                        "<=", ">", ">=", "==", "!=", "and", "or"};
  return names[unsigned(op)];
}

StringRef ast::spelling(CallableKind kind) {
  static constexpr StringRef names[] = {"fn", "block", "cell", "model"};
  return names[unsigned(kind)];
}

StringRef ast::spelling(GenericKind kind) {
  static constexpr StringRef names[] = {"", "int", "fn", "block", "cell", "model"};
  return names[unsigned(kind)];
}

StringRef ast::spelling(TrainClauseKind kind) {
  static constexpr StringRef names[] = {"minimize",   "data",  "optimizer", "clip norm",
                                        "clip value", "batch", "steps"};
  return names[unsigned(kind)];
}

StringRef ast::spelling(Remat remat) {
  static constexpr StringRef names[] = {"auto", "all", "none"};
  return names[unsigned(remat)];
}

std::string ast::floatSpelling(double value) {
  char buffer[40];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  std::string text(buffer, end);
  return StringRef(text).find_first_of(".e") == StringRef::npos ? text + ".0" : text;
}

StringRef ast::kindName(NodeKind kind) {
  static constexpr StringRef names[] = {
      "ArrayType",         "IndexType",   "RecordType", "LikeType",  "IntExpr",      "FloatExpr",
      "BoolExpr",          "StringExpr",  "NameExpr",   "FieldExpr", "UnaryExpr",    "BinaryExpr",
      "CallExpr",          "GenericExpr", "IndexExpr",  "SliceExpr", "EllipsisExpr", "ListExpr",
      "ComprehensionExpr", "TupleExpr",   "RecordExpr", "IfExpr",    "LambdaExpr",   "UnrollExpr",
      "RepeatExpr",        "WithExpr",    "WhereExpr",  "StateStmt", "ParamStmt",    "LetStmt",
      "AssignStmt",        "LayerStmt",   "ExprStmt",   "DeclStmt",  "ImportDecl",   "CallableDecl",
      "TrainDecl"};
  static_assert(std::size(names) == unsigned(NodeKind::LastDecl) + 1);
  return names[unsigned(kind)];
}

namespace {
class Dumper {
public:
  Dumper(llvm::raw_ostream &os, const llvm::SourceMgr *sources) : os(os), sources(sources) {}

  void dump(const Module &module);
  void dump(const Expr *expr);
  void dump(const TypeExpr *type);

private:
  void dump(const Decl *decl);
  void dump(const CallableDecl *decl);
  void dump(const Stmt *stmt);
  void dump(const Body *body);
  void dump(const Pattern &pattern);
  void dump(llvm::ArrayRef<Identifier> names) {
    llvm::interleaveComma(names, os, [&](const Identifier &name) { os << name.name; });
  }
  void dims(llvm::ArrayRef<Expr *> dims);
  /// (HEAD child child ...)
  template <typename List> void form(StringRef head, const List &children) {
    os << '(' << head;
    for (const auto &child : children) {
      os << ' ';
      dumpChild(child);
    }
    os << ')';
  }
  void dumpChild(const Expr *expr) { expr ? dump(expr) : void(os << '_'); }
  void dumpChild(const Argument &arg) {
    if (arg.name)
      os << arg.name.name << '=';
    dump(arg.value);
  }
  llvm::raw_ostream &line(const Node *node);

  llvm::raw_ostream &os;
  const llvm::SourceMgr *sources;
  unsigned indent = 0;
};
} // namespace

llvm::raw_ostream &Dumper::line(const Node *node) {
  if (sources && node->range.isValid()) {
    auto [line, column] = sources->getLineAndColumn(node->range.Start);
    auto [endLine, endColumn] = sources->getLineAndColumn(node->range.End);
    os << line << ':' << column << '-' << endLine << ':' << endColumn << ' ';
  }
  return os.indent(2 * indent);
}

void Dumper::dump(const Module &module) {
  os << "module " << module.name << '\n';
  ++indent;
  for (const Decl *decl : module.decls)
    dump(decl);
  --indent;
}

void Dumper::dump(const Decl *decl) {
  if (auto *import = llvm::dyn_cast<ImportDecl>(decl)) {
    line(decl) << "import " << import->module.name << '\n';
  } else if (auto *train = llvm::dyn_cast<TrainDecl>(decl)) {
    line(decl) << "train ";
    dump(train->model);
    os << '\n';
    for (const TrainClause &clause : train->clauses) {
      line(clause.value).indent(2) << spelling(clause.kind) << ' ';
      dump(clause.value);
      os << '\n';
    }
  } else {
    dump(llvm::cast<CallableDecl>(decl));
  }
}

void Dumper::dump(const CallableDecl *decl) {
  line(decl) << spelling(decl->callableKind) << ' ' << decl->name.name;
  if (!decl->generics.empty()) {
    os << " <";
    llvm::interleaveComma(decl->generics, os, [&](const GenericParam &param) {
      os << param.name.name;
      if (param.kind != GenericKind::Unmarked)
        os << " : " << spelling(param.kind);
      if (param.defaultValue) {
        os << " = ";
        dump(param.defaultValue);
      }
    });
    os << '>';
  }
  if (decl->callableKind != CallableKind::Model) {
    os << " (";
    llvm::interleaveComma(decl->params, os, [&](const ValueParam &param) {
      os << param.name.name;
      if (param.type) {
        os << " : ";
        dump(param.type);
      }
      if (param.defaultValue) {
        os << " = ";
        dump(param.defaultValue);
      }
    });
    os << ')';
  }
  if (decl->resultType) {
    os << " -> ";
    dump(decl->resultType);
  }
  os << '\n';
  dump(decl->body);
}

void Dumper::dump(const Body *body) {
  ++indent;
  for (const Stmt *stmt : body->stmts)
    dump(stmt);
  --indent;
}

void Dumper::dump(const Pattern &pattern) {
  os << (pattern.isTuple ? "(" : "");
  dump(pattern.names);
  os << (pattern.isTuple ? ")" : "");
}

void Dumper::dump(const Stmt *stmt) {
  const Expr *value = nullptr;
  llvm::TypeSwitch<const Stmt *>(stmt)
      .Case([&](const StateStmt *state) {
        line(stmt) << "state ";
        dump(state->names);
        if (state->type) {
          os << " : ";
          dump(state->type);
        }
        os << " = ";
        value = state->init;
      })
      .Case([&](const ParamStmt *param) {
        line(stmt) << "param ";
        dump(param->names);
        os << " : ";
        dump(param->type);
        os << (param->isDrawn ? " ~ " : " = ");
        value = param->init;
      })
      .Case([&](const LetStmt *let) {
        line(stmt) << "let ";
        dump(let->pattern);
        os << " = ";
        value = let->value;
      })
      .Case([&](const AssignStmt *assign) {
        line(stmt) << "assign " << assign->name.name << "' = ";
        value = assign->value;
      })
      .Case([&](const LayerStmt *layer) {
        line(stmt) << "layer " << layer->name.name << " = ";
        value = layer->value;
      })
      .Case([&](const ExprStmt *result) {
        line(stmt) << "result ";
        value = result->value;
      });
  if (!value)
    return dump(llvm::cast<DeclStmt>(stmt)->decl);
  dump(value);
  os << '\n';
}

void Dumper::dims(llvm::ArrayRef<Expr *> dims) {
  if (dims.empty())
    return;
  os << '[';
  llvm::interleaveComma(dims, os, [&](const Expr *dim) { dump(dim); });
  os << ']';
}

void Dumper::dump(const TypeExpr *type) {
  if (auto *array = llvm::dyn_cast<ArrayType>(type)) {
    os << array->element.name;
    dims(array->dims);
  } else if (auto *index = llvm::dyn_cast<IndexType>(type)) {
    os << "idx<";
    dump(index->bound);
    os << '>';
    dims(index->dims);
  } else if (auto *like = llvm::dyn_cast<LikeType>(type)) {
    os << "like ";
    dump(like->value);
  } else {
    os << '(';
    llvm::interleaveComma(llvm::cast<RecordType>(type)->fields, os,
                          [&](const RecordType::Field &field) {
                            if (field.name)
                              os << field.name.name << " : ";
                            dump(field.type);
                          });
    os << ')';
  }
}

void Dumper::dump(const Expr *expr) {
  using Exprs = llvm::ArrayRef<const Expr *>;
  llvm::TypeSwitch<const Expr *>(expr)
      .Case([&](const IntExpr *e) { os << e->value; })
      .Case([&](const FloatExpr *e) { os << floatSpelling(e->value); })
      .Case([&](const BoolExpr *e) { os << (e->value ? "true" : "false"); })
      .Case([&](const StringExpr *e) { os << escape(e->value); })
      .Case([&](const NameExpr *e) { os << e->name.name << (e->primed ? "'" : ""); })
      .Case([&](const FieldExpr *e) {
        os << "(field ";
        dump(e->base);
        os << ' ' << e->field.name << (e->primed ? "'" : "") << ')';
      })
      .Case([&](const UnaryExpr *e) { form(spelling(e->op), Exprs{e->operand}); })
      .Case([&](const BinaryExpr *e) { form(spelling(e->op), Exprs{e->lhs, e->rhs}); })
      .Case([&](const CallExpr *e) {
        os << "(call ";
        dump(e->callee);
        for (const Argument &arg : e->args)
          os << ' ', dumpChild(arg);
        os << ')';
      })
      .Case([&](const GenericExpr *e) { form(("generic " + e->base->name.name).str(), e->args); })
      .Case([&](const IndexExpr *e) {
        os << "(index ";
        dump(e->base);
        for (const Expr *item : e->items)
          os << ' ', dump(item);
        os << ')';
      })
      .Case([&](const SliceExpr *e) { form("slice", Exprs{e->lower, e->upper}); })
      .Case([&](const EllipsisExpr *) { os << "..."; })
      .Case([&](const ListExpr *e) { form("list", e->items); })
      .Case([&](const ComprehensionExpr *e) {
        os << "(array";
        for (const ComprehensionExpr::Index &index : e->indices) {
          os << " (" << index.name.name << ' ';
          dump(index.extent);
          os << ')';
        }
        os << ' ';
        dump(e->body);
        os << ')';
      })
      .Case([&](const TupleExpr *e) { form("tuple", e->items); })
      .Case([&](const RecordExpr *e) { form("record", e->fields); })
      .Case([&](const IfExpr *e) { form("if", Exprs{e->condition, e->thenValue, e->elseValue}); })
      .Case([&](const LambdaExpr *e) {
        os << "(lambda (";
        dump(e->params);
        os << ") ";
        dump(e->body);
        os << ')';
      })
      .Case([&](const UnrollExpr *e) {
        os << (e->isScan ? "(scan " : "(unroll ");
        dump(e->cell);
        const UnrollModifiers &m = e->modifiers;
        std::pair<StringRef, const Expr *> operands[] = {{"over", m.over},
                                                         {"from", m.from},
                                                         {"for", m.count},
                                                         {"truncate", m.truncate},
                                                         {"reset when", m.reset}};
        for (auto [word, operand] : operands)
          if (operand)
            os << ' ' << word << ' ', dump(operand);
        os << (e->isReverse() ? " reverse" : "") << (e->isStateful() ? " stateful" : "");
        if (m.rematRange.isValid())
          os << " remat " << spelling(m.remat);
        os << ')';
      })
      .Case([&](const RepeatExpr *e) {
        os << "(repeat ";
        dump(e->count);
        os << " with ";
        dump(e->pattern);
        os << " = ";
        dump(e->start);
        os << '\n';
        dump(e->body);
        line(e) << ')';
      })
      .Case([&](const WithExpr *e) { form("with", Exprs{e->base, e->params}); })
      .Case([&](const WhereExpr *e) { form("where", Exprs{e->base, e->pattern, e->via}); });
}

void ast::dump(const Module &module, llvm::raw_ostream &os, const llvm::SourceMgr *sources) {
  Dumper(os, sources).dump(module);
}
void ast::dump(const Expr *expr, llvm::raw_ostream &os) { Dumper(os, nullptr).dump(expr); }
void ast::dump(const TypeExpr *type, llvm::raw_ostream &os) { Dumper(os, nullptr).dump(type); }
