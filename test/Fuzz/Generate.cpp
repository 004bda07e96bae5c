// What random programs are made of. Values stay of moderate size (tanh and sigmoid around what
// could grow), so that rounding is not amplified and stages can be compared to many digits.
#include "Program.h"
#include "rondo/Philox.h"

using namespace rondo::fuzz;

namespace {

/// Random choices, a pure function of the seed.
class Random {
public:
  explicit Random(uint64_t seed) : key(rondo::foldKey(seed, rondo::siteNumber("fuzz"))) {}
  /// 0 .. bound - 1.
  int below(int bound) {
    return static_cast<int>(rondo::drawBits(key, next++)[0] % static_cast<uint32_t>(bound));
  }
  bool chance(int percent) { return below(100) < percent; }
  template <typename T> const T &of(const std::vector<T> &list) {
    return list[static_cast<size_t>(below(static_cast<int>(list.size())))];
  }

private:
  uint64_t key;
  uint64_t next = 0;
};

constexpr Dim T = -1, S = -2;

class Generator {
public:
  explicit Generator(uint64_t seed) : random(seed) { program.seed = seed; }

  Program run() {
    program.arguments.push_back({"x", {{T, size()}, 0}, nullptr});
    if (random.chance(60))
      program.arguments.push_back({"ids", {{T}, 2 + random.below(4)}, nullptr});
    if (random.chance(40))
      program.arguments.push_back({"y", {{S, size()}, 0}, nullptr});
    scope = program.arguments;
    makeParameters = &program.parameters;
    int lets = 1 + random.below(4);
    for (int i = 0; i < lets; ++i) {
      Type type = randomType();
      NodePtr value = expression(type, 3);
      Binding let{"v" + std::to_string(i), type, value};
      program.lets.push_back(let);
      scope.push_back(let);
    }
    program.result = makeNode("$0 + $1", {}, {scalar(), scalar()});
    if (random.chance(15))
      program.result = secondOrder();
    return program;
  }

private:
  int size() { return random.of(std::vector<int>{1, 2, 3, 4, 5, 7}); }

  Type randomType() {
    std::vector<Dim> dims;
    bool hasS = program.arguments.back().type.dims.front() == S;
    if (random.chance(65))
      dims.push_back(hasS && random.chance(35) ? S : T);
    int more = random.below(3);
    for (int i = 0; i < more; ++i)
      dims.push_back(size());
    return {dims, 0};
  }

  /// A scalar of everything that an array holds; ragged means are taken too.
  NodePtr scalar() {
    Type type = randomType();
    if (type.dims.empty())
      return expression(type, 3);
    const char *kinds[] = {"sum($0) * 0.1", "mean($0)", "max($0)"};
    return makeNode(kinds[random.below(3)], {}, {expression(type, 3)});
  }

  /// d of a gradient: sum(grad(e, p)^2) for a parameter p.
  NodePtr secondOrder() {
    for (const Binding &parameter : program.parameters)
      if (parameter.type.dims.size() <= 2) {
        NodePtr inner = makeNode("grad($0, " + parameter.name + ")", parameter.type, {scalar()});
        return makeNode("sum($0 ^ 2.0)", {}, {inner});
      }
    return program.result;
  }

  NodePtr leaf(const Type &type) {
    std::vector<NodePtr> choices;
    for (const Binding &binding : scope)
      if (binding.type == type)
        choices.push_back(makeNode(binding.name, type));
    if (!choices.empty() && random.chance(80))
      return random.of(choices);
    if (type.dims.empty())
      return makeNode(random.of(std::vector<std::string>{"0.5", "1.25", "2.0", "0.1"}), type);
    bool constant = true;
    for (Dim dim : type.dims)
      constant &= dim > 0;
    if (constant) {
      std::string name =
          (makeParameters == &program.parameters ? "p" : "w") + std::to_string(fresh++);
      makeParameters->push_back({name, type, nullptr});
      scope.push_back(makeParameters->back());
      return makeNode(name, type);
    }
    // Ragged: from x (or y) by a contraction to a vector per position, then broadcast by a mask.
    return fromData(type);
  }

  /// An array whose one ragged dim is its first, made from an argument with that dim.
  NodePtr fromData(const Type &type) {
    const Binding *source = nullptr;
    for (const Binding &argument : program.arguments)
      if (!argument.type.bound && argument.type.dims.front() == type.dims.front())
        source = &argument;
    NodePtr data = makeNode(source->name, source->type);
    Dim inner = source->type.dims[1];
    if (type.dims.size() == 1)
      return makeNode("sum($0, -1)", type, {data});
    std::vector<Dim> weight{inner};
    weight.insert(weight.end(), type.dims.begin() + 1, type.dims.end());
    return makeNode("($0 @ $1)", type, {data, leaf({weight, 0})});
  }

  NodePtr unary(const Type &type, int depth) {
    static const std::vector<std::string> texts = {"tanh($0)",
                                                   "sigmoid($0)",
                                                   "exp(tanh($0))",
                                                   "log(1.5 + tanh($0))",
                                                   "sqrt(1.5 + tanh($0))",
                                                   "-$0",
                                                   "abs($0)",
                                                   "sin($0)",
                                                   "cos($0)",
                                                   "(0.1 * $0 ^ 2.0)",
                                                   "relu($0)",
                                                   "stop_gradient($0)",
                                                   "(1.0 / (2.0 + tanh($0)))",
                                                   "clip($0, -0.9, 0.8)"};
    return makeNode(random.of(texts), type, {expression(type, depth - 1)});
  }

  NodePtr binary(const Type &type, int depth) {
    static const std::vector<std::string> texts = {"($0 + $1)",
                                                   "($0 - $1)",
                                                   "tanh($0) * tanh($1)",
                                                   "max($0, $1)",
                                                   "min($0, $1)",
                                                   "select($0 > 0.2, $1, $2)",
                                                   "($0 / (1.5 + $1 ^ 2.0))"};
    NodePtr left = expression(type, depth - 1);
    NodePtr right = random.chance(25) ? expression({}, depth - 1) : expression(type, depth - 1);
    std::string text = random.of(texts);
    if (right->type != type && text.starts_with("select"))
      text = "($0 * tanh($1))";
    std::vector<NodePtr> children{left, right};
    if (text.starts_with("select"))
      children.push_back(leaf(type));
    return makeNode("(" + text + ")", type, children);
  }

  NodePtr contraction(const Type &type, int depth) {
    Dim k = size();
    if (type.dims.size() < 2)
      return reduction(type, depth);
    std::vector<Dim> left(type.dims.begin(), type.dims.end() - 1);
    left.push_back(k);
    return makeNode(
        "(tanh($0) @ $1)", type,
        {expression({left, 0}, depth - 1), expression({{k, type.dims.back()}, 0}, depth - 1)});
  }

  NodePtr reduction(const Type &type, int depth) {
    Type inner = type;
    inner.dims.push_back(size());
    const char *kinds[] = {"sum(tanh($0), -1)", "mean($0, -1)", "max($0, axis = -1)"};
    return makeNode(kinds[random.below(3)], type, {expression(inner, depth - 1)});
  }

  NodePtr softmaxed(const Type &type, int depth) {
    if (type.dims.empty() || type.dims.back() < 0)
      return unary(type, depth);
    return makeNode("softmax($0)", type, {expression(type, depth - 1)});
  }

  /// A gather of a parameter's rows, for [T, n].
  NodePtr lookup(const Type &type, int depth) {
    const Binding *ids = nullptr;
    for (const Binding &argument : program.arguments)
      if (argument.type.bound)
        ids = &argument;
    if (!ids || type.dims.size() != 2 || type.dims[0] != T || type.dims[1] < 0 || inCell)
      return binary(type, depth);
    return makeNode("$0[ids]", type, {leaf({{ids->type.bound, type.dims[1]}, 0})});
  }

  NodePtr moved(const Type &type, int depth) {
    // Constant last dims: slice of something longer, or two parts.
    if (type.dims.empty() || type.dims.back() < 1)
      return unary(type, depth);
    Type other = type;
    Dim n = type.dims.back();
    if (n > 1 && random.chance(50)) {
      Type first = type, second = type;
      first.dims.back() = 1;
      second.dims.back() = n - 1;
      int axis = static_cast<int>(type.dims.size()) - 1;
      return makeNode("concat($0, $1, axis = " + std::to_string(axis) + ")", type,
                      {expression(first, depth - 1), expression(second, depth - 1)});
    }
    other.dims.back() = n + 2;
    std::string colons;
    for (size_t i = 0; i + 1 < type.dims.size(); ++i)
      colons += ":, ";
    return makeNode("$0[" + colons + "1:" + std::to_string(n + 1) + "]", type,
                    {expression(other, depth - 1)});
  }

  /// A cell of its own, unrolled: for [T, n] or [S, n].
  NodePtr unrolled(const Type &type, int depth) {
    if (inCell || type.dims.size() != 2 || type.dims[0] > 0 || program.cells.size() > 2)
      return binary(type, depth);
    Dim n = size();
    std::string name = "c" + std::to_string(program.cells.size());
    makeCell(name, {{n}, 0}, {{type.dims[1]}, 0});
    std::string text = "(unroll " + name + " over $0";
    if (random.chance(40))
      text += " reverse";
    if (random.chance(25))
      text += " truncate " + std::to_string(1 + random.below(4));
    return makeNode(text + ")", type, {expression({{type.dims[0], n}, 0}, depth - 1)});
  }

  void makeCell(const std::string &name, const Type &input, const Type &state) {
    Cell cell;
    cell.name = name;
    cell.input = input;
    cell.states.push_back({"h", state, nullptr});
    if (random.chance(40))
      cell.states.push_back({"s", random.chance(50) ? state : Type{{size()}, 0}, nullptr});
    std::vector<Binding> outerScope = scope;
    std::vector<Binding> *outerParameters = makeParameters;
    scope.clear();
    scope.push_back({"x", input, nullptr});
    for (const Binding &s : cell.states)
      scope.push_back(s);
    makeParameters = &cell.parameters;
    inCell = true;
    Binding let{"a", state, expression(state, 2)};
    cell.lets.push_back(let);
    scope.push_back(let);
    for (Binding &s : cell.states)
      s.value =
          makeNode("tanh($0 + $1)", s.type, {fromCellInput(cell, s.type), expression(s.type, 2)});
    inCell = false;
    scope = outerScope;
    makeParameters = outerParameters;
    program.cells.push_back(cell);
  }

  /// W @ x + U @ h, so that the recurrence is a real one.
  NodePtr fromCellInput(const Cell &cell, const Type &type) {
    Dim n = type.dims[0];
    return makeNode(
        "($0 @ x + $1 @ h)", type,
        {leaf({{n, cell.input.dims[0]}, 0}), leaf({{n, cell.states[0].type.dims[0]}, 0})});
  }

  NodePtr expression(const Type &type, int depth) {
    if (depth <= 0)
      return leaf(type);
    switch (random.below(12)) {
    case 0:
    case 1:
      return unary(type, depth);
    case 2:
    case 3:
      return binary(type, depth);
    case 4:
      return contraction(type, depth);
    case 5:
      return reduction(type, depth);
    case 6:
      return softmaxed(type, depth);
    case 7:
      return lookup(type, depth);
    case 8:
      return moved(type, depth);
    case 9:
    case 10:
      return unrolled(type, depth);
    default:
      return leaf(type);
    }
  }

  Random random;
  Program program;
  std::vector<Binding> scope;
  std::vector<Binding> *makeParameters = nullptr;
  bool inCell = false;
  int fresh = 0;
};

} // namespace

Program rondo::fuzz::generate(uint64_t seed) { return Generator(seed).run(); }
