// What random programs are made of. Values stay of moderate size (tanh and sigmoid around what
// could grow), so that rounding is not amplified and stages can be compared to many digits.
//
// Generate.cpp has the program, its types and leaves; GenerateValues.cpp the ops on elements and
// rows; GenerateSums.cpp contractions, reductions and attention; GenerateMovement.cpp what only
// moves; GenerateTime.cpp cells, blocks and the loops over them.
//
// What is known to be found by a form, when the mend is taken back:
// - steps of rows that run over whole axes: gates() of 79 units and more, element() of a choice
// - padding in a sum over two lengths: product() and overSequence() of T and S, or T twice
// - positions beyond their loop: fromMemory(), spread() beside a contraction
// - reads before what lengths decide is known: farOff(), slices of nothing, the loss of what is
// next
// - dims that no input has: streamed(), numbers beside a sequence
// - values where not every use sees them: spread() that is used again outside, slope
// - products rounded with what they cancel: addLargeNumbers(), excused by no condition
// - errors that add up: addLongSums(), to 1e-5
// - zeros times infinity: chosen(), safe_norm of what is 0, dropout of 1
// - rows that see nothing: attended() with log(0.0), attention with `never`
// - stacks of what no example has: padding beyond the longest example (Data.cpp)
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
  explicit Generator(uint64_t seed) : random(seed) { program.seed = seed; }
  Program run();

private:
  void chooseSizes();
  void addLongSums();
  void addLargeNumbers();
  void addFunction();
  /// A constant dim beside others of this product.
  Dim size(int64_t others = 1);
  Dim sizeBeside(const std::vector<Dim> &dims);
  Dim ragged();
  Type randomType();
  NodePtr scalar();
  NodePtr secondOrder();
  NodePtr leaf(const Type &type);
  NodePtr fromData(const Type &type);
  NodePtr expression(const Type &type, int depth);
  /// The value, by a name of its own where it is more than a name.
  NodePtr named(NodePtr value);
  /// Whether positions up to `length` may be read of a sequence.
  bool hasLength(int length) const {
    return program.shortest >= length || (program.mayRefuse && program.longest >= length);
  }

  NodePtr unary(const Type &type, int depth);
  NodePtr binary(const Type &type, int depth);
  NodePtr chosen(const Type &type, int depth);
  NodePtr spread(const Type &type, int depth);
  NodePtr contraction(const Type &type, int depth);
  NodePtr product(const Type &type, int depth);
  NodePtr overSequence(const Type &type, int depth);
  NodePtr attended(const Type &type, int depth);
  NodePtr inHeads(const Type &type, int depth);
  NodePtr reduction(const Type &type, int depth);
  NodePtr rowWise(const Type &type, int depth);
  NodePtr lookup(const Type &type, int depth);
  NodePtr farOff(const Type &type, const Type &sequence, size_t axis, int depth);
  NodePtr moved(const Type &type, int depth);
  NodePtr taken(const Type &type, int depth);
  NodePtr alongSequence(const Type &type, int depth);
  NodePtr regrouped(const Type &type, int depth);
  NodePtr drawn(const Type &type, int depth);
  NodePtr element(const Type &type, int depth);
  const Binding *indices() const;

  NodePtr unrolled(const Type &type, int depth);
  NodePtr scanned(const Type &type, int depth);
  NodePtr lastState(const Type &type, int depth);
  NodePtr repeated(const Type &type, int depth);
  NodePtr streamed(const Type &type, int depth);
  std::string modifiers(const std::string &text, const Type &type, const Cell &cell,
                        std::vector<NodePtr> &children, int depth);
  std::string givenTo(Cell &cell, std::vector<NodePtr> &children, int depth);
  Cell makeCell(const Type &input, const Type &state, bool isNested = false, bool isGiven = false);
  Cell makeBlock(const Type &type);
  void nest(Cell &cell, const Type &state);
  std::vector<Binding> gates(Cell &cell, const Type &state);
  NodePtr nextState(Cell &cell, const Binding &state, const std::vector<Binding> &gates);
  NodePtr fromCellInput(const Cell &cell, const Type &type);
  NodePtr fromMemory(const Type &type, int depth);
  template <typename Body> void inside(Cell &cell, Body body);

  Random random;
  Program program;
  std::vector<Binding> scope;
  std::vector<Binding> *makeParameters = nullptr;
  std::vector<Binding> *makeLets = nullptr; // null where no let can stand
  bool inCell = false;
  bool inFunction = false; // causal, and of `z` only
  bool isWide = false;     // cells have gates
  bool isStreamed = false; // once: its parameters have no names of their own per use
  /// Among many values of a saturated function several are the largest as far as f32 can tell, and
  /// their gradient is that of any. (softmax has a maximum without a gradient.)
  bool extremes = true;
  int fresh = 0;
};

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_GENERATOR_H
