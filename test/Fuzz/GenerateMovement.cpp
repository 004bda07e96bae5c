// What only moves: slices, positions, parts, transposes, lookups.
#include "Generator.h"
#include <algorithm>

using namespace rondo::fuzz;

const Binding *Generator::indices() const {
  for (const Binding &argument : program.arguments)
    if (argument.type.bound)
      return &argument;
  return nullptr;
}

/// A gather of a parameter's rows, for [T, n]; a loss per position, for [T].
NodePtr Generator::lookup(const Type &type, int depth) {
  const Binding *ids = inCell || inFunction ? nullptr : indices();
  if (!ids || type.dims.empty() || type.dims[0] != T || type.dims.size() > 2 ||
      (type.dims.size() == 2 && type.dims[1] < 0))
    return binary(type, depth);
  Dim bound = ids->type.bound;
  std::string n = std::to_string(bound);
  if (type.dims.size() == 1)
    return makeNode("cross_entropy($0, ids)", type, {expression({{T, bound}, 0}, depth - 1)});
  if (random.chance(30))
    return makeNode("$1[argmax($0, axis = -1)]", type,
                    {expression({{T, bound}, 0}, depth - 1), leaf({{bound, type.dims[1]}, 0})});
  return makeNode("$0[ids]", type, {leaf({{bound, type.dims[1]}, 0})});
}

/// Positions of a sequence that no example has, or few: where none needs them, where it would be an
/// error to read before it is known that they are there.
NodePtr Generator::farOff(const Type &type, const Type &sequence, size_t axis, int depth) {
  Dim length = sequence.dims[axis];
  std::string colons, t = dimText(length), number = std::to_string(axis);
  for (size_t i = 0; i < axis; ++i)
    colons += ":, ";
  int most = program.longest;
  std::string c = std::to_string(
      random.of(std::vector<int>{1, 2, most - 1, most, most + 1, 64, 4097, 1000000}));
  NodePtr from = expression(sequence, depth - 1);
  std::vector<std::string> lawful = {
      "(if " + t + " > " + c + " then $0[" + colons + c + "] else $1)",
      "(0.2 * sum($0[" + colons + "div(" + t + ", 2):], " + number + "))"};
  // Slices that are there where the branch is taken.
  std::string few = std::to_string(random.of(std::vector<int>{1, 2, 3, std::max(most, 1), 64}));
  Dim bound = ragged();
  std::string by = random.chance(30) ? dimText(bound) : few;
  for (const std::string &part : {by + ":", ":" + by, ":-" + few, "-" + few + ":"})
    lawful.push_back("(if " + t + " >= " + (part.find('-') == std::string::npos ? by : few) +
                     " then 0.2 * sum($0[" + colons + part + "], " + number + ") else $1)");
  if (hasLength(1)) {
    lawful.push_back("$0[" + colons + "clip(" + c + ", 0, " + t + " - 1)]");
    lawful.push_back("$0[" + colons + "div(" + t + ", 2):][" + colons + "0]");
  }
  if (random.chance(10)) // its parts are one after the other, so that it has a name
    return makeNode("(if not (" + t + " < " + few + " or " + t + " == " + few +
                        ") then 0.1 * sum(concat($0[" + colons + few + ":], $0[" + colons + ":" +
                        few + "], $0[" + colons + "1:-" + few + "], axis = " + number + "), " +
                        number + ") else $1)",
                    type, {named(expression(sequence, makeLets ? depth - 1 : 0)), leaf(type)});
  if (!program.mayRefuse || random.chance(40))
    return makeNode(random.of(lawful), type, {from, leaf(type)});
  Dim other = ragged();
  if (random.chance(30) && type.dims.size() == 1 && type.dims[0] > 0 && axis == 0) {
    // Read once for each position of another sequence, which may have none.
    std::string extents = "[z < " + dimText(other) + ", k < " + std::to_string(type.dims[0]) + ": ";
    return makeNode("(0.1 * sum(" + extents + "$0[" + (random.chance(50) ? "-" : "") + c +
                        ", k]], 0))",
                    type, {named(from)});
  }
  std::vector<std::string> kinds = {"$0[" + colons + c + "]",
                                    "$0[" + colons + "-" + c + "]",
                                    "(0.2 * sum($0[" + colons + c + ":], " + number + "))",
                                    "(0.2 * sum($0[" + colons + ":-" + c + "], " + number + "))",
                                    "(0.2 * sum($0[" + colons + "1:" + c + "], " + number + "))",
                                    "(0.2 * sum($0[" + colons + dimText(other) + ":], " + number +
                                        "))",
                                    "mean($0[" + colons + c + ":], " + number + ")"};
  return makeNode(random.of(kinds), type, {from});
}

/// Two parts along a constant dim, or a slice of something longer.
NodePtr Generator::moved(const Type &type, int depth) {
  std::vector<size_t> axes;
  for (size_t i = 0; i < type.dims.size(); ++i)
    if (type.dims[i] > 0)
      axes.push_back(i);
  if (axes.empty())
    return unary(type, depth);
  size_t axis = random.chance(60) ? axes.back() : random.of(axes);
  Dim n = type.dims[axis];
  if (n > 1 && random.chance(50)) {
    Type first = type, second = type;
    first.dims[axis] = 1 + random.below(n - 1);
    second.dims[axis] = n - first.dims[axis];
    return makeNode("concat($0, $1, axis = " + std::to_string(axis) + ")", type,
                    {expression(first, depth - 1), expression(second, depth - 1)});
  }
  Type other = type;
  int before = random.below(4);
  other.dims[axis] = n + before + random.below(4);
  std::string colons;
  for (size_t i = 0; i < axis; ++i)
    colons += ":, ";
  return makeNode("$0[" + colons + std::to_string(before) + ":" + std::to_string(before + n) + "]",
                  type, {expression(other, depth - 1)});
}

/// One position of a constant dim that the result lacks; at times chosen among two arrays first.
NodePtr Generator::element(const Type &type, int depth) {
  if (type.dims.size() > 3)
    return unary(type, depth);
  size_t axis = static_cast<size_t>(random.below(1 + static_cast<int>(type.dims.size())));
  Type longer = type;
  Dim n = sizeBeside(type.dims);
  longer.dims.insert(longer.dims.begin() + static_cast<long>(axis), n);
  std::string colons, last = random.chance(25) ? "-1" : std::to_string(random.below(n));
  for (size_t i = 0; i < axis; ++i)
    colons += ":, ";
  if (random.chance(30))
    return makeNode("(if $0 > 0.15 then $1 else $2)[" + colons + last + "]", type,
                    {leaf({}), expression(longer, depth - 1), expression(longer, depth - 1)});
  return makeNode("$0[" + colons + last + "]", type, {expression(longer, depth - 1)});
}

/// The elements of an array of one dim, by a position per element.
NodePtr Generator::taken(const Type &type, int depth) {
  if (type.dims.empty() || type.dims.size() > 2 || type.dims.back() < 0)
    return element(type, depth);
  Dim n = sizeBeside(type.dims);
  Type from = type;
  from.dims.back() = n;
  std::string m = std::to_string(type.dims.back()), most = std::to_string(n - 1);
  if (type.dims.size() == 1)
    return makeNode("[k < " + m + ": $0[clip(k, 0, " + most + ")]]", type,
                    {named(expression(from, makeLets ? depth - 1 : 0))});
  if (type.dims[0] < 0 && !inFunction && random.chance(40)) // a place of its own per position
    return makeNode("$0[clip(range(" + dimText(type.dims[0]) + "), 0, " + most + ")]", type,
                    {leaf({{n, type.dims[1]}, 0})});
  return makeNode("[t < " + dimText(type.dims[0]) + ", k < " + m + ": $0[t, clip(k, 0, " + most +
                      ")]]",
                  type, {named(expression(from, makeLets ? depth - 1 : 0))});
}

/// Each position's neighbour: another array stands before the first or after the last one.
NodePtr Generator::alongSequence(const Type &type, int depth) {
  if (inCell || inFunction || type.dims.empty() || type.dims.front() > 0)
    return moved(type, depth);
  Type one = type;
  one.dims.front() = 1;
  std::vector<std::string> kinds = {"concat($1, $0, axis = 0)[:-1]",
                                    "concat($0, $1, axis = 0)[1:]"};
  if (random.chance(20))
    return makeNode("(if " + dimText(type.dims.front()) +
                        " > 0 then concat($0[1:], $1, axis = 0) else $0)",
                    type, {named(expression(type, makeLets ? depth - 1 : 0)), leaf(one)});
  if (hasLength(1)) {
    kinds.push_back("concat($0[1:], $1, axis = 0)");
    kinds.push_back("concat($1, $0[:-1], axis = 0)");
  }
  return makeNode(random.of(kinds), type, {expression(type, depth - 1), leaf(one)});
}

/// Dims in another order, merged or taken apart.
NodePtr Generator::regrouped(const Type &type, int depth) {
  size_t rank = type.dims.size();
  if (rank >= 2 && random.chance(50)) {
    std::vector<size_t> order(rank);
    for (size_t i = 0; i < rank; ++i)
      order[i] = i;
    for (size_t i = rank; i > 1; --i)
      std::swap(order[i - 1], order[static_cast<size_t>(random.below(static_cast<int>(i)))]);
    Type other = type;
    std::string list;
    for (size_t i = 0; i < rank; ++i) {
      other.dims[order[i]] = type.dims[i];
      list += (i ? ", " : "") + std::to_string(order[i]);
    }
    return makeNode("transpose($0, [" + list + "])", type, {expression(other, depth - 1)});
  }
  if (rank == 0 || type.dims.back() < 0 || rank > 3)
    return moved(type, depth);
  if (rank >= 2 && type.dims[rank - 2] > 0 && random.chance(50)) {
    Type merged = type;
    merged.dims.pop_back();
    merged.dims.back() *= type.dims.back();
    return makeNode("reshape($0, " + listOf(type.dims) + ")", type,
                    {expression(merged, depth - 1)});
  }
  Type apart = type;
  Dim last = type.dims.back();
  Dim factor = last % 4 == 0 ? 4 : last % 5 == 0 ? 5 : last % 3 == 0 ? 3 : 1;
  apart.dims.back() /= factor;
  apart.dims.insert(apart.dims.end() - (random.chance(50) ? 1 : 0), factor);
  return makeNode("reshape($0, " + listOf(type.dims) + ")", type, {expression(apart, depth - 1)});
}
