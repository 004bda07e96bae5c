// What ends a command from outside: signals, a reader of the output who is gone, descriptors that
// are closed.
#ifndef RONDO_RUNTIME_SIGNALS_H
#define RONDO_RUNTIME_SIGNALS_H

namespace rondo::inline runtime {

/// Opens /dev/null as each of the descriptors 0 to 2 that is closed, so that no file is opened as
/// one of them and gets what is printed. Before any file is opened.
void openStandardDescriptors();

/// While there is one, SIGINT, SIGTERM and SIGHUP ask the command to stop, and a write to a pipe
/// that nobody reads fails instead of ending the program. A second SIGINT or SIGTERM ends it; a
/// second SIGHUP does not, since a terminal that closes and its shell may both send one. A SIGHUP
/// that was ignored (nohup) stays so.
class StopSignals {
public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals &) = delete;
  StopSignals &operator=(const StopSignals &) = delete;
  /// Whether one has come, to be asked after every step.
  static bool haveCome();
};

/// Writes out what was printed. Where nobody reads it any more while there are StopSignals, the
/// rest goes nowhere, and isOutputGone() says so; any other failure stays with the stream for the
/// end.
void flushOutput();
bool isOutputGone();

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SIGNALS_H
