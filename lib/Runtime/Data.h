// Sources of examples. So far one: the bytes of a text file, cut into windows.
#ifndef RONDO_RUNTIME_DATA_H
#define RONDO_RUNTIME_DATA_H

#include "Runtime/Session.h"

namespace rondo::inline runtime {

/// Examples of a text: `tokens` are the window's bytes, `targets` the bytes one further on. The end
/// of the file is held out from training.
class TextData {
public:
  /// Opens the file with the options of the `train` block; `window` of 0 takes the option's.
  Status open(const std::string &path, const RondoTrain &train, int64_t window);

  int64_t size() const { return static_cast<int64_t>(text.size()); }
  /// Bytes of the part that examples are drawn from.
  int64_t trainingSize() const { return trainSize; }
  uint64_t hash() const;
  int64_t window() const { return length; }

  /// Makes `rows` windows of the training part at random places: a function of seed and step only.
  Status sample(int64_t seed, int64_t step, int64_t rows);
  /// The number of consecutive windows in the held-out part, or in the whole text.
  int64_t consecutiveWindows(bool all) const;
  /// Makes `rows` consecutive windows from number `first` on.
  Status consecutive(bool all, int64_t first, int64_t rows);
  /// Gives an entry's inputs the windows just made, by name.
  Status feed(const RondoEntry &entry, Feed &feed) const;

private:
  Status cut();

  std::string text;
  int64_t trainSize = 0;
  int64_t length = 128;
  Array tokens, targets;
  std::vector<int64_t> ordinals; // where the windows start
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_DATA_H
