// `init`: parameters from a seed.
#include "Runtime/Commands.h"

using namespace rondo;

static Status run(Context &context) {
  RONDO_TRY(context.flags.need("-o"));
  RONDO_TRY(checkOutput(context.flags, "-o", {}));
  int64_t seed = 0;
  RONDO_TRY(context.flags.integer("--seed", INT64_MIN, INT64_MAX, seed));
  Session session(context.program);
  RONDO_TRY(session.initialise(seed));
  std::vector<TensorView> tensors;
  for (int64_t i = 0; i < context.program.num_parameters; ++i)
    tensors.push_back({context.program.parameters[i].path, &session.parameters[i]});
  return writeSafetensors(context.flags.text("-o"), tensors,
                          {{"rondo.model", context.program.model}});
}

Command rondo::initCommand() {
  return {
      "init",
      "",
      "initialise the parameters",
      0,
      {{"--seed", "S", "seed of the random numbers (0)"}, {"-o", "W", "safetensors file to write"}},
      run};
}
