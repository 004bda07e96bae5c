// What a call is given from outside, by name, and the dims and lengths that follow from it.
#ifndef RONDO_RUNTIME_FEED_H
#define RONDO_RUNTIME_FEED_H

#include "Runtime/Array.h"
#include "Runtime/Dims.h"

#include <map>

namespace rondo::inline runtime {

struct Feed {
  std::map<std::string, const Array *, std::less<>> arrays;    // inputs and lengths.*
  std::map<std::string, const Array *, std::less<>> gradients; // by the parameter's path
  std::map<std::string, double, std::less<>> scalars;          // symbols, settings, inputs
  int64_t seed = 0;
  int64_t step = 0;
  std::vector<int64_t> ordinals; // the examples' numbers in the data; empty: 0, 1, ...
};

/// Whether a value that no array feeds is a scalar that is given or has a default.
Status checkScalar(const RondoEntry &entry, const RondoValue &value, const Feed &feed);

/// The dims and lengths of an entry's calls, whose names are looked up once.
class FeedShape {
public:
  /// Finds what says something about dims; the feed must outlive this.
  Status prepare(const RondoEntry &entry, const Feed &feed);
  /// Takes the sizes, counts and lengths of the call to come; `isNew` where dims may differ from
  /// those of the call before.
  Status take(bool &isNew);

  CallShape shape;

private:
  /// What is said about a symbol besides the sizes of inputs; null: nothing.
  struct Symbol {
    const double *count = nullptr;
    const Array *const *lengths = nullptr;
    bool isPlain = false; // a dim of an input names it outside of a division
  };
  Status takeKnown();
  Status takeLengths(size_t symbol, const Array &array);

  const RondoEntry *entry = nullptr;
  const Feed *feed = nullptr;
  bool isSolved = false;
  std::vector<const Array *const *> inputs;
  std::vector<GivenSizes> given; // of the inputs, in the call before
  std::vector<Symbol> symbols;
  std::vector<int64_t> known, knownBefore; // values of symbols, -1 where nothing is said
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FEED_H
