// The stages of a compilation, in order.
#include "Driver/Stage.h"

using namespace rondo;

static constexpr llvm::StringLiteral stageTable[] = {
    "ast",   "frontend", "stream", "batch", "differentiate", "normalise", "schedule", "plan",
    "lower", "target",   "ptx",    "llvm",  "asm",           "obj",       "exe"};

llvm::StringRef rondo::stageName(Stage stage) { return stageTable[static_cast<int>(stage)]; }

std::optional<Stage> rondo::stageNamed(llvm::StringRef name) {
  for (int i = 0; i <= static_cast<int>(lastStage); ++i)
    if (stageTable[i] == name)
      return static_cast<Stage>(i);
  return std::nullopt;
}

std::string rondo::stageNames(bool modules) {
  Stage first = modules ? Stage::Frontend : firstStage;
  Stage last = modules ? Stage::Target : lastStage;
  std::string result;
  for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
    if (i != static_cast<int>(first))
      result += i == static_cast<int>(last) ? " or " : ", ";
    result += stageTable[i];
  }
  return result;
}
