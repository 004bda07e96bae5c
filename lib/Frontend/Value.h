// What an expression stands for while a program is elaborated: an array, a record of values, a
// function with what is bound to it so far, a piece of text.
#ifndef RONDO_FRONTEND_VALUE_H
#define RONDO_FRONTEND_VALUE_H

#include "Frontend/AST.h"
#include "Frontend/Core.h"

#include "llvm/ADT/StringMap.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rondo {

struct Callable;
struct Environment;
struct Instance;
struct Field;

struct Value {
  enum Kind {
    Poison,   ///< The result of an error that was reported.
    Array,    ///< `node`, or an int whose value is `known`
    Record,   ///< `fields`; a tuple's have no names
    Function, ///< `function`
    Text,     ///< `text`
  };
  Kind kind = Poison;
  core::Node *node = nullptr;
  std::optional<Polynomial> known; ///< The value of an int scalar, as a polynomial.
  std::vector<Field> fields;
  std::shared_ptr<const Callable> function;
  std::string text;

  static Value ofNode(core::Node *node);
  static Value ofInt(Polynomial number);
  static Value ofFunction(std::shared_ptr<const Callable> function);
  static Value ofText(llvm::StringRef text);
  static Value ofFields(std::vector<Field> fields);

  bool isPoison() const { return kind == Poison; }
  bool isArray() const { return kind == Array; }
  bool isRecord() const { return kind == Record; }
  bool isFunction() const { return kind == Function; }
  bool isTuple() const;
  /// A record's field, or null.
  const Value *find(llvm::StringRef name) const;
  /// The type of an array.
  core::Type type() const { return node ? node->type : core::Type{core::Element::Int, {}, {}}; }
  /// As in messages: `f32[T]`, `(a: int)`, "a function".
  std::string describe() const;
};

/// A field of a record; without a name in a tuple.
struct Field {
  std::string first;
  Value second;
};

inline Value Value::ofNode(core::Node *node) {
  Value value;
  value.kind = Array;
  value.node = node;
  return value;
}
inline Value Value::ofInt(Polynomial number) {
  Value value;
  value.kind = Array;
  value.known = std::move(number);
  return value;
}
inline Value Value::ofFunction(std::shared_ptr<const Callable> function) {
  Value value;
  value.kind = Function;
  value.function = std::move(function);
  return value;
}
inline Value Value::ofText(llvm::StringRef text) {
  Value value;
  value.kind = Text;
  value.text = text.str();
  return value;
}
inline Value Value::ofFields(std::vector<Field> fields) {
  Value value;
  value.kind = Record;
  value.fields = std::move(fields);
  return value;
}
inline bool Value::isTuple() const {
  return isRecord() && (fields.empty() || fields.front().first.empty());
}
inline const Value *Value::find(llvm::StringRef name) const {
  for (const Field &field : fields)
    if (field.first == name)
      return &field.second;
  return nullptr;
}

/// A function as a value: what it is, and what is bound to it.
struct Callable {
  enum Kind { Decl, Builtin, Lambda, Stream, Body };
  Kind kind = Decl;
  const ast::CallableDecl *decl = nullptr;
  std::string builtin;
  const ast::LambdaExpr *lambda = nullptr;
  const ast::RepeatExpr *repeat = nullptr;           ///< Body: one turn of a repeat.
  std::shared_ptr<const Callable> inner;             ///< Stream: the causal function.
  std::shared_ptr<const struct BodyContext> context; ///< Lambda: the body in which it is written.
  Environment *environment = nullptr;                ///< Where the free names are looked up.
  std::map<std::string, Value> generics, held;       ///< Bound generic and value arguments.
  Instance *instance = nullptr;                      ///< The parameters of a layer, else null.
  std::string label;                                 ///< The name of a layer.
  Instance *owner = nullptr; ///< The parameters in which a model's `fn` works, else null.

  /// As in messages: "cell `lstm`".
  std::string describe() const;
  std::string name() const;
};

/// One turn of a loop over stacked parameters, the same in every function of the program.
using RepeatKey = std::pair<const Instance *, const ast::RepeatExpr *>;

/// A parameter and the repeats whose dims lead its own.
struct ParameterSlot {
  core::Parameter *parameter;
  std::vector<RepeatKey> repeats;
};

/// The parameters of one use of a block, cell or model; kept over all functions of a program.
struct Instance {
  std::string path;
  const Instance *parent = nullptr;
  llvm::SMRange site;                          ///< The use.
  const ast::CallableDecl *function = nullptr; ///< The `fn` in which it stands: no parameters.
  std::vector<RepeatKey> repeats;
  std::vector<Polynomial> repeatDims;
  std::map<std::string, ParameterSlot> parameters;
  std::map<const void *, std::unique_ptr<Instance>> children; ///< By site.
};

/// The state variable of a cell in the loop, or around the call, that carries it.
struct StateVariable {
  std::string path;
  llvm::SMRange range;
  core::Type type;                 ///< Without the dims of repeats and maps around it.
  std::vector<core::Node *> nodes; ///< Its value before the step, per level of loops, outer first.
  core::Node *next = nullptr;      ///< Its value after the step at the level that is open.
  llvm::SMRange assigned;          ///< Where it was assigned, if it was.
  unsigned level = 0;              ///< The level that is open.
};

/// What a name stands for.
struct Binding {
  enum Kind { Plain, Parameter, State };
  Kind kind = Plain;
  Value value;
  const ParameterSlot *parameter = nullptr;
  StateVariable *state = nullptr;
  llvm::SMRange range;
  /// A layer whose states can be read, once it was called (the record of its states).
  struct CellStates *states = nullptr;
};

/// Names and what they stand for, in a body and the bodies around it.
struct Environment {
  Environment *parent = nullptr;
  std::map<std::string, Binding> names;
  const Binding *lookup(const std::string &name) const {
    for (const Environment *scope = this; scope; scope = scope->parent)
      if (auto it = scope->names.find(name); it != scope->names.end())
        return &it->second;
    return nullptr;
  }
};

/// The states of one use of a cell: its own, and those of cells in it.
struct CellStates {
  bool isAhead = false; ///< Made by a reading of a state before the call.
  std::vector<std::pair<std::string, StateVariable *>> own;
  std::vector<std::pair<std::string, std::unique_ptr<CellStates>>> children;
};

} // namespace rondo

#endif // RONDO_FRONTEND_VALUE_H
