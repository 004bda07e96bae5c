#include "Generator.h"

using namespace rondo::fuzz;

Program Generator::run() {
  if (program.isLarge) {
    program.rows = random.of(std::vector<int>{1, 2, 5, 17});
    program.longest = program.rows == 17 ? 4 : random.of(std::vector<int>{3, 5, 11});
  } else {
    program.rows = random.of(std::vector<int>{1, 2, 3, 3, 3, 5});
  }
  program.arguments.push_back({"x", {{T, size()}, 0}, nullptr});
  if (random.chance(60))
    program.arguments.push_back({"ids", {{T}, 2 + random.below(4)}, nullptr});
  if (random.chance(40))
    program.arguments.push_back({"y", {{S, size()}, 0}, nullptr});
  scope = program.arguments;
  makeParameters = &program.parameters;
  int depth = program.isLarge ? 2 : 3;
  for (int i = 0, lets = 1 + random.below(program.isLarge ? 2 : 4); i < lets; ++i) {
    Type type = randomType();
    NodePtr value = expression(type, depth);
    Binding let{"v" + std::to_string(i), type, value};
    program.lets.push_back(let);
    scope.push_back(let);
  }
  program.result = makeNode("$0 + $1", {}, {scalar(), scalar()});
  if (random.chance(15))
    program.result = secondOrder();
  return program;
}

Dim Generator::size(int64_t others) {
  // Around the widths of vectors, tiles, panels and blocks.
  static const std::vector<Dim> large = {17, 48, 64, 65, 83, 130, 192, 256};
  constexpr int64_t mostElements = 1 << 16;
  if (program.isLarge && random.chance(70))
    if (Dim dim = random.of(large); others * dim <= mostElements)
      return dim;
  return random.of(std::vector<Dim>{1, 2, 3, 4, 5, 7});
}

Dim Generator::sizeBeside(const std::vector<Dim> &dims) {
  int64_t others = 1;
  for (Dim dim : dims)
    others *= dim > 0 ? dim : program.rows * program.longest;
  return size(others);
}

Type Generator::randomType() {
  std::vector<Dim> dims;
  bool hasS = program.arguments.back().type.dims.front() == S;
  if (random.chance(65))
    dims.push_back(hasS && random.chance(35) ? S : T);
  int more = random.below(3);
  for (int i = 0; i < more; ++i)
    dims.push_back(sizeBeside(dims));
  return {dims, 0};
}

/// A scalar of everything that an array holds; ragged means are taken too.
NodePtr Generator::scalar() {
  Type type = randomType();
  if (type.dims.empty())
    return expression(type, 3);
  const char *kinds[] = {"sum($0) * 0.1", "mean($0)", "max($0)"};
  return makeNode(kinds[random.below(extremes ? 3 : 2)], {},
                  {expression(type, program.isLarge ? 2 : 3)});
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

NodePtr Generator::leaf(const Type &type) {
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
NodePtr Generator::fromData(const Type &type) {
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

NodePtr Generator::expression(const Type &type, int depth) {
  if (depth <= 0)
    return leaf(type);
  using Make = NodePtr (Generator::*)(const Type &, int);
  // What a form does not fit (most want certain dims) becomes another one.
  static const std::vector<std::pair<int, Make>> forms = {
      {4, &Generator::unary},         {4, &Generator::binary},    {3, &Generator::contraction},
      {2, &Generator::overSequence},  {2, &Generator::attended},  {2, &Generator::reduction},
      {3, &Generator::rowWise},       {2, &Generator::lookup},    {2, &Generator::moved},
      {2, &Generator::alongSequence}, {1, &Generator::regrouped}, {2, &Generator::drawn},
      {4, &Generator::unrolled},      {2, &Generator::scanned},   {2, &Generator::repeated}};
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
