// What random programs are made of. Values stay of moderate size (tanh and sigmoid around what
// could grow), so that rounding is not amplified and stages can be compared to many digits.
//
// Generate.cpp has the program, its types and leaves; GenerateValues.cpp the ops on arrays;
// GenerateTime.cpp cells, blocks and the loops over them.
#ifndef RONDO_TEST_FUZZ_GENERATOR_H
#define RONDO_TEST_FUZZ_GENERATOR_H

#include "Program.h"
#include "rondo/Philox.h"

namespace rondo::fuzz {

/// Random choices, a pure function of the seed.
class Random {
public:
  explicit Random(uint64_t seed) : key(foldKey(seed, siteNumber("fuzz"))) {}
  /// 0 .. bound - 1.
  int below(int bound) {
    return static_cast<int>(drawBits(key, next++)[0] % static_cast<uint32_t>(bound));
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
  explicit Generator(uint64_t seed) : random(seed) {
    program.seed = seed;
    program.isLarge = seed % 6 == 0;
    extremes = !program.isLarge;
  }
  Program run();

private:
  /// A constant dim beside others of this product.
  Dim size(int64_t others = 1);
  Dim sizeBeside(const std::vector<Dim> &dims);
  Type randomType();
  NodePtr scalar();
  NodePtr secondOrder();
  NodePtr leaf(const Type &type);
  NodePtr fromData(const Type &type);
  NodePtr expression(const Type &type, int depth);

  NodePtr unary(const Type &type, int depth);
  NodePtr binary(const Type &type, int depth);
  NodePtr contraction(const Type &type, int depth);
  NodePtr overSequence(const Type &type, int depth);
  NodePtr attended(const Type &type, int depth);
  NodePtr reduction(const Type &type, int depth);
  NodePtr rowWise(const Type &type, int depth);
  NodePtr lookup(const Type &type, int depth);
  NodePtr moved(const Type &type, int depth);
  NodePtr alongSequence(const Type &type, int depth);
  NodePtr regrouped(const Type &type, int depth);
  NodePtr drawn(const Type &type, int depth);
  const Binding *indices() const;

  NodePtr unrolled(const Type &type, int depth);
  NodePtr scanned(const Type &type, int depth);
  NodePtr repeated(const Type &type, int depth);
  std::string modifiers(const std::string &text, const Type &type, const Cell &cell,
                        std::vector<NodePtr> &children, int depth);
  Cell makeCell(const Type &input, const Type &state, bool isNested = false);
  Cell makeBlock(const Type &type);
  void nest(Cell &cell, const Type &state);
  NodePtr fromCellInput(const Cell &cell, const Type &type);
  template <typename Body> void inside(Cell &cell, Body body);

  Random random;
  Program program;
  std::vector<Binding> scope;
  std::vector<Binding> *makeParameters = nullptr;
  bool inCell = false;
  /// Among many values of a saturated function several are the largest as far as f32 can tell, and
  /// their gradient is that of any. (softmax has a maximum without a gradient.)
  bool extremes = true;
  int fresh = 0;
};

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_GENERATOR_H
