#include "Rondo/Spec.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace rondo;

static bool isLetters(llvm::StringRef text) {
  for (size_t i = 0; i < text.size(); ++i)
    if (!llvm::isAlpha(text[i]) || text.find(text[i], i + 1) != llvm::StringRef::npos)
      return false;
  return true;
}

std::optional<Spec> Spec::parse(llvm::StringRef text) {
  auto [left, right] = text.split("->");
  if (left.size() == text.size() || !isLetters(right))
    return std::nullopt;
  Spec spec;
  spec.result = right.str();
  llvm::SmallVector<llvm::StringRef> parts;
  left.split(parts, ',');
  for (llvm::StringRef part : parts) {
    if (!isLetters(part))
      return std::nullopt;
    spec.operands.push_back(part.str());
  }
  return spec;
}

std::string Spec::str() const { return llvm::join(operands, ",") + "->" + result; }

int64_t Spec::axis(llvm::StringRef letters, char letter) {
  size_t at = letters.find(letter);
  return at == llvm::StringRef::npos ? -1 : static_cast<int64_t>(at);
}

char Spec::freshLetter() const {
  std::string used = result;
  for (const std::string &operand : operands)
    used += operand;
  for (char c : llvm::StringRef("bcdefghijklmnopqrstuvwxyzaBCDEFGHIJKLMNOPQRSTUVWXYZA"))
    if (used.find(c) == std::string::npos)
      return c;
  llvm_unreachable("an array has no more than 52 dims");
}
