// Cells and blocks of their own, and the loops over them.
#include "Generator.h"

using namespace rondo::fuzz;

static constexpr size_t mostCells = 5;

/// Fills a definition with names of its own.
template <typename Body> void Generator::inside(Cell &cell, Body body) {
  std::vector<Binding> outerScope = std::move(scope);
  std::vector<Binding> *outerParameters = makeParameters;
  scope = {{"x", cell.input, nullptr}};
  for (const Binding &state : cell.states)
    scope.push_back(state);
  makeParameters = &cell.parameters;
  bool outer = std::exchange(inCell, true);
  body();
  inCell = outer;
  scope = std::move(outerScope);
  makeParameters = outerParameters;
  program.cells.push_back(cell);
}

/// What a cell calls another for: `b`, of the state's type.
void Generator::nest(Cell &cell, const Type &state) {
  Type input{{size()}, 0};
  Cell inner = makeCell(input, state, /*isNested=*/true);
  Binding let{"b", state, makeNode(inner.name + "($0)", state, {expression(input, 1)})};
  cell.lets.push_back(let);
  scope.push_back(let);
}

Cell Generator::makeCell(const Type &input, const Type &state, bool isNested) {
  Cell cell;
  cell.name = "c" + std::to_string(fresh++);
  cell.input = input;
  cell.states.push_back({"h", state, nullptr});
  if (random.chance(40))
    cell.states.push_back({"s", random.chance(50) ? state : Type{{size()}, 0}, nullptr});
  inside(cell, [&] {
    if (!isNested && random.chance(25))
      nest(cell, state);
    Binding let{"a", state, expression(state, 2)};
    cell.lets.push_back(let);
    scope.push_back(let);
    for (Binding &s : cell.states)
      s.value =
          makeNode("tanh($0 + $1)", s.type, {fromCellInput(cell, s.type), expression(s.type, 2)});
  });
  return cell;
}

/// W @ x + U @ h, so that the recurrence is a real one.
NodePtr Generator::fromCellInput(const Cell &cell, const Type &type) {
  Dim n = type.dims[0], m = cell.input.dims[0], h = cell.states[0].type.dims[0];
  return makeNode(n + m + h > 60 ? "(0.2 * ($0 @ x) + 0.2 * ($1 @ h))" : "($0 @ x + $1 @ h)", type,
                  {leaf({{n, m}, 0}), leaf({{n, h}, 0})});
}

Cell Generator::makeBlock(const Type &type) {
  Cell block;
  block.name = "b" + std::to_string(fresh++);
  block.input = type;
  inside(block, [&] {
    Dim n = type.dims[0];
    block.result = makeNode(n > 30 ? "tanh(0.2 * ($0 @ x) + $1)" : "tanh($0 @ x + $1)", type,
                            {leaf({{n, n}, 0}), expression(type, 2)});
  });
  return block;
}

/// How a cell is unrolled over its first child.
std::string Generator::modifiers(const std::string &text, const Type &type, const Cell &cell,
                                 std::vector<NodePtr> &children, int depth) {
  std::string all = text;
  auto child = [&](NodePtr node) {
    children.push_back(std::move(node));
    return "$" + std::to_string(children.size() - 1);
  };
  if (random.chance(35))
    all += " reverse";
  if (random.chance(20))
    all += " truncate " + std::to_string(1 + random.below(4));
  if (random.chance(25)) {
    const Binding &state = random.of(cell.states);
    all += " from (" + state.name + " = " + child(expression(state.type, depth - 1)) + ")";
  }
  if (random.chance(20)) {
    const Binding *ids = indices();
    all += " reset when (";
    all += ids && type.dims[0] == T && random.chance(50)
               ? "ids == 1)"
               : child(expression({{type.dims[0]}, 0}, depth - 1)) + " > 0.4)";
  }
  return all;
}

static bool isSequence(const Type &type) {
  return type.dims.size() == 2 && type.dims[0] < 0 && type.dims[1] > 0;
}

/// A cell of its own, unrolled: for [T, n] or [S, n]; alone or two on top of one another.
NodePtr Generator::unrolled(const Type &type, int depth) {
  if (inCell || !isSequence(type) || program.cells.size() >= mostCells)
    return binary(type, depth);
  Dim n = type.dims[1];
  if (random.chance(20)) {
    Cell cell = makeCell({{n}, 0}, {{n}, 0});
    const char *reverse = random.chance(35) ? " reverse" : "";
    return makeNode("(unroll stack<" + std::to_string(2 + random.below(2)) + ", " + cell.name +
                        "> over $0" + reverse + ")",
                    type, {expression(type, depth - 1)});
  }
  Dim m = sizeBeside({type.dims[0]});
  Cell cell = makeCell({{m}, 0}, {{n}, 0});
  std::vector<NodePtr> children{expression({{type.dims[0], m}, 0}, depth - 1)};
  std::string text = modifiers("(unroll " + cell.name + " over $0", type, cell, children, depth);
  return makeNode(text + ")", type, children);
}

/// The outputs and the last states, by a let of their own.
NodePtr Generator::scanned(const Type &type, int depth) {
  if (inCell || !isSequence(type) || program.cells.size() >= mostCells)
    return contraction(type, depth);
  Dim m = sizeBeside({type.dims[0]});
  Cell cell = makeCell({{m}, 0}, {{type.dims[1]}, 0});
  std::vector<NodePtr> children{expression({{type.dims[0], m}, 0}, depth - 1)};
  std::string text = modifiers("scan " + cell.name + " over $0", type, cell, children, depth);
  std::string number = std::to_string(fresh++), outputs = "y" + number, last = "l" + number;
  Type both{{}, -1}; // nothing else has it
  program.lets.push_back({"(" + outputs + ", " + last + ")", both, makeNode(text, both, children)});
  scope.push_back({outputs, type, nullptr});
  for (const Binding &state : cell.states)
    scope.push_back({last + "." + state.name, state.type, nullptr});
  return makeNode(outputs, type);
}

/// Layers, each with parameters of its own.
NodePtr Generator::repeated(const Type &type, int depth) {
  if (inCell || type.dims.empty() || type.dims.back() < 0 || program.cells.size() >= mostCells)
    return rowWise(type, depth);
  Type row{{type.dims.back()}, 0};
  std::string turns = "(repeat " + std::to_string(2 + random.below(2)) + " with r = $0 { ";
  NodePtr start = expression(type, depth - 1);
  if (isSequence(type) && random.chance(40))
    return makeNode(turns + "r + (unroll " + makeCell(row, row).name + " over r) })", type,
                    {start});
  return makeNode(turns + "row_norm(r + " + makeBlock(row).name + "(r)) })", type, {start});
}
