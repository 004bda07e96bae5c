// A call of a session's entry whose arguments were found once, by role and name: making it again,
// with whatever they hold by then, looks nothing up and allocates nothing.
#ifndef RONDO_RUNTIME_PREPAREDCALL_H
#define RONDO_RUNTIME_PREPAREDCALL_H

#include "Runtime/Session.h"

namespace rondo::inline runtime {

class PreparedCall {
public:
  /// Finds the arguments of `entry` in the session and in `feed`; all three must outlive this. From
  /// then on arrays may get other contents, sizes or addresses and scalars other values, but the
  /// feed may not lose a name that it had, and what is added to it is not seen.
  Status prepare(Session &session, const RondoEntry &entry, const Feed &feed);
  bool isPrepared() const { return session != nullptr; }

  /// Calls the entry. Results are allocated as needed; their storage is reused. On a device they
  /// stay there until they are looked at.
  Status run();
  /// The same in two halves, of which the first does not wait for a device: see EntryCaller.
  Status start();
  Status finish();
  /// Moves new parameters and states out of the results into the session.
  void adopt();

  /// The dims and lengths of the last call.
  const CallShape &shape() const { return feedShape.shape; }
  EntryCaller &entryCaller() const { return *caller; }

  std::vector<Array> results; // in the entry's order, at the same addresses from prepare() on

private:
  enum class Source { Stored, Given, Number, Seed, Step, Ordinals };
  struct Argument {
    const RondoValue *value = nullptr;
    Source source = Source::Number;
    const Array *stored = nullptr;       // a parameter or state of the session
    const Array *const *given = nullptr; // in the feed
    const double *number = nullptr;      // in the feed, or the default
    std::vector<int64_t> sizes;
    Array own;    // a scalar as an array, or an input as the element type that the entry takes
    Array fitted; // an input with the sizes of its storage, where those are others
  };
  struct Update {
    Array *result, *stored;
  };

  Status findArgument(const RondoValue &value, Argument &argument);
  Status findInput(const RondoValue &value, Argument &argument);
  Status bind(Argument &argument, const Array *&array);
  Status fillNumber(Argument &argument);
  void fillCounter(Argument &argument, int64_t counter);
  void takeSizes();
  Status fit(Argument &argument, const Array *&array);

  Session *session = nullptr;
  const RondoEntry *entry = nullptr;
  const Feed *feed = nullptr;
  EntryCaller *caller = nullptr;
  FeedShape feedShape;
  std::vector<Argument> arguments;
  std::vector<std::vector<int64_t>> resultSizes;
  std::vector<Update> updates;
  std::vector<const Array *> bound;
  std::vector<Array *> resultPointers;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_PREPAREDCALL_H
