#include "Lower/Function.h"
#include "Device/Device.h"
#include "Plan/Runs.h"
#include "Plan/ScanCopies.h"
#include "Plan/Share.h"
#include "Plan/Storage.h"
#include "Schedule/Positions.h"
#include "Team/Team.h"
#include "rondo/Abi.h"
#include <cstddef>

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

SmallVector<Value> rondo::arenaOffsets(Code &code, Shapes &shapes, func::FuncOp function) {
  auto types = function->getAttrOfType<ArrayAttr>(names::slots).getAsValueRange<TypeAttr>();
  SmallVector<ArrayType> slots;
  for (Type type : types)
    slots.push_back(cast<ArrayType>(type));
  SmallVector<SmallVector<int64_t>> below = slotsBelow(function);
  SmallVector<Value> begins(slots.size()), ends(slots.size());
  auto place = [&](auto &&self, int64_t number) -> void {
    if (ends[number])
      return;
    Value begin = code.i64(0);
    for (int64_t other : below[number]) {
      self(self, other);
      begin = code.max(begin, ends[other]);
    }
    Value bytes = code.i64(Code::byteSize(slots[number].getElementType()));
    for (DimAttr dim : slots[number].getDims()) {
      bytes = code.mul(bytes, shapes.padded(dim));
      // Of nothing, what is at position 0 has room (roomFor in lib/Runtime/Array.cpp).
      if (!dim.isConstant())
        bytes = code.max(bytes, code.i64(Code::byteSize(slots[number].getElementType())));
    }
    Value lines = code.max(code.floorDiv(code.add(bytes, code.i64(63)), 64), code.i64(1));
    begins[number] = begin;
    ends[number] = code.add(begin, code.mul(lines, code.i64(64)));
  };
  Value total = code.atEntry([&] {
    Value last = code.i64(0);
    for (size_t number = 0; number < slots.size(); ++number) {
      place(place, number);
      last = code.max(last, ends[number]);
    }
    return last;
  });
  begins.push_back(total);
  return begins;
}

FunctionLowering::FunctionLowering(func::FuncOp function, Block *entry,
                                   const TargetDescription &machine, const Profile &profile)
    : function(function), entry(entry), machine(machine), profile(profile),
      code(function.getLoc(), entry),
      shapes(code, function, field(offsetof(RondoCall, dims)), field(offsetof(RondoCall, lengths))),
      emitter(code, shapes, this->machine, function) {
  code.scalesByInstruction = machine.scales;
  code.roundsByInstruction = machine.rounds;
}

void FunctionLowering::shared(Share share, llvm::function_ref<void()> emit) {
  if (share.barrier)
    team::BarrierOp::create(code.builder, code.loc);
  if (share.axis == Share::threads) {
    emitter.isSpread = true;
    emit();
    emitter.isSpread = false;
    return;
  }
  emitter.sharedAxis = share.axis;
  if (share.axis >= 0) {
    emit();
    emitter.sharedAxis = -1;
    return;
  }
  Value isFirst = code.atEntry([&]() -> Value {
    return code.compare(CmpIPredicate::eq, code.make<team::IdOp>(), code.i64(0));
  });
  code.ifThen(isFirst, [&] { emit(); });
}

Value FunctionLowering::field(size_t offset) {
  return code.atEntry([&]() -> Value {
    Code::Key key{"field", reinterpret_cast<const void *>(offset)};
    Value value = code.lookup(key);
    if (!value) {
      Value at = code.address(entry->getArgument(0), code.builder.getI8Type(), code.i64(offset));
      value = code.make<LLVM::LoadOp>(code.pointerType(), at, 8);
      code.remember(key, value);
    }
    return value;
  });
}

Value FunctionLowering::element(Value array, int64_t number) {
  return code.atEntry([&]() -> Value {
    Value at = code.address(array, code.pointerType(), code.i64(number));
    return code.make<LLVM::LoadOp>(code.pointerType(), at, 8);
  });
}

Value FunctionLowering::slot(int64_t number) {
  if (offsets.empty())
    offsets = arenaOffsets(code, shapes, function);
  return code.atEntry([&] {
    return code.address(field(offsetof(RondoCall, arena)), code.builder.getI8Type(),
                        offsets[number]);
  });
}

View FunctionLowering::placeOf(Storage storage, ArrayType type) {
  switch (storage.kind) {
  case Storage::Slot:
    return emitter.denseView(slot(storage.number), type);
  case Storage::Result:
    return emitter.denseView(element(field(offsetof(RondoCall, results)), storage.number), type);
  case Storage::Cache: {
    Value offset = code.i64(cacheOffsets(function)[storage.number]);
    Value pointer = code.atEntry([&] {
      return code.address(field(offsetof(RondoCall, cache)), code.builder.getI8Type(), offset);
    });
    return emitter.denseView(pointer, type);
  }
  case Storage::Next:
    return frame->next[storage.number];
  case Storage::Stack:
    return frame->stackParts[storage.number];
  case Storage::Sum:
    return frame->sums[storage.number];
  case Storage::Before:
  case Storage::After:
  case Storage::None:
  case Storage::Yield:
  case Storage::Local:
    break;
  }
  llvm_unreachable("only stacks and carries of scans are kept nowhere else");
}

Target FunctionLowering::planned(Operation *op, int64_t number) {
  auto type = arrayType(op->getResult(number));
  ArrayRef<Storage> places = placesOf(op, number);
  const Storage &first = places.front();
  bool isSum = first.kind == Storage::Sum;
  if (first.kind == Storage::Stack) // of a scan that is itself added up
    isSum = frame->results[frame->scan.getNumCarries() + first.number].mode == StoreMode::Add;
  Target target{placeOf(first, type), isSum ? StoreMode::Add : StoreMode::Write};
  for (const Storage &place : ArrayRef(places).drop_front())
    target.also.push_back(placeOf(place, type));
  if (int64_t rest = restOf(op, number); rest >= 0) {
    if (ArrayType own = restType(op->getResult(number)); own != type)
      target.earlier = emitter.denseView(slot(rest), own);
    else
      target.view = emitter.withRest(target.view, slot(rest), type);
  }
  return target;
}

LogicalResult FunctionLowering::run() {
  for (BlockArgument argument : function.getArguments()) {
    Value pointer = element(field(offsetof(RondoCall, arguments)), argument.getArgNumber());
    emitter.bind(argument, {emitter.denseView(pointer, arrayType(argument))});
  }
  emitter.rowBegin = code.i64(0);
  emitter.rowEnd = code.i64(1);
  for (SymbolAttr symbol : getSymbols(function))
    if (symbol.getKind() == SymbolKind::Batch)
      emitter.rowEnd =
          shapes.padded(DimAttr::get(function.getContext(), symbol.getName().getValue()));
  Block &body = function.getBody().front();
  block(body);
  // Results that are not computed in place.
  for (OpOperand &operand : body.getTerminator()->getOpOperands()) {
    Storage wanted{Storage::Result, operand.getOperandNumber()};
    Value value = operand.get();
    Operation *op = value.getDefiningOp();
    if (op && isStored(op) && storageOf(op, cast<OpResult>(value).getResultNumber()) == wanted)
      continue;
    Value pointer = element(field(offsetof(RondoCall, results)), operand.getOperandNumber());
    shared(shareOf(function, operand.getOperandNumber()),
           [&] { emitter.copy(value, {emitter.denseView(pointer, arrayType(value))}); });
  }
  return emitter.result;
}

static bool isCached(Operation *op) {
  return isStored(op) && storageOf(op, 0).kind == Storage::Cache;
}

void FunctionLowering::block(Block &block) {
  // The plan has what is cached before all else: one branch.
  SmallVector<Operation *> cached, rest;
  for (Operation &op : block.without_terminator())
    (isCached(&op) ? cached : rest).push_back(&op);
  auto each = [&](ArrayRef<Operation *> ops) {
    for (Operation *op : ops)
      profile.time(code, op, [&] { statement(op); });
  };
  if (!cached.empty()) {
    Value valid = code.atEntry([&]() -> Value {
      Value at = code.address(entry->getArgument(0), code.builder.getI8Type(),
                              code.i64(offsetof(RondoCall, is_cache_valid)));
      return code.load(code.i64Type(), at);
    });
    code.ifThen(code.compare(CmpIPredicate::eq, valid, code.i64(0)), [&] { each(cached); });
  }
  each(rest);
}

void FunctionLowering::statement(Operation *op) {
  code.loc = op->getLoc();
  if (auto scanOp = dyn_cast<ScanOp>(op))
    return scan(scanOp);
  if (auto check = dyn_cast<CheckOp>(op)) {
    shared(shareOf(op),
           [&] { emitter.check(check, checks.size(), field(offsetof(RondoCall, failure))); });
    checks.push_back(check.getMessage().str());
    return;
  }
  if (!isStored(op))
    return; // computed where it is used
  SmallVector<Target> targets;
  for (OpResult each : op->getResults())
    targets.push_back(planned(op, each.getResultNumber()));
  shared(shareOf(op), [&] {
    if (auto group = dyn_cast<GroupOp>(op); group && group.getRows())
      rows(group, targets);
    else
      emitter.group(op, targets);
  });
  for (auto [result, target] : llvm::zip_equal(op->getResults(), targets))
    emitter.bind(result, target);
}

//===----------------------------------------------------------------------===//
// Scans
//===----------------------------------------------------------------------===//

void FunctionLowering::scan(ScanOp op) {
  Frame own;
  own.scan = op;
  int64_t numCarries = op.getNumCarries();
  for (auto [number, argument] : llvm::enumerate(op.getCarryArguments())) {
    CarryStorage storage = carryStorageOf(op, number);
    own.rows.emplace_back();
    if (storage.kind == CarryStorage::InPlace)
      continue;
    DimAttr count = storage.kind == CarryStorage::Pair
                        ? DimAttr::get(op.getContext(), int64_t(2))
                        : op.getDim().add(DimAttr::get(op.getContext(), int64_t(1)));
    own.rows.back() =
        emitter.denseView(slot(storage.slot), arrayType(argument).withInserted(0, count));
  }
  for (OpResult result : op->getResults()) {
    int64_t number = result.getResultNumber();
    Storage storage = storageOf(op, number);
    Target &target = own.results.emplace_back();
    if (storage.kind == Storage::None)
      continue;
    if (storage.kind == Storage::Before || storage.kind == Storage::After) {
      // A step goes from position t to t + 1, or back.
      View rows = own.rows[storage.number];
      Value stride = rows.strides.front();
      Value first = code.i64((storage.kind == Storage::After) != op.getReverse());
      int64_t axis = op.getStackAxes()[number - numCarries];
      target.view = emitter.insertAxis(emitter.dropAxis(rows, 0, first), axis, stride);
    } else {
      target = planned(op, number);
    }
    emitter.bind(result, target);
  }
  ScanCopies copies(op);
  for (auto [number, sum] : llvm::enumerate(op.getSumResults()))
    shared(shareOf(op, copies.fill(number)),
           [&] { emitter.clear(sum, own.results[cast<OpResult>(sum).getResultNumber()]); });
  for (auto [number, stack] : llvm::enumerate(bareStacks(op))) {
    Target &target = own.results[numCarries + stack];
    shared(shareOf(op, copies.fillBare(number)),
           [&] { emitter.clear(op.getStackResults()[stack], target); });
    if (isAddedByRuns(op, stack))
      target.mode = StoreMode::Add;
  }

  if (!op->hasAttr(names::persistent))
    return runs(own);
  auto kernel = device::PersistentOp::create(code.builder, code.loc);
  OpBuilder::InsertionGuard guard(code.builder);
  code.builder.createBlock(&kernel.getBody());
  code.pushScope();
  runs(own);
  code.popScope();
}

/// The steps of a scan for all rows: at once, or, where rows are not in the order of the scan's
/// dim, runs of rows of one length one after the other.
void FunctionLowering::runs(Frame &own) {
  ScanOp op = own.scan;
  Frame *around = std::exchange(frame, nullptr);
  auto inFrame = [&] {
    frame = &own;
    steps();
    frame = around;
  };
  DimAttr dim = op.getDim();
  if (!takesRuns(op))
    return inFrame();
  Value begin = emitter.rowBegin, end = emitter.rowEnd;
  code.whileLoop(
      begin, [&](Value row) { return code.compare(CmpIPredicate::slt, row, end); },
      [&](Value row) {
        Value length = shapes.own(dim, row), last = code.sub(end, code.i64(1));
        Value next = code.whileLoop(
            code.add(row, code.i64(1)),
            [&](Value other) {
              Value isRow = code.compare(CmpIPredicate::slt, other, end);
              Value size = shapes.own(dim, code.min(other, last));
              return code.logicalAnd(isRow, code.compare(CmpIPredicate::eq, size, length));
            },
            [&](Value other) { return code.add(other, code.i64(1)); });
        emitter.rowBegin = row;
        emitter.rowEnd = next;
        team::BarrierOp::create(code.builder, code.loc);
        inFrame();
        return next;
      });
  emitter.rowBegin = begin;
  emitter.rowEnd = end;
  frame = around;
}

View FunctionLowering::carryAt(int64_t number, Value position) {
  switch (carryStorageOf(frame->scan, number).kind) {
  case CarryStorage::InPlace:
    return frame->results[number].view;
  case CarryStorage::Pair:
    return emitter.dropAxis(frame->rows[number], 0, code.floorMod(position, 2));
  case CarryStorage::History:
    return emitter.dropAxis(frame->rows[number], 0, position);
  }
  llvm_unreachable("all kinds of storage are listed");
}

void FunctionLowering::forLengths(ArrayType type, llvm::function_ref<void(Value)> visit) {
  DimAttr dim = frame->scan.getDim();
  bool differs = shapes.hasBatch() && shapes.isRagged(dim);
  Value begin = emitter.rowBegin, end = emitter.rowEnd;
  if (!differs || shapes.batchAxis(type.getDims()) < 0)
    return visit(shapes.own(dim, differs ? begin : Value()));
  code.loop(begin, end, 1, [&](Value row) {
    emitter.rowBegin = row;
    emitter.rowEnd = code.add(row, code.i64(1));
    visit(shapes.own(dim, row));
  });
  emitter.rowBegin = begin;
  emitter.rowEnd = end;
}

void FunctionLowering::startCarry(int64_t number) {
  ScanOp op = frame->scan;
  Value start = op.getStarts()[number];
  if (!op.getReverse() || carryStorageOf(op, number).kind == CarryStorage::InPlace)
    return emitter.copy(start, {carryAt(number, code.i64(0))});
  forLengths(arrayType(start),
             [&](Value length) { emitter.copy(start, {carryAt(number, length)}); });
}

void FunctionLowering::finishCarry(int64_t number) {
  ScanOp op = frame->scan;
  const Target &result = frame->results[number];
  if (!result.view.pointer || carryStorageOf(op, number).kind == CarryStorage::InPlace)
    return;
  Value argument = op.getCarryArguments()[number];
  auto copyFrom = [&](Value position) {
    emitter.bind(argument, {carryAt(number, position)});
    emitter.copy(argument, result);
  };
  if (op.getReverse())
    return copyFrom(code.i64(0));
  forLengths(arrayType(argument), copyFrom);
}

/// False if nobody reads what the last step computes: of a forward scan of which only the carries
/// before each step are wanted, and which checks nothing.
static bool readsLastStep(ScanOp op) {
  bool checks = op.getBody().walk([](CheckOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (op.getReverse() || op.getNumSums() > 0 || checks)
    return true;
  return llvm::any_of(op->getResults(), [&](OpResult result) {
    Storage::Kind kind = storageOf(op, result.getResultNumber()).kind;
    bool isCarry = static_cast<int64_t>(result.getResultNumber()) < op.getNumCarries();
    return isCarry ? !result.use_empty() : kind != Storage::Before && kind != Storage::None;
  });
}

void FunctionLowering::steps() {
  ScanOp op = frame->scan;
  ScanCopies copies(op);
  for (int64_t number = 0; number < op.getNumCarries(); ++number)
    shared(shareOf(op, copies.start(number)), [&] { startCarry(number); });
  if (shareOf(op, copies.enter()).barrier)
    team::BarrierOp::create(code.builder, code.loc);

  DimAttr dim = op.getDim();
  Value begin = emitter.rowBegin, end = emitter.rowEnd;
  bool shrinks = shapes.hasBatch() && shapes.isRagged(dim);
  Value skipped = code.i64(readsLastStep(op) ? 0 : 1);
  auto stepsOf = [&](Value row) { return code.sub(shapes.own(dim, row), skipped); };
  // The first row has the most steps.
  Value count = stepsOf(shrinks ? begin : Value());
  Value start = op.getReverse() ? begin : end;
  SmallVector<Value> carried;
  if (shrinks)
    carried.push_back(start);
  code.loop(code.i64(0), count, 1, carried, [&](Value number, ValueRange rows) {
    Value position = op.getReverse() ? code.sub(code.sub(count, code.i64(1)), number) : number;
    SmallVector<Value> next;
    if (shrinks) {
      // The active rows are the first ones, since lengths fall.
      Value active;
      if (op.getReverse())
        active = code.whileLoop(
            rows.front(),
            [&](Value row) {
              Value isRow = code.compare(CmpIPredicate::slt, row, end);
              Value at = code.min(row, code.sub(end, code.i64(1)));
              return code.logicalAnd(isRow,
                                     code.compare(CmpIPredicate::sgt, stepsOf(at), position));
            },
            [&](Value row) { return code.add(row, code.i64(1)); });
      else
        active = code.whileLoop(
            rows.front(),
            [&](Value row) {
              Value steps = stepsOf(code.sub(row, code.i64(1)));
              return code.compare(CmpIPredicate::sle, steps, position);
            },
            [&](Value row) { return code.sub(row, code.i64(1)); });
      next.push_back(active);
      emitter.rowEnd = active;
    }
    auto around = emitter.persistent;
    emitter.persistent.reset();
    if (op->hasAttr(names::persistent))
      emitter.persistent = {op, code.compare(CmpIPredicate::eq, number, code.i64(0)), end,
                            code.i64(0)};
    step(position);
    emitter.persistent = around;
    emitter.rowEnd = end;
    return next;
  });
  for (int64_t number = 0; number < op.getNumCarries(); ++number)
    shared(shareOf(op, copies.finish(number)), [&] { finishCarry(number); });
}

void FunctionLowering::step(Value position) {
  ScanOp op = frame->scan;
  int64_t numCarries = op.getNumCarries(), numStacks = op.getNumStacks();
  std::optional<Segments> segments = op.getSegments();
  Value first = position; // of the segment
  if (segments) {
    first = code.mul(position, shapes.padded(segments->part));
    shapes.enterSegment(*segments, first);
  }
  emitter.bindScalar(op.getPosition(), first);
  Value other = code.add(position, code.i64(1));
  Value before = op.getReverse() ? other : position, after = op.getReverse() ? position : other;
  frame->next.clear();
  for (auto [number, argument] : llvm::enumerate(op.getCarryArguments())) {
    emitter.bind(argument, {carryAt(number, before)});
    frame->next.push_back(carryAt(number, after));
  }
  for (auto [argument, array, axis] :
       llvm::zip(op.getSliceArguments(), op.getSlices(), op.getSliceAxes()))
    if (op.isBySegments(array.getType(), axis))
      emitter.bindSlice(argument, {array, axis, first, /*isSegment=*/true});
    else
      emitter.bindSlice(argument, {array, axis, position});
  frame->stackParts.clear();
  frame->sums.clear();
  for (auto [number, axis] : llvm::enumerate(op.getStackAxes())) {
    const View &whole = frame->results[numCarries + number].view;
    bool isSegment = op.isBySegments(op.getStackResults()[number].getType(), axis);
    frame->stackParts.push_back(isSegment ? emitter.from(whole, axis, first)
                                          : emitter.dropAxis(whole, axis, position));
  }
  for (const Target &target : ArrayRef(frame->results).drop_front(numCarries + numStacks))
    frame->sums.push_back(target.view);
  // The plan has the body's ops store all that it yields.
  block(*op.getBlock());
}
