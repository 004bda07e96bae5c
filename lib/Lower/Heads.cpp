// Groups by their heads; scatter and argmax, whose loops are plain.
#include "Lower/Emitter.h"
#include "Lower/Reduction.h"
#include "Rondo/Spec.h"
#include "Tile/Nests.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

void Emitter::group(Operation *op, ArrayRef<Target> targets) {
  SmallVector<Value> roots = rootsOf(op);
  FailureOr<Operation *> head = findHead(op, views);
  if (failed(head)) {
    result = failure();
    return;
  }
  // What is read is located before the loops, so that none of them repeats it.
  forComputed(roots, views, [&](Operation *computed) {
    for (Value operand : computed->getOperands())
      viewOf(operand);
  });
  if (!*head)
    return elementwiseGroup(roots, targets);
  if (auto scatterOp = dyn_cast<ScatterOp>(*head)) {
    if (roots.size() != 1 || roots.front() != scatterOp.getResult()) {
      if (succeeded(result))
        result = scatterOp.emitOpError("expected to be all that its group stores");
      return;
    }
    return isSpread ? scatterByThreads(scatterOp, targets.front())
                    : scatter(scatterOp, targets.front());
  }
  if (auto argmaxOp = dyn_cast<ArgmaxOp>(*head))
    return argmax(argmaxOp, roots, targets);
  reduction(op, *head, targets);
}

void Emitter::reduction(Operation *op, Operation *head, ArrayRef<Target> targets) {
  FailureOr<HeadSpace> space = headSpaceOf(head, op, views);
  if (failed(space)) {
    result = failure();
    return;
  }
  if (machine.isDevice())
    return Reduction(*this, std::move(*space), targets).runOnDevice();
  LoopsAttr loops = loopsOf(op);
  if (!loops && succeeded(result))
    result = op->emitOpError("has no loops: expected rondo-tile to run before rondo-lower");
  if (!loops)
    return;
  if (failed(verifyLoops(loops, *space, surroundings()))) {
    result = failure();
    return;
  }
  Reduction(*this, std::move(*space), targets).run(loops);
}

void Emitter::scatter(ScatterOp op, const Target &target) {
  Spec spec = *Spec::parse(op.getSpec());
  auto base = op.getBase().getDefiningOp<ConstantOp>();
  std::optional<View> old = viewOf(op.getBase());
  bool isInPlace = old && isSame(*old, target.view) && target.also.empty();
  if (!isInPlace && (target.mode == StoreMode::Write || !base || base.getSplat() != 0.0))
    copy(op.getBase(), target);
  // Updates in row-major order but for the batch; lanes only along a dim of the table, where no
  // two of them meet.
  ArrayRef<DimAttr> dims = op.getUpdate().getType().getDims();
  SmallVector<int64_t> order = loopOrder(dims);
  int64_t vectorAxis = -1;
  for (int64_t axis : llvm::reverse(order)) {
    if (dims[axis].isConstant() && dims[axis].getConstant() == 1)
      continue;
    char letter = spec.result[axis];
    if (Spec::axis(spec.operands[0], letter) >= 0 && Spec::axis(spec.operands[1], letter) < 0 &&
        mayVectorise(dims, axis))
      vectorAxis = axis;
    break;
  }
  if (vectorAxis >= 0)
    llvm::erase(order, vectorAxis);
  Value size = shapes.padded(op.getType().getDim(op.getIndexedAxis())), updates = code.i64(1);
  for (auto [letter, dim] : llvm::zip_equal(spec.result, dims))
    if (Spec::axis(spec.operands[1], letter) >= 0)
      updates = code.mul(updates, shapes.padded(dim));
  using Visit = llvm::function_ref<void(ArrayRef<Index> from, ArrayRef<Index> to)>;
  auto forUpdates = [&](Visit visit) {
    // The shared axis is one of the update as well.
    int64_t along = sharedAxis < 0 ? -1 : Spec::axis(spec.result, spec.operands[0][sharedAxis]);
    llvm::SaveAndRestore<int64_t> ofUpdate(sharedAxis, along);
    Indices indices(dims.size());
    auto update = [&] {
      Indices at, to;
      for (char letter : spec.operands[1])
        at.push_back(indices[Spec::axis(spec.result, letter)]);
      Index found = tableIndex(op.getIndex(), at, size);
      for (char letter : spec.operands[0]) {
        int64_t axis = Spec::axis(spec.result, letter);
        to.push_back(axis < 0 ? found : indices[axis]);
      }
      visit(indices, to);
    };
    loops(dims, order, indices, [&] {
      if (vectorAxis < 0)
        return update();
      auto [low, high] = bounds(dims, vectorAxis, indices);
      int64_t width = laneCount({op.getResult()});
      bool aligned = divisorOfBounds(dims, vectorAxis) % width == 0;
      vectorLoop(low, high, width, aligned, [&](Index index) {
        indices[vectorAxis] = index;
        update();
      });
    });
  };
  // Nothing is lost so far: of a long table only where updates go to, which are few.
  if (const auto &rest = target.view.rest; rest && target.mode == StoreMode::Write) {
    Value zero = code.number(op.getType().getElementType(), 0);
    auto clearTouched = [&] {
      forUpdates([&](ArrayRef<Index>, ArrayRef<Index> to) { store({*rest}, to, zero); });
      return SmallVector<Value>();
    };
    auto clearAll = [&] {
      fill(op.getType(), 0, {*rest});
      return SmallVector<Value>();
    };
    Value areFew = code.compare(CmpIPredicate::slt, updates, size);
    code.ifElse(areFew, TypeRange(), clearTouched, clearAll);
  }
  forUpdates([&](ArrayRef<Index> from, ArrayRef<Index> to) {
    store({target.view, StoreMode::Add, target.also}, to, emit(op.getUpdate(), from));
  });
}

void Emitter::argmax(ArgmaxOp op, ArrayRef<Value> roots, ArrayRef<Target> targets) {
  auto isComputed = [&](Operation *o) { return !viewOf(o->getResult(0)).has_value(); };
  SmallVector<DimAttr> dims(arrayType(roots.front()).getDims());
  auto numStored = static_cast<int64_t>(dims.size());
  int64_t axis = op.getAxis();
  dims.push_back(op.getOperand().getType().getDim(axis));
  Type element = op.getOperand().getType().getElementType();
  bool isFloat = isa<FloatType>(element);

  Indices indices(dims.size());
  spread(dims, loopOrder(ArrayRef(dims).drop_back()), indices, [&] {
    ArrayRef<Index> stored = ArrayRef(indices).take_front(numStored);
    for (Value root : roots) {
      auto demands = demandsOf(root, op.getResult(), isComputed);
      if (!demands && succeeded(result))
        result = op.emitOpError("is read at positions that its group does not store");
      for (const Positions &positions : demands.value_or(SmallVector<Positions>())) {
        Indices at;
        for (const Position &p : positions)
          at.push_back(p.axis < 0 ? constantIndex(p.offset)
                                  : shift(stored[p.axis], code.i64(p.offset)));
        auto [low, high] = bounds(dims, numStored, indices);
        Value start = isFloat
                          ? code.number(element, -HUGE_VAL)
                          : code.integer(element, element.isInteger(32) ? INT32_MIN : INT64_MIN);
        SmallVector<Value> best =
            code.loop(low, high, 1, {start, code.i64(0)}, [&](Value position, ValueRange carried) {
              Indices inner(at);
              inner.insert(inner.begin() + axis, Index{position});
              Value value = emit(op.getOperand(), inner);
              Value wins;
              if (isFloat) {
                // Larger, or the first NaN.
                wins = code.make<arith::CmpFOp>(arith::CmpFPredicate::UGT, value, carried[0]);
                Value isKnown =
                    code.make<arith::CmpFOp>(arith::CmpFPredicate::ORD, carried[0], carried[0]);
                wins = code.make<arith::AndIOp>(wins, isKnown);
              } else {
                wins = code.make<arith::CmpIOp>(arith::CmpIPredicate::sgt, value, carried[0]);
              }
              return SmallVector<Value>{code.select(wins, value, carried[0]),
                                        code.select(wins, position, carried[1])};
            });
        know(op.getResult(), at, convert(best[1], op.getType().getElementType()));
      }
    }
    SmallVector<Value> elements;
    for (Value root : roots)
      elements.push_back(emit(root, stored));
    for (auto [target, value] : llvm::zip_equal(targets, elements))
      store(target, stored, value);
  });
}
