// What a user asks of rondoc.
#ifndef RONDO_DRIVER_OPTIONS_H
#define RONDO_DRIVER_OPTIONS_H

#include "Driver/Stage.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rondo {

struct Options {
  std::string input;
  std::string output;        // empty: from the input's name and the stage
  std::optional<Stage> from; // the stage of an .mlir input
  Stage emit = Stage::Executable;
  std::map<std::string, int64_t> definitions; // -D name=value
  std::string precision = "f32";
  std::string products = "f32";  // how a GPU's contractions round what they multiply
  bool givesTarget = false;      // --target is there
  bool cpu = true, cuda = false; // --target
  bool isEmulated = false;       // kernels for a GPU run on the CPU
  std::string ptxas;             // --ptxas
  std::string triple;            // --mtriple; empty: of this machine
  std::string processor;         // --mcpu; empty: native, or the baseline of another architecture
  unsigned optimisation = 2;
  bool profile = false;
  int64_t memoryBudget = 0; // bytes; -1: one that is given when the program runs; 0: none
  std::vector<std::string> disabledPasses; // --disable-pass
  std::string dumpFolder;                  // --dump-stages
  bool timeReport = false;
  std::optional<std::string> remarks; // the regular expression of those to print
};

/// What the flags that are for cuda alone say where the target is another; empty: nothing.
std::string targetMistake(const Options &options);

/// Reads rondoc's command line; on a mistake prints one line and returns nothing (exit status 1).
std::optional<Options> parseCommandLine(int argc, char **argv);

} // namespace rondo

#endif // RONDO_DRIVER_OPTIONS_H
