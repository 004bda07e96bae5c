// rondo-verify-coverage: see Passes.td.
#include "Interpret/Passes.h"
#include "Rondo/Cost.h"
#include "rondo/Interpret.h"

namespace rondo {
#define GEN_PASS_DEF_VERIFYCOVERAGE
#include "Interpret/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// What every op has, unless the table of exceptions says why not.
enum class Part { Evaluator, Adjoint, BatchRule, StreamRule, Cost };

struct Requirement {
  Part part;
  StringLiteral name;
  bool (*has)(OperationName op);
};

constexpr Requirement requirements[] = {
    {Part::Evaluator, "evaluator", hasEvaluator},
    {Part::Adjoint, "adjoint", [](OperationName op) { return op.hasInterface<Differentiable>(); }},
    {Part::BatchRule, "batch rule", [](OperationName op) { return op.hasInterface<Batchable>(); }},
    {Part::StreamRule, "stream rule",
     [](OperationName op) { return op.hasInterface<Streamable>(); }},
    {Part::Cost, "cost", [](OperationName op) { return op.hasInterface<Cost>(); }},
};

struct Exception {
  StringLiteral op;
  SmallVector<Part, 3> parts;
  StringLiteral reason;
};

const Exception exceptions[] = {
    {"grad",
     {Part::Adjoint, Part::StreamRule},
     "is resolved into other ops, the innermost first; over a sequence it looks ahead"},
    {"group", {Part::Adjoint, Part::StreamRule}, "is made after these stages, by Schedule"},
    {"stream",
     {Part::Adjoint, Part::BatchRule, Part::StreamRule},
     "is gone after Stream, the innermost first"},
    {"param",
     {Part::Evaluator, Part::Adjoint, Part::BatchRule, Part::StreamRule},
     "says what a parameter is; there is nothing to evaluate"},
    {"train",
     {Part::Evaluator, Part::Adjoint, Part::BatchRule, Part::StreamRule},
     "says how to train; there is nothing to evaluate"},
    {"yield",
     {Part::Evaluator, Part::Adjoint, Part::BatchRule, Part::StreamRule},
     "is a part of the op whose region it ends"},
};

struct VerifyCoverage : rondo::impl::VerifyCoverageBase<VerifyCoverage> {
  void runOnOperation() override {
    bool complete = true;
    int64_t count = 0;
    for (RegisteredOperationName op : getContext().getRegisteredOperations()) {
      if (op.getDialectNamespace() != RondoDialect::getDialectNamespace())
        continue;
      ++count;
      for (const Requirement &requirement : requirements) {
        bool has = requirement.has(op);
        bool excepted = llvm::any_of(exceptions, [&](const Exception &exception) {
          return exception.op == op.stripDialect() &&
                 llvm::is_contained(exception.parts, requirement.part);
        });
        if (has == excepted)
          getOperation().emitError()
              << op.getStringRef() << (has ? " is excepted without need: it has an " : " lacks: ")
              << requirement.name;
        complete &= has != excepted;
      }
    }
    if (count == 0) {
      getOperation().emitError("expected registered ops of the dialect");
      complete = false;
    }
    for (const Exception &exception : exceptions)
      if (!RegisteredOperationName::lookup(("rondo." + exception.op).str(), &getContext())) {
        getOperation().emitError("no op rondo.") << exception.op;
        complete = false;
      }
    if (!complete)
      signalPassFailure();
  }
};

} // namespace
