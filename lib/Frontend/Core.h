// The elaborated program: what semantic analysis makes of a model and IR generation turns into ops.
//
// Every cell, block and fn is inlined, every value is an array with known element and dims, every
// implicit step (map, broadcast, conversion) is explicit. Dims are still polynomials in the model's
// configuration; IR generation puts numbers in. Nodes mirror the ops of the rondo dialect.
#ifndef RONDO_FRONTEND_CORE_H
#define RONDO_FRONTEND_CORE_H

#include "Frontend/Polynomial.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rondo::core {

enum class Element { Float, Int, Bool, Index };

/// An array's type. `bound` is what the elements of an index array stay below.
struct Type {
  Element element = Element::Float;
  std::vector<Polynomial> dims;
  std::optional<Polynomial> bound;

  size_t rank() const { return dims.size(); }
  bool operator==(const Type &other) const = default;
  Type withDims(std::vector<Polynomial> newDims) const;
  Type withElement(Element newElement) const;
  Type withLeading(const Polynomial &dim) const;
  Type withErased(size_t axis) const;
  /// As it is written: `f32[T, 256]`, `idx<256>[T]`, `int`.
  std::string str() const;
};

enum class Op {
  Argument,    ///< Of the function, or of a block.
  Constant,    ///< `number` in all elements.
  Iota,        ///< axis
  Length,      ///< dim
  Elementwise, ///< `name` is the op's mnemonic
  Compare,     ///< `name` is the kind
  Broadcast,   ///< axes: the result's axis of each of the operand's
  Transpose,   ///< axes: the permutation
  Reshape,
  Slice,    ///< axes[0], offset `dim`, `step`
  Concat,   ///< axes[0]
  Gather,   ///< `name` is the spec
  Contract, ///< `name` is the spec
  Reduce,   ///< `name` is the kind, axes
  Argmax,   ///< axes[0]
  Random,   ///< `name` is the kind, `site`; operands seed, counters
  Check,    ///< operand, condition; `name` is the message
  Require,  ///< The operand, which needs `dim` not to be negative; `name` is the message
  Scan,     ///< over `dim`; operands starts and slices (axis 0); yields carries and stacks (axis 0)
  Grad,     ///< operands are differentiated; the block takes them and yields a scalar
  Stream,   ///< over `dim`
  Result,   ///< number `index` of operand 0, an op with several results
};

struct Node;

/// What a value needs of the lengths: that `least` is not negative, in every example. A call that
/// does not have it is refused before anything is read.
struct Need {
  enum Kind {
    Size,    ///< An array's size, and where a slice ends: needed wherever the value is computed.
    Element, ///< An element that is there: needed where some element of the result needs it.
    Run,     ///< A check: needed where the loops around it make a step.
  };
  Polynomial least{0};
  std::string message;
  llvm::SMRange range;
  /// Needed where all dims of one of these are 1 or more.
  std::vector<std::vector<Polynomial>> uses;
};

/// A straight list of nodes with arguments and results.
struct Block {
  Block *parent = nullptr; ///< The block in which the owner stands.
  Node *owner = nullptr;   ///< Null for a function's block.
  std::vector<Node *> arguments, nodes, results;

  bool isWithin(const Block *outer) const;
};

/// An op on arrays, an argument, or one of several results.
struct Node {
  Op op;
  llvm::SMRange range;
  Type type; ///< Meaningless for an op with several results.
  std::vector<Node *> operands;
  Block *block = nullptr; ///< Where it stands.
  std::string name, site;
  double number = 0;
  std::vector<int64_t> axes;
  Polynomial dim{0};
  int64_t step = 1;
  Need::Kind need = Need::Size; ///< Of a require.
  unsigned index = 0;
  bool reverse = false;
  unsigned numCarries = 0; ///< Of a scan: the first operands.
  Block *body = nullptr;
};

/// A number or bool whose value follows from the configuration alone: constants, configured ints,
/// and what element-by-element functions, comparisons and choices make of them.
bool isConfigured(const Node *node);
/// What is repeated along new dims, whatever the dims.
const Node *withoutBroadcast(const Node *node);
double evaluateConfigured(const Node *node, llvm::function_ref<int64_t(const Atom *)> value);

/// A parameter: its path, declared type (leading dims of enclosing repeats included) and start.
struct Parameter {
  std::string path;
  llvm::SMRange range;
  Type type;
  std::string initialiser;
  std::vector<const Node *> initArguments; ///< Numbers, once configured: see `isConfigured`.
};

/// What an argument or result is, in the order in which arguments stand.
enum class Role { Parameter, Input, Gradient, State, Setting, Seed, Step, Ordinal };

struct Argument {
  Role role;
  std::string name;
  Node *node;
  const Node *defaultValue = nullptr; ///< A configured number, or null.
};

/// One function of the program.
struct Function {
  std::string name;
  bool isUpdate = false;
  llvm::SMRange range;
  std::vector<const Atom *> symbols;       ///< The `int` arguments.
  std::vector<const Atom *> streamLengths; ///< The dims of streams.
  std::vector<Argument> arguments;
  Block *body = nullptr;
  struct Result {
    Role role;        ///< Input stands for an entry's plain result.
    std::string name; ///< A path for parameters and states.
  };
  std::vector<Result> results;
};

/// A value of the configuration, which `-D` may override.
struct ConfigValue {
  const Atom *atom;
  std::optional<Polynomial> defaultValue;
};

/// A branch of an `if`: taken where the condition has this value.
struct Branch {
  const Node *condition;
  bool value;
};

/// A division that has to come out even, or a dim that has to be positive, once configured, but for
/// what stands in a branch that the configuration does not take.
struct Obligation {
  enum Kind { Exact, Positive } kind;
  Polynomial value, divisor{1};
  llvm::SMRange range;
  std::string text; ///< What is wrong where a value is not positive; a default where empty.
  std::vector<Branch> branches{};
};

/// A configured number of a `train` clause that has to be finite, and above 0 where `isPositive`.
struct NumberObligation {
  const Node *number;
  bool isPositive;
  llvm::SMRange range;
};

/// An int that has to be from 1 to `largest`, once configured.
struct RangeObligation {
  Polynomial value;
  int64_t largest;
  llvm::SMRange range;
  std::string what;
};

struct TrainSpec {
  llvm::SMRange range;
  std::string loss, source;
  std::vector<std::pair<std::string, Polynomial>> options;
  Polynomial batch{1}, steps{1};
};

/// A whole program; owns everything above. Parameters stand in the order of their creation.
struct Program {
  std::string modelName;
  std::vector<ConfigValue> configuration;
  std::deque<Parameter> parameters;
  std::vector<Function> functions;
  std::vector<Obligation> obligations;
  std::vector<NumberObligation> numberObligations;
  std::vector<RangeObligation> rangeObligations;
  std::optional<TrainSpec> train;

  /// What is computed outside of functions: values that layers and optimizers hold. It depends on
  /// the configuration alone, and each function computes of it what it needs.
  Block *outside = nullptr;

  AtomTable atoms;
  std::deque<Node> nodes;
  std::deque<Block> blocks;
};

} // namespace rondo::core

#endif // RONDO_FRONTEND_CORE_H
