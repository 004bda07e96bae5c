// The produced program's commands: one file each, listed in Commands.cpp.
#ifndef RONDO_RUNTIME_COMMANDS_H
#define RONDO_RUNTIME_COMMANDS_H

#include "Runtime/Flags.h"
#include "Runtime/Session.h"

#include <initializer_list>

namespace rondo::inline runtime {

/// What a command works on.
struct Context {
  const RondoProgram &program;
  Flags flags;
  Device *device = nullptr; // where it computes; null: on the host
};

struct Command {
  const char *name;
  const char *words; // "FN", or ""
  const char *summary;
  size_t maxWords;
  std::vector<Flag> flags;
  Status (*run)(Context &context);
};

Command initCommand();
Command runCommand();
Command gradCommand();
Command gradcheckCommand();
Command trainCommand();
Command evalCommand();
Command generateCommand();
Command benchCommand();
Command infoCommand();
Command profileCommand();

/// The whole program: picks the command, runs it, reports a failure as one line. The exit status.
int runProgram(const RondoProgram &program, int argc, const char *const *argv);

// Shared by several commands.

/// Reads the parameters from the flag --weights, which must be there.
Status loadWeights(const Context &context, Session &session);
/// Refuses parameters that are NaN, which would give results that tell nothing.
Status checkNumbers(const std::string &path, const Session &session);
/// Refuses a scalar that a flag of its own gives and --set too.
Status checkOnce(const Flags &flags, const Feed &given, const char *flag, const char *name);
/// Tries the file of an output flag, if that is given, before anything is computed for it. It must
/// be another one than those of the other flags.
Status checkOutput(const Flags &flags, const char *output,
                   std::initializer_list<const char *> others);
/// The entry of this name, or an error that lists those there are.
Status findEntry(const Session &session, const std::string &name, const RondoEntry *&entry);
/// Whether a user calls the entry by its name: no gradient and no update.
bool isCallable(const RondoProgram &program, const RondoEntry &entry);
/// Reads the flags --inputs, --set and --seed into the feed of the entry, which must take all that
/// is given; `arrays` keeps what the feed points to.
Status readInputs(const Context &context, const Session &session, const RondoEntry &entry,
                  std::vector<NamedArray> &arrays, Feed &feed);
/// The `train` block, or an error that says the program has none.
Status findTrain(const RondoProgram &program, const RondoTrain *&train);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_COMMANDS_H
