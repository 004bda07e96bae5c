// check-outline: see Passes.td.
#include "Check/Check.h"
#include "mlir/IR/Builders.h"

namespace rondo::check {
#define GEN_PASS_DEF_CHECKOUTLINE
#include "Check/Passes.h.inc"
} // namespace rondo::check

using namespace mlir;
using namespace rondo;
using namespace rondo::check;

namespace {

class Outliner {
public:
  explicit Outliner(func::FuncOp function) : function(function), builder(function) {}

  LogicalResult run() {
    SmallVector<Operation *> ops;
    bool nested = false;
    function.walk([&](Operation *op) {
      if (!isa_and_nonnull<CheckDialect>(op->getDialect()))
        return;
      if (op->getParentOp() != function) {
        nested = true;
        op->emitOpError("expected to stand in a function's own block");
      }
      ops.push_back(op);
    });
    if (nested)
      return failure();
    if (ops.empty())
      return success();
    if (auto old = function->getAttrOfType<ArrayAttr>(check::names::expect))
      llvm::append_range(expectations, old);
    terminator = function.getBody().front().getTerminator();
    for (Operation *op : ops) {
      if (failed(outline(op)))
        return failure();
      op->erase();
    }
    function->setAttr(check::names::expect, builder.getArrayAttr(expectations));
    return success();
  }

private:
  func::FuncOp function;
  Builder builder;
  Operation *terminator = nullptr;
  SmallVector<Attribute> expectations;

  LogicalResult outline(Operation *op) {
    if (auto input = dyn_cast<InputOp>(op)) {
      unsigned number = function.getNumArguments();
      auto attributes =
          builder.getDictionaryAttr(builder.getNamedAttr(check::names::value, input.getValue()));
      if (failed(function.insertArgument(number, input.getType(), attributes, op->getLoc())))
        return failure();
      input.getResult().replaceAllUsesWith(function.getArgument(number));
      return success();
    }
    NamedAttrList entry;
    if (auto close = dyn_cast<ExpectCloseOp>(op))
      addTolerance(entry, close.getToleranceAttr(), close.getFloorAttr());
    else if (auto close = dyn_cast<ExpectCloseConstOp>(op))
      addTolerance(entry, close.getToleranceAttr(), close.getFloorAttr());
    if (Attribute value = op->getAttr("value"))
      entry.set("value", value);
    StringRef roles[] = {"actual", "expected"};
    for (auto [role, operand] : llvm::zip(roles, op->getOperands())) {
      unsigned number = function.getNumResults();
      if (failed(function.insertResult(number, operand.getType(), DictionaryAttr())))
        return failure();
      terminator->insertOperands(number, operand);
      entry.set(role, builder.getI64IntegerAttr(number));
    }
    entry.set("location", LocationAttr(op->getLoc()));
    expectations.push_back(entry.getDictionary(builder.getContext()));
    return success();
  }

  static void addTolerance(NamedAttrList &entry, FloatAttr tolerance, FloatAttr floor) {
    entry.set("tolerance", tolerance);
    entry.set("floor", floor);
  }
};

} // namespace

LogicalResult check::outline(func::FuncOp function) {
  return function.isExternal() ? success() : Outliner(function).run();
}

namespace {

struct CheckOutline : check::impl::CheckOutlineBase<CheckOutline> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(check::outline(function)))
        return signalPassFailure();
  }
};

} // namespace
