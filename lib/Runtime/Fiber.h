// Fibers: stacks that a thread of the operating system switches between, by hand.
//
// A switch saves the registers that a call preserves and takes a few nanoseconds; ucontext's makes
// a system call for the signal mask each time. Stacks are kept, so that a fiber which has come to
// its end is the next one to begin, in warm memory.
#ifndef RONDO_RUNTIME_FIBER_H
#define RONDO_RUNTIME_FIBER_H

#include <cstddef>
#include <memory>
#include <vector>

namespace rondo::inline runtime {

/// Where a fiber stands while another one runs; the thread that has made the fibers is one as well.
struct Fiber {
  void *position = nullptr; // the top of its stack, with the saved registers
  char *low = nullptr, *high = nullptr;
  Fiber *next = nullptr; // of those that are idle
};

class Fibers {
public:
  /// All fibers run `body(argument)`, which never returns.
  Fibers(void (*body)(void *), void *argument) : body(body), argument(argument) {}
  Fibers(const Fibers &) = delete;
  Fibers &operator=(const Fibers &) = delete;
  ~Fibers();

  /// A fiber that nobody uses: at the start of its body, or where it was when it was given back.
  /// Null when there is no memory for its stack.
  Fiber *take();
  void give(Fiber &fiber);
  /// Gives all fibers back and to the start of their body, wherever they are.
  void reset();

  /// Goes on where `to` is; returns when somebody switches to `from`.
  static void change(Fiber &from, Fiber &to);

private:
  Fiber *make();
  void begin(Fiber &fiber);

  void (*body)(void *);
  void *argument;
  std::vector<std::unique_ptr<Fiber>> all;
  Fiber *idle = nullptr;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FIBER_H
