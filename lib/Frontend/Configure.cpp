// The configuration: numbers for a model's generic parameters, and what only numbers can tell.
#include "Frontend/Sema.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace rondo;

static constexpr double maxElements = 1099511627776.0; // 2^40

/// The atoms of a polynomial with their values, for messages: `d` = 6, `heads` = 4.
static std::string valuesOf(llvm::ArrayRef<Polynomial> polynomials,
                            llvm::function_ref<int64_t(const Atom *)> value) {
  std::string text;
  llvm::SmallVector<const Atom *> seen;
  for (const Polynomial &polynomial : polynomials)
    for (const Atom *atom : polynomial.getAtoms()) {
      if (atom->isComposite() || llvm::is_contained(seen, atom))
        continue;
      seen.push_back(atom);
      text += (text.empty() ? "`" : ", `") + atom->name + "` = " + std::to_string(value(atom));
    }
  return text;
}

bool rondo::configure(const core::Program &program, const std::map<std::string, int64_t> &overrides,
                      std::map<const Atom *, int64_t> &values, Diagnostics &diagnostics) {
  unsigned before = diagnostics.getNumErrors();
  auto valueOf = [&](const Atom *atom) {
    auto it = values.find(atom);
    return it == values.end() ? 1 : it->second;
  };
  for (const auto &[name, number] : overrides) {
    bool known = llvm::any_of(program.configuration, [&](const core::ConfigValue &config) {
      return config.atom->name == name;
    });
    if (!known) // [Sem-Config-Name]
      diagnostics.error({}, "the model has no configuration `" + name + "`");
  }
  for (const core::ConfigValue &config : program.configuration) {
    auto given = overrides.find(config.atom->name);
    if (given == overrides.end() && !config.defaultValue) { // [Sem-Config-Missing]
      diagnostics.error(config.atom->origin, "the configuration `" + config.atom->name +
                                                 "` has no value; give it with -D " +
                                                 config.atom->name + "=N");
      continue;
    }
    int64_t number =
        given == overrides.end() ? config.defaultValue->evaluate(valueOf) : given->second;
    if (number < 1 || number > largestSize) // [Sem-Config-Range]
      diagnostics.error(config.atom->origin,
                        "expected the configuration `" + config.atom->name + "` to be from 1 to " +
                            std::to_string(largestSize) + ", found " + std::to_string(number));
    values[config.atom] = number;
  }
  if (diagnostics.getNumErrors() != before)
    return false;

  for (const core::Obligation &obligation : program.obligations) {
    if (!llvm::all_of(obligation.branches, [&](const core::Branch &branch) {
          return (core::evaluateConfigured(branch.condition, valueOf) != 0) == branch.value;
        }))
      continue;
    int64_t value = obligation.value.evaluate(valueOf);
    if (obligation.kind == core::Obligation::Positive && value < 1) // [Sem-Dim-Positive]
      diagnostics.error(obligation.range,
                        (obligation.text.empty()
                             ? "expected a positive size, found " + std::to_string(value)
                             : obligation.text) +
                            " where " + valuesOf({obligation.value}, valueOf));
    if (obligation.kind != core::Obligation::Exact)
      continue;
    int64_t divisor = obligation.divisor.evaluate(valueOf);
    if (divisor == 0 || value % divisor != 0) // [Sem-Division]
      diagnostics.error(obligation.range,
                        "expected a division that comes out even, found " + std::to_string(value) +
                            " / " + std::to_string(divisor) + " where " +
                            valuesOf({obligation.value, obligation.divisor}, valueOf));
  }
  // [Sem-Train-Range]
  for (const core::RangeObligation &obligation : program.rangeObligations)
    if (int64_t value = obligation.value.evaluate(valueOf); value < 1 || value > obligation.largest)
      diagnostics.error(obligation.range, "expected the " + obligation.what + " to be from 1 to " +
                                              std::to_string(obligation.largest) + ", found " +
                                              std::to_string(value));
  // [Sem-Train-Number]
  for (const core::NumberObligation &obligation : program.numberObligations) {
    double value = core::evaluateConfigured(obligation.number, valueOf);
    if (std::isfinite(value) && (value > 0 || !obligation.isPositive))
      continue;
    std::string found;
    llvm::raw_string_ostream(found) << llvm::format("%g", value);
    diagnostics.error(obligation.range,
                      "expected a " + std::string(obligation.isPositive ? "positive" : "finite") +
                          " number, found " + found);
  }
  // [Sem-Size] Run-time lengths are left out: the program checks what it allocates.
  auto isLarge = [&](const core::Type &type) {
    double elements = 1;
    for (const Polynomial &dim : type.dims)
      if (dim.isStatic())
        elements *= static_cast<double>(dim.evaluate(valueOf));
    return elements > maxElements;
  };
  for (const core::Parameter &parameter : program.parameters)
    if (isLarge(parameter.type))
      diagnostics.error(parameter.range,
                        "parameter `" + parameter.path + "` has more than 2^40 elements");
  if (diagnostics.getNumErrors() != before)
    return false;
  for (const core::Node &node : program.nodes) {
    if (isLarge(node.type))
      diagnostics.error(node.range, "an array of more than 2^40 elements");
    if (node.op == core::Op::Length && node.dim.isStatic() &&
        std::abs(node.dim.evaluate(valueOf)) > largestInt) // [Sem-Int-Range]
      diagnostics.error(node.range, "an int beyond 2^53 where " + valuesOf({node.dim}, valueOf));
  }
  return diagnostics.getNumErrors() == before;
}
