// Checkpoints: parameters, training states and where the training stands, in one safetensors file.
//
// A checkpoint is bound to its run. What the run is (the model, its configuration, the loss, the
// optimizer's settings and states, the data) must be the same, or the file is refused: it would
// give other numbers without a word. What it was trained with and a flag may change (settings,
// scalars, batch, window) is taken from the file, and a change is said; so is another build of the
// program or memory budget, with which the same numbers may round differently.
#ifndef RONDO_RUNTIME_CHECKPOINT_H
#define RONDO_RUNTIME_CHECKPOINT_H

#include "Runtime/Safetensors.h"
#include "Runtime/Session.h"

namespace rondo::inline runtime {

/// What a run is, apart from its arrays. All randomness is a function of seed and step, so this and
/// the data continue a training bit for bit.
struct Training {
  int64_t step = 0; // steps done
  int64_t seed = 0;
  int64_t batch = 0;
  int64_t window = 0;
  std::map<std::string, double, std::less<>> settings; // of the update, such as lr: all of them
  std::map<std::string, double, std::less<>> scalars;  // of the loss
  std::map<std::string, std::string> identity;         // what must be the same, by its name
  int64_t memoryBudget = 0;
};

/// What must be the same, as far as the program says it; the data is the caller's.
std::map<std::string, std::string> identityOf(const RondoProgram &program);

/// How long the file will be, up to some digits of its counters.
uint64_t checkpointBytes(const Session &session);
Status saveCheckpoint(const std::string &path, const Session &session, const Training &training);
/// Reads a checkpoint of this program's model; Session::load takes its arrays.
Status readCheckpoint(const std::string &path, Session &session, TensorFile &file,
                      Training &training);
/// Refuses a checkpoint of another run than the one that would now go on from it.
Status checkSame(const std::string &path, const Training &checkpoint, const Training &now);
/// Says what a training goes on with and did not start with: another build, memory budget, number.
void sayChanges(const std::string &path, const RondoProgram &program, const TensorFile &file,
                const Training &checkpoint, const Training &now);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CHECKPOINT_H
