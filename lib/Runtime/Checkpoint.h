// Checkpoints: parameters, training states and where the training stands, in one safetensors file.
#ifndef RONDO_RUNTIME_CHECKPOINT_H
#define RONDO_RUNTIME_CHECKPOINT_H

#include "Runtime/Session.h"

namespace rondo::inline runtime {

/// What a run is, apart from its arrays. All randomness is a function of seed and step, so this and
/// the data continue a training bit for bit.
struct Training {
  int64_t step = 0; // steps done
  int64_t seed = 0;
  int64_t batch = 0;
  int64_t window = 0;
  int64_t dataSize = 0;
  std::map<std::string, double, std::less<>> settings; // of the update, such as lr
};

/// How long the file will be, up to some digits of its counters.
uint64_t checkpointBytes(const Session &session);
Status saveCheckpoint(const std::string &path, const Session &session, const Training &training);
/// Loads parameters and states; refuses a file that is no checkpoint of this program's training.
Status loadCheckpoint(const std::string &path, Session &session, Training &training);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CHECKPOINT_H
