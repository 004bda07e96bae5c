// The syntax tree as rondo text. Parentheses stand only where the grammar needs them, so that what
// is printed parses to the same tree.
#include "Frontend/AST.h"

#include "Frontend/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SaveAndRestore.h"
#include "llvm/Support/raw_ostream.h"

using namespace rondo;
using namespace rondo::ast;
using llvm::StringRef;

namespace {
/// How tightly a form binds. `Open` forms (if, unroll, with ...) take everything to their right.
enum Level : unsigned { Open, Or, And, Not, Compare, Add, Mul, Minus, Pow, Postfix };

class Printer {
public:
  explicit Printer(llvm::raw_ostream &os) : os(os) {}

  void print(const Module &module);
  void print(const TypeExpr *type);
  void print(const Expr *expr, unsigned least = Open);

private:
  void print(const Decl *decl);
  void print(const CallableDecl *decl);
  void print(const Stmt *stmt);
  void print(const Body *body);
  void print(const Pattern &pattern);
  void printForm(const Expr *expr);
  void names(llvm::ArrayRef<Identifier> list) {
    llvm::interleaveComma(list, os, [&](const Identifier &name) { os << name.name; });
  }
  void dims(llvm::ArrayRef<Expr *> dims) {
    if (!dims.empty())
      bracketed('[', dims, ']');
  }
  void item(const Expr *expr) { print(expr); }
  void item(const Argument &arg) {
    if (arg.name)
      os << arg.name.name << " = ";
    print(arg.value);
  }
  template <typename T>
  void bracketed(char open, llvm::ArrayRef<T> items, char close, bool guarded = false) {
    llvm::SaveAndRestore<bool> inside(guardComparisons, guarded);
    os << open;
    llvm::interleaveComma(items, os, [&](const T &child) { item(child); });
    os << close;
  }

  llvm::raw_ostream &os;
  unsigned indent = 0;
  /// Directly inside `<...>`, or where `[NAME <` would begin a comprehension.
  bool guardComparisons = false;
};
} // namespace

void Printer::print(const Module &module) {
  bool wasImport = true;
  for (const Decl *decl : module.decls) {
    bool isImport = llvm::isa<ImportDecl>(decl);
    if (decl != module.decls.front() && !(isImport && wasImport))
      os << '\n';
    print(decl);
    wasImport = isImport;
  }
}

void Printer::print(const Decl *decl) {
  if (auto *import = llvm::dyn_cast<ImportDecl>(decl)) {
    os << "import " << import->module.name << '\n';
  } else if (auto *train = llvm::dyn_cast<TrainDecl>(decl)) {
    os << "train ";
    print(train->model);
    os << " {\n";
    ++indent;
    for (const TrainClause &clause : train->clauses) {
      os.indent(2 * indent) << spelling(clause.kind) << ' ';
      print(clause.value);
      os << '\n';
    }
    --indent;
    os << "}\n";
  } else {
    print(llvm::cast<CallableDecl>(decl));
    os << '\n';
  }
}

void Printer::print(const CallableDecl *decl) {
  os << spelling(decl->callableKind) << ' ' << decl->name.name;
  if (!decl->generics.empty()) {
    llvm::SaveAndRestore<bool> inside(guardComparisons, true);
    os << '<';
    llvm::interleaveComma(decl->generics, os, [&](const GenericParam &param) {
      os << param.name.name;
      if (param.kind != GenericKind::Unmarked)
        os << " : " << spelling(param.kind);
      if (param.defaultValue) {
        os << " = ";
        print(param.defaultValue);
      }
    });
    os << '>';
  }
  if (decl->callableKind != CallableKind::Model) {
    os << '(';
    llvm::interleaveComma(decl->params, os, [&](const ValueParam &param) {
      os << param.name.name;
      if (param.type) {
        os << ": ";
        print(param.type);
      }
      if (param.defaultValue) {
        os << " = ";
        print(param.defaultValue);
      }
    });
    os << ')';
  }
  if (decl->resultType) {
    os << " -> ";
    print(decl->resultType);
  }
  os << ' ';
  print(decl->body);
}

void Printer::print(const Body *body) {
  llvm::SaveAndRestore<bool> inside(guardComparisons, false);
  os << "{\n";
  ++indent;
  for (const Stmt *stmt : body->stmts) {
    os.indent(2 * indent);
    print(stmt);
    os << '\n';
  }
  --indent;
  os.indent(2 * indent) << '}';
}

void Printer::print(const Pattern &pattern) {
  os << (pattern.isTuple ? "(" : "");
  names(pattern.names);
  os << (pattern.isTuple ? ")" : "");
}

void Printer::print(const Stmt *stmt) {
  llvm::TypeSwitch<const Stmt *>(stmt)
      .Case([&](const StateStmt *state) {
        os << "state ";
        names(state->names);
        if (state->type) {
          os << " : ";
          print(state->type);
        }
        os << " = ";
        print(state->init);
      })
      .Case([&](const ParamStmt *param) {
        os << "param ";
        names(param->names);
        os << " : ";
        print(param->type);
        os << (param->isDrawn ? " ~ " : " = ");
        print(param->init, param->isDrawn ? Postfix : Open);
      })
      .Case([&](const LetStmt *let) {
        os << "let ";
        print(let->pattern);
        os << " = ";
        print(let->value);
      })
      .Case([&](const AssignStmt *assign) {
        os << assign->name.name << "' = ";
        print(assign->value);
      })
      .Case([&](const LayerStmt *layer) {
        os << "layer " << layer->name.name << " = ";
        print(layer->value);
      })
      .Case([&](const ExprStmt *result) { print(result->value); })
      .Case([&](const DeclStmt *decl) { print(llvm::cast<CallableDecl>(decl->decl)); });
}

void Printer::print(const TypeExpr *type) {
  if (auto *array = llvm::dyn_cast<ArrayType>(type)) {
    os << array->element.name;
    dims(array->dims);
  } else if (auto *index = llvm::dyn_cast<IndexType>(type)) {
    os << "idx";
    bracketed<Expr *>('<', index->bound, '>', /*guarded=*/true);
    dims(index->dims);
  } else if (auto *like = llvm::dyn_cast<LikeType>(type)) {
    os << "like ";
    print(like->value);
  } else {
    os << '(';
    llvm::interleaveComma(llvm::cast<RecordType>(type)->fields, os,
                          [&](const RecordType::Field &field) {
                            if (field.name)
                              os << field.name.name << ": ";
                            print(field.type);
                          });
    os << ')';
  }
}

static unsigned levelOf(const Expr *expr) {
  if (llvm::isa<IfExpr, LambdaExpr, UnrollExpr, RepeatExpr, WithExpr, WhereExpr>(expr))
    return Open;
  if (auto *unary = llvm::dyn_cast<UnaryExpr>(expr))
    return unary->op == UnaryOp::Minus ? Minus : Not;
  auto *binary = llvm::dyn_cast<BinaryExpr>(expr);
  if (!binary)
    return Postfix;
  switch (binary->op) {
  case BinaryOp::Or:
    return Or;
  case BinaryOp::And:
    return And;
  case BinaryOp::Pow:
    return Pow;
  case BinaryOp::Add:
  case BinaryOp::Sub:
    return Add;
  default:
    return isComparison(binary->op) ? Compare : Mul;
  }
}

void Printer::print(const Expr *expr, unsigned least) {
  unsigned level = levelOf(expr);
  if (level >= least && !(level == Compare && guardComparisons))
    return printForm(expr);
  llvm::SaveAndRestore<bool> inside(guardComparisons, false);
  os << '(';
  printForm(expr);
  os << ')';
}

void Printer::printForm(const Expr *expr) {
  llvm::TypeSwitch<const Expr *>(expr)
      .Case([&](const IntExpr *e) { os << e->value; })
      .Case([&](const FloatExpr *e) { os << floatSpelling(e->value); })
      .Case([&](const BoolExpr *e) { os << (e->value ? "true" : "false"); })
      .Case([&](const StringExpr *e) { os << escape(e->value); })
      .Case([&](const NameExpr *e) { os << e->name.name << (e->primed ? "'" : ""); })
      .Case([&](const FieldExpr *e) {
        bool isNumber = llvm::isa<IntExpr, FloatExpr>(e->base);
        os << (isNumber ? "(" : "");
        print(e->base, Postfix);
        os << (isNumber ? ")." : ".") << e->field.name << (e->primed ? "'" : "");
      })
      .Case([&](const UnaryExpr *e) {
        os << (e->op == UnaryOp::Minus ? "-" : "not ");
        print(e->operand, e->op == UnaryOp::Minus ? Minus : Compare);
      })
      .Case([&](const BinaryExpr *e) {
        unsigned level = levelOf(e);
        bool isPow = e->op == BinaryOp::Pow;
        print(e->lhs, isPow ? Postfix : level == Compare ? Add : level);
        os << ' ' << spelling(e->op) << ' ';
        print(e->rhs, isPow ? Minus : level + 1);
      })
      .Case([&](const CallExpr *e) {
        print(e->callee, Postfix);
        bracketed('(', e->args, ')');
      })
      .Case([&](const GenericExpr *e) {
        os << e->base->name.name;
        bracketed('<', e->args, '>', /*guarded=*/true);
      })
      .Case([&](const IndexExpr *e) {
        print(e->base, Postfix);
        bracketed('[', e->items, ']');
      })
      .Case([&](const SliceExpr *e) {
        if (e->lower)
          print(e->lower);
        os << ':';
        if (e->upper)
          print(e->upper);
      })
      .Case([&](const EllipsisExpr *) { os << "..."; })
      .Case([&](const ListExpr *e) { bracketed('[', e->items, ']', /*guarded=*/true); })
      .Case([&](const ComprehensionExpr *e) {
        os << '[';
        {
          llvm::SaveAndRestore<bool> inside(guardComparisons, true);
          llvm::interleaveComma(e->indices, os, [&](const ComprehensionExpr::Index &index) {
            os << index.name.name << " < ";
            print(index.extent);
          });
        }
        llvm::SaveAndRestore<bool> inside(guardComparisons, false);
        os << ": ";
        print(e->body);
        os << ']';
      })
      .Case([&](const TupleExpr *e) { bracketed('(', e->items, ')'); })
      .Case([&](const RecordExpr *e) { bracketed('(', e->fields, ')'); })
      .Case([&](const IfExpr *e) {
        os << "if ";
        print(e->condition, Or);
        os << " then ";
        print(e->thenValue, Or);
        os << " else ";
        print(e->elseValue, Or);
      })
      .Case([&](const LambdaExpr *e) {
        os << (e->params.size() == 1 ? "" : "(");
        names(e->params);
        os << (e->params.size() == 1 ? " => " : ") => ");
        print(e->body);
      })
      .Case([&](const UnrollExpr *e) {
        os << (e->isScan ? "scan " : "unroll ");
        print(e->cell, Postfix);
        const UnrollModifiers &m = e->modifiers;
        auto modifier = [&](StringRef word, const Expr *operand) {
          if (!operand)
            return;
          os << ' ' << word << ' ';
          print(operand, Or);
        };
        modifier("over", m.over);
        os << (e->isReverse() ? " reverse" : "");
        modifier("from", m.from);
        modifier("for", m.count);
        modifier("truncate", m.truncate);
        modifier("reset when", m.reset);
        if (m.rematRange.isValid())
          os << " remat " << spelling(m.remat);
        os << (e->isStateful() ? " stateful" : "");
      })
      .Case([&](const RepeatExpr *e) {
        os << "repeat ";
        print(e->count, Or);
        os << " with ";
        print(e->pattern);
        os << " = ";
        print(e->start, Or);
        os << ' ';
        print(e->body);
      })
      .Case([&](const WithExpr *e) {
        print(e->base, Or);
        os << " with ";
        print(e->params, Or);
      })
      .Case([&](const WhereExpr *e) {
        print(e->base, Or);
        os << " where " << escape(e->pattern->value) << " via ";
        print(e->via, Or);
      });
}

void ast::print(const Module &module, llvm::raw_ostream &os) { Printer(os).print(module); }
void ast::print(const Expr *expr, llvm::raw_ostream &os) { Printer(os).print(expr); }
void ast::print(const TypeExpr *type, llvm::raw_ostream &os) { Printer(os).print(type); }
