// A random program: a typed tree that prints as `.rondo` text and can be made smaller.
//
// A node is a piece of text with holes for its children, and the type of what it computes; that is
// all that printing and shrinking need to know. What the pieces mean is the business of the
// generator (Generator.h), which is where an op of the language is added.
#ifndef RONDO_TEST_FUZZ_PROGRAM_H
#define RONDO_TEST_FUZZ_PROGRAM_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rondo::fuzz {

/// A dim: a positive number is a constant, a negative one a ragged symbol (-1 is T, -2 is S).
using Dim = int;

/// Floats with these dims; or indices into `bound` where that is not 0.
struct Type {
  std::vector<Dim> dims;
  int bound = 0;

  bool operator==(const Type &) const = default;
  std::string str() const;
};

std::string dimText(Dim dim);
/// [T, 4, 5], as a shape is written.
std::string listOf(const std::vector<Dim> &dims);

struct Node;
using NodePtr = std::shared_ptr<Node>;

/// `text` with `$0`, `$1`, ... standing for the children.
struct Node {
  std::string text;
  Type type;
  std::vector<NodePtr> children;

  std::string str() const;
  int64_t size() const;
};

NodePtr makeNode(std::string text, Type type, std::vector<NodePtr> children = {});

struct Binding {
  std::string name; // or a pattern, (y, last)
  Type type;
  NodePtr value; // null for parameters and arguments
};

/// A cell from an array of `input`, and from what it is given for all steps; or, without states, a
/// block.
struct Cell {
  std::string name;
  Type input;
  std::vector<Binding> held;       // arguments that are the same at every step
  std::vector<Binding> states;     // `value` is what the state becomes
  std::vector<Binding> parameters; // initialised at random
  std::vector<Binding> lets;
  NodePtr result;

  std::string str() const;
};

/// A fn of the model from a sequence `z`, which is streamed elsewhere.
struct Function {
  std::string name;
  Type input;
  std::vector<Binding> lets;
  NodePtr result;

  std::string str() const;
};

struct Program {
  uint64_t seed = 0;
  bool isLarge = false;          // dims such as 130; few ops
  bool isLong = false;           // a length or a batch of many thousands; very few ops
  bool isExact = false;          // known far closer in f32 than one may say of just any program
  bool mayRefuse = false;        // reads positions that short examples do not have
  int rows = 3;                  // of the batch
  int shortest = 1, longest = 5; // lengths of ragged dims
  std::string slope;             // the argument whose gradient an entry of its own gives, or ""
  std::vector<Cell> cells;
  std::vector<Function> functions;
  std::vector<Binding> parameters;
  std::vector<Binding> arguments;
  std::vector<Binding> lets;
  NodePtr result; // a scalar

  std::string str() const;
  int64_t size() const;
};

/// The program for a seed.
Program generate(uint64_t seed);

/// Programs that are smaller than this one by one step: a node replaced by a descendant or by a
/// leaf of its type, a binding dropped.
std::vector<Program> smaller(const Program &program);

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_PROGRAM_H
