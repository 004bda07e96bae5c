#include "Generator.h"
#include <algorithm>

using namespace rondo::fuzz;

Program Generator::run() {
  chooseSizes();
  program.arguments.push_back({"x", {{T, size()}, 0}, nullptr});
  if (random.chance(60))
    program.arguments.push_back({"ids", {{T}, 2 + random.below(4)}, nullptr});
  if (random.chance(50))
    program.arguments.push_back({"y", {{S, size()}, 0}, nullptr});
  makeParameters = &program.parameters;
  if (!program.isLong && !program.isExact && random.chance(15))
    addFunction();
  for (const Binding &argument : program.arguments)
    scope.push_back(argument);
  makeLets = &program.lets;
  if (!program.functions.empty())
    named(streamed(program.functions.front().result->type, 2));
  if (program.isLong)
    return addLongSums(), program;
  if (program.isExact)
    return addLargeNumbers(), program;
  int depth = program.isLarge ? 2 : 3;
  // Cells of every width, not only those that other forms happen to ask for; rows of gates do not
  // fit the caches from about 80 units.
  if (program.isLarge && random.chance(25)) {
    isWide = random.chance(60);
    Dim units = isWide ? random.of(std::vector<Dim>{79, 80, 97, 128, 157, 192, 256}) : size();
    named(unrolled({{T, units}, 0}, 1));
    isWide = false;
  }
  for (int i = 0, lets = 1 + random.below(program.isLarge ? 2 : 4); i < lets; ++i) {
    Type type = randomType();
    NodePtr value = expression(type, depth);
    Binding let{"v" + std::to_string(i), type, value};
    program.lets.push_back(let);
    scope.push_back(let);
  }
  program.result = makeNode("$0 + $1", {}, {scalar(), scalar()});
  // The interpreter takes derivatives of derivatives direction by direction; and a gradient alone
  // need not stop at what only its value reads.
  if (program.isLarge || program.mayRefuse)
    return program;
  if (random.chance(12))
    program.result = secondOrder();
  else if (random.chance(35))
    program.slope = program.arguments[random.chance(60) ? 0 : program.arguments.size() - 1].name;
  if (program.slope == "ids")
    program.slope = "x";
  return program;
}

/// Every decision that depends on sizes is to be taken both ways: what is a row, a local, a tile, a
/// panel, a segment, a worker's share, what is left behind the last full vector.
void Generator::chooseSizes() {
  int kind = random.below(100);
  program.isLong = kind < 2;
  program.isExact = kind >= 97;
  program.isLarge = kind < 40;
  extremes = !program.isLarge;
  if (program.isLong) {
    bool areRows = random.chance(30);
    program.rows = random.of(areRows ? std::vector<int>{20000, 40001} : std::vector<int>{1, 2});
    program.shortest = program.longest =
        random.of(areRows ? std::vector<int>{2, 3} : std::vector<int>{70001, 131072});
  } else if (program.isLarge) {
    program.rows = random.of(std::vector<int>{1, 2, 3, 5, 17});
    program.longest =
        random.of(program.rows > 3 ? std::vector<int>{3, 4} : std::vector<int>{3, 5, 11, 17, 40});
  } else {
    program.rows = random.of(std::vector<int>{1, 2, 3, 3, 3, 5});
    program.longest = random.of(std::vector<int>{3, 5, 5, 5, 7, 19});
  }
  if (!program.isLong && !program.isExact && random.chance(35)) {
    program.shortest = 0;
    program.mayRefuse = random.chance(35);
  }
}

Dim Generator::size(int64_t others) {
  // Around the widths of vectors, tiles, panels and blocks, and what they leave over.
  static const std::vector<Dim> large = {12, 16, 17, 24, 31, 32,  40,  48,  63,  64,  65,
                                         79, 80, 83, 96, 97, 100, 128, 130, 157, 192, 256};
  constexpr int64_t mostElements = 1 << 16;
  if (program.isLong)
    return 1 + random.below(3);
  if (program.isLarge && random.chance(70))
    if (Dim dim = random.of(large); others * dim <= mostElements)
      return dim;
  return random.of(std::vector<Dim>{1, 2, 3, 4, 5, 6, 7, 8});
}

Dim Generator::sizeBeside(const std::vector<Dim> &dims) {
  int64_t others = 1;
  for (Dim dim : dims)
    others *= dim > 0 ? dim : program.rows * program.longest;
  return size(others);
}

/// T, or S where there is one.
Dim Generator::ragged() {
  return program.arguments.back().type.dims.front() == S && random.chance(35) ? S : T;
}

Type Generator::randomType() {
  std::vector<Dim> dims;
  if (random.chance(65))
    dims.push_back(ragged());
  if (!dims.empty() && random.chance(12))
    dims.push_back(ragged());
  int more = random.below(dims.size() == 2 ? 2 : 3);
  for (int i = 0; i < more; ++i)
    dims.push_back(sizeBeside(dims));
  if (dims.size() == 2 && dims.front() == T && random.chance(10))
    std::swap(dims[0], dims[1]);
  return {dims, 0};
}

/// A scalar of everything that an array holds; ragged means are taken too.
NodePtr Generator::scalar() {
  int depth = program.isLarge ? 2 : 3;
  if (random.chance(4) && !program.isLarge) {
    // A row that sees nothing is 0 by definition.
    Type heads{{T, 2, size()}, 0};
    return makeNode("check(0.1 * sum($0), sum(abs(attention($0, $1, $2, never))) == 0.0, \"a row "
                    "that sees nothing\")",
                    {}, {named(leaf(heads)), leaf(heads), leaf(heads)});
  }
  if (const Binding *ids = indices(); ids && hasLength(1) && random.chance(4))
    // What is next of each position but the last.
    return makeNode("(0.1 * sum(cross_entropy($0[:-1], ids[1:])))", {},
                    {expression({{T, ids->type.bound}, 0}, depth - 1)});
  Type type = randomType();
  if (type.dims.empty())
    return expression(type, depth);
  bool isRagged = std::any_of(type.dims.begin(), type.dims.end(), [](Dim d) { return d < 0; });
  NodePtr value = expression(type, depth);
  if (isRagged && !hasLength(1))
    return makeNode("sum($0) * 0.1", {}, {value});
  const char *kinds[] = {"sum($0) * 0.1", "mean($0)", "max($0)"};
  return makeNode(kinds[random.below(extremes ? 3 : 2)], {}, {value});
}

/// d of a gradient: sum(grad(e, p)^2) for a parameter p.
NodePtr Generator::secondOrder() {
  for (const Binding &parameter : program.parameters)
    if (parameter.type.dims.size() <= 2) {
      NodePtr inner = makeNode("grad($0, " + parameter.name + ")", parameter.type, {scalar()});
      return makeNode("sum($0 ^ 2.0)", {}, {inner});
    }
  return program.result;
}

static bool isName(const std::string &text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return isalnum(c) || c == '_'; });
}

NodePtr Generator::named(NodePtr value) {
  if (!makeLets || isName(value->text))
    return value;
  Binding let{"n" + std::to_string(fresh++), value->type, value};
  makeLets->push_back(let);
  scope.push_back(let);
  return makeNode(let.name, let.type);
}

NodePtr Generator::leaf(const Type &type) {
  std::vector<NodePtr> choices;
  for (const Binding &binding : scope)
    if (binding.type == type)
      choices.push_back(makeNode(binding.name, type));
  if (!choices.empty() && random.chance(80))
    return random.of(choices);
  if (type.dims.empty())
    return makeNode(random.of(std::vector<std::string>{"0.5", "1.25", "2.0", "0.1", "(1.0 / 4.0)"}),
                    type);
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
  return fromData(type);
}

/// An array with ragged dims, made from the arguments that have them.
NodePtr Generator::fromData(const Type &type) {
  size_t first = 0;
  while (type.dims[first] > 0)
    ++first;
  if (first > 0) {
    // The ragged dim goes to the front.
    Type turned = type;
    std::rotate(turned.dims.begin(), turned.dims.begin() + static_cast<long>(first),
                turned.dims.begin() + static_cast<long>(first) + 1);
    std::string order;
    for (size_t i = 0; i < type.dims.size(); ++i)
      order += (i ? ", " : "") + std::to_string(i < first ? i + 1 : i == first ? 0 : i);
    return makeNode("transpose($0, [" + order + "])", type, {leaf(turned)});
  }
  for (size_t second = 1; second < type.dims.size(); ++second)
    if (type.dims[second] < 0) {
      // A product of two with one ragged dim each.
      Dim k = sizeBeside({type.dims[0], type.dims[second]});
      std::string letters = std::string("abcdefgh").substr(0, type.dims.size());
      Type left{{type.dims[0], k}, 0}, right = type;
      std::string of = letters.substr(1) + "k";
      right.dims.erase(right.dims.begin());
      right.dims.push_back(k);
      return makeNode("einsum(\"ak," + of + "->" + letters + "\", $0, $1)", type,
                      {leaf(left), leaf(right)});
    }
  // From the sequence by a contraction to an array per position.
  NodePtr data;
  Dim inner = 0;
  for (const Binding &binding : scope)
    if (!binding.type.bound && binding.type.dims.size() == 2 &&
        binding.type.dims[0] == type.dims[0] && binding.type.dims[1] > 0 &&
        (binding.value == nullptr)) {
      data = makeNode(binding.name, binding.type);
      inner = binding.type.dims[1];
      break;
    }
  if (type.dims.size() == 1)
    return makeNode("sum($0, -1)", type, {data});
  std::vector<Dim> weight{inner};
  weight.insert(weight.end(), type.dims.begin() + 1, type.dims.end());
  int64_t elements = 1;
  for (Dim dim : weight)
    elements *= dim;
  if (elements > 1 << 20) { // for which the interpreter takes minutes
    std::string letters = std::string("abcdefgh").substr(0, type.dims.size());
    Type rest = type;
    rest.dims.erase(rest.dims.begin());
    return makeNode("einsum(\"a," + letters.substr(1) + "->" + letters + "\", sum($0, -1), $1)",
                    type, {data, leaf(rest)});
  }
  return makeNode("($0 @ $1)", type, {data, leaf({weight, 0})});
}

NodePtr Generator::expression(const Type &type, int depth) {
  if (depth <= 0)
    return leaf(type);
  using Make = NodePtr (Generator::*)(const Type &, int);
  if (inFunction) {
    static const std::vector<Make> causal = {
        &Generator::unary,       &Generator::binary,  &Generator::chosen, &Generator::spread,
        &Generator::contraction, &Generator::rowWise, &Generator::taken,  &Generator::unrolled};
    return (this->*random.of(causal))(type, depth);
  }
  // What a form does not fit (most want certain dims) becomes another one.
  static const std::vector<std::pair<int, Make>> forms = {
      {4, &Generator::unary},        {4, &Generator::binary},      {2, &Generator::chosen},
      {2, &Generator::spread},       {3, &Generator::contraction}, {4, &Generator::product},
      {2, &Generator::overSequence}, {2, &Generator::attended},    {1, &Generator::inHeads},
      {2, &Generator::reduction},    {3, &Generator::rowWise},     {2, &Generator::lookup},
      {2, &Generator::moved},        {2, &Generator::taken},       {2, &Generator::alongSequence},
      {2, &Generator::regrouped},    {2, &Generator::drawn},       {2, &Generator::element},
      {4, &Generator::unrolled},     {2, &Generator::scanned},     {1, &Generator::lastState},
      {2, &Generator::repeated},     {1, &Generator::streamed}};
  int total = 3; // a leaf
  for (auto [weight, make] : forms)
    total += weight;
  int drawn = random.below(total);
  for (auto [weight, make] : forms)
    if ((drawn -= weight) < 0)
      return (this->*make)(type, depth);
  return leaf(type);
}

Program rondo::fuzz::generate(uint64_t seed) { return Generator(seed).run(); }
