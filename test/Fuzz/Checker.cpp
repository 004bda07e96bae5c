// How numbers are compared; the checks in their order.
#include "Checker.h"
#include "rondo/Philox.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

Messages::Messages(MLIRContext &context)
    : handler(&context, [this](Diagnostic &diagnostic) {
        llvm::raw_string_ostream os(text);
        if (auto at = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
          os << at.getLine() << ":" << at.getColumn() << ": ";
        os << diagnostic << "\n";
      }) {}

std::optional<Finding> Checker::run() {
  if (importText() && stagesAgree() && gradientsAreThoseOfOneAtATime() && differencesAgree() &&
      compiledAgrees())
    return std::nullopt;
  for (const auto &[name, lengths] : data.lengths()) {
    finding->lengths += " --lengths " + name + "=";
    for (auto [row, length] : llvm::enumerate(lengths))
      finding->lengths += (row ? "," : "") + std::to_string(length);
  }
  return finding;
}

bool Checker::violated(std::string property, std::string what) {
  if (!messages.text.empty())
    what += "\n" + messages.text;
  finding = Finding{std::move(property), std::move(what), "", ""};
  return false;
}

/// The message of the program's own at which an evaluation stopped, or "" after any other error.
std::string Checker::refusal() const {
  StringRef all = messages.text;
  for (const char *own : {"the interpreter cannot evaluate", "expected the argument", "dominate"})
    if (all.contains(own))
      return "";
  return all.str();
}

/// How far result `number` of an entry moves with the last digits of what the entry is given and of
/// what it computes on the way: what cancels whatever it is given moves with the latter alone.
double Checker::conditionOf(StringRef name, size_t number, double digit) {
  double change = 0;
  for (uint64_t draw = 0; draw < 4; ++draw) {
    Call moved = data.of(name);
    for (auto &argument : moved.arguments)
      for (auto [i, x] : llvm::enumerate(argument.second.floats))
        x *= 1 + (drawBits(draw, i)[0] % 2 ? digit : -digit);
    if (auto results = evaluate(*module, name, moved, {digit, draw}))
      change = std::max(change, errorOf((*results)[number], reference[name][number]));
  }
  return change;
}

/// Compares result `number` of an entry with the reference, or with what is `wanted` of it;
/// written so that NaN fails. What changes much with the last digits of its inputs may be
/// further off.
bool Checker::close(const std::string &property, StringRef name, size_t number,
                    const std::string &where, const HostArray &found, const HostArray &wanted,
                    double tolerance, double digit) {
  double scale = 0;
  for (double x : reference[name][number].floats)
    if (!std::isnan(x))
      scale = std::max(scale, std::abs(x));
  double error = errorOf(found, wanted, scale);
  if (settings.verbose)
    llvm::outs() << llvm::formatv("  {0}, {1} result {2} {3}: {4:e2}\n", property, name, number,
                                  where, error);
  if (error <= tolerance || (settings.excused && error <= 100 * conditionOf(name, number, digit)))
    return true;
  return violated(property, llvm::formatv("{0} result {1} {2}: error {3:e3}, tolerance {4:e1}",
                                          name, number, where, error, tolerance));
}

SmallVector<func::FuncOp> Checker::entries() {
  SmallVector<func::FuncOp> found;
  for (auto function : module->getOps<func::FuncOp>())
    if (auto kind = function->getAttrOfType<StringAttr>(names::kind))
      if (kind.getValue() == "entry")
        found.push_back(function);
  return found;
}

std::optional<Finding> rondo::fuzz::findViolation(MLIRContext &context, const std::string &text,
                                                  const Settings &settings) {
  return Checker(context, text, settings).run();
}
