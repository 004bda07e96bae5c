#include "Lower/Function.h"
#include "Plan/Storage.h"
#include "Schedule/Positions.h"
#include "rondo/Abi.h"
#include <cstddef>

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

Value rondo::arenaOffset(Code &code, Shapes &shapes, func::FuncOp function, int64_t end) {
  auto slots = function->getAttrOfType<ArrayAttr>(names::slots);
  return code.atEntry([&] {
    Value total = code.i64(0);
    for (int64_t number = 0; number < end; ++number) {
      auto type = cast<ArrayType>(cast<TypeAttr>(slots[number]).getValue());
      Value bytes = code.i64(Code::byteSize(type.getElementType()));
      for (DimAttr dim : type.getDims())
        bytes = code.mul(bytes, shapes.padded(dim));
      Value lines = code.floorDiv(code.add(bytes, code.i64(63)), 64);
      total = code.add(total, code.mul(code.max(lines, code.i64(1)), code.i64(64)));
    }
    return total;
  });
}

FunctionLowering::FunctionLowering(func::FuncOp function, Block *entry,
                                   const TargetDescription &machine)
    : function(function), entry(entry), machine(machine), code(function.getLoc(), entry),
      shapes(code, function, field(offsetof(RondoCall, dims)), field(offsetof(RondoCall, lengths))),
      emitter(code, shapes, this->machine) {
  if (auto symbol = function->getAttrOfType<StringAttr>(names::sortedBy))
    shapes.sortedBy = symbol;
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
  return code.atEntry([&] {
    Value offset = arenaOffset(code, shapes, function, number);
    return code.address(field(offsetof(RondoCall, arena)), code.builder.getI8Type(), offset);
  });
}

Target FunctionLowering::planned(Operation *op, int64_t number) {
  auto type = arrayType(op->getResult(number));
  Storage storage = storageOf(op, number);
  switch (storage.kind) {
  case Storage::Slot:
    return {emitter.denseView(slot(storage.number), type)};
  case Storage::Result:
    return {emitter.denseView(element(field(offsetof(RondoCall, results)), storage.number), type)};
  case Storage::Stack:
    return stackParts[storage.number];
  case Storage::Sum:
    return sums[storage.number];
  }
  llvm_unreachable("all kinds of storage are listed");
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
    emitter.copy(value, {emitter.denseView(pointer, arrayType(value))});
  }
  return emitter.result;
}

void FunctionLowering::block(Block &block) {
  for (Operation &op : block.without_terminator())
    statement(&op);
}

void FunctionLowering::statement(Operation *op) {
  code.loc = op->getLoc();
  if (auto scanOp = dyn_cast<ScanOp>(op))
    return scan(scanOp);
  if (auto check = dyn_cast<CheckOp>(op)) {
    emitter.check(check, checks.size(), field(offsetof(RondoCall, failure)));
    checks.push_back(check.getMessage().str());
    return;
  }
  if (!isStored(op))
    return; // computed where it is used
  SmallVector<Value> roots(op->getResults());
  if (auto group = dyn_cast<GroupOp>(op))
    roots = llvm::to_vector(group.getBlock()->getTerminator()->getOperands());
  SmallVector<Target> targets;
  for (size_t number = 0; number < roots.size(); ++number)
    targets.push_back(planned(op, number));
  emitter.group(roots, targets);
  for (auto [result, target] : llvm::zip_equal(op->getResults(), targets))
    emitter.bind(result, target);
}

//===----------------------------------------------------------------------===//
// Scans
//===----------------------------------------------------------------------===//

void FunctionLowering::scan(ScanOp op) {
  SmallVector<Target> results;
  for (size_t number = 0; number < op->getNumResults(); ++number)
    results.push_back(planned(op, number));
  for (auto [result, target] : llvm::zip_equal(op->getResults(), results)) {
    target.mode = StoreMode::Write;
    emitter.bind(result, target);
  }
  int64_t firstSum = op.getNumCarries() + op.getNumStacks();
  for (Value sum : op.getSumResults())
    emitter.fill(arrayType(sum), 0, results[firstSum++]);

  DimAttr dim = op.getDim();
  if (!shapes.hasBatch() || !shapes.isRagged(dim) || shapes.fallsWithRows(dim))
    return steps(op, results);
  // Rows are not in the order of this dim: runs of rows of one length take their steps together.
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
        steps(op, results);
        return next;
      });
  emitter.rowBegin = begin;
  emitter.rowEnd = end;
}

void FunctionLowering::steps(ScanOp op, ArrayRef<Target> results) {
  for (auto [start, target] : llvm::zip(op.getStarts(), results))
    emitter.copy(start, target);

  DimAttr dim = op.getDim();
  Value begin = emitter.rowBegin, end = emitter.rowEnd;
  bool shrinks = shapes.hasBatch() && shapes.isRagged(dim);
  // The first row has the most steps.
  Value count = shapes.own(dim, shrinks ? begin : Value());
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
              return code.logicalAnd(
                  isRow, code.compare(CmpIPredicate::sgt, shapes.own(dim, at), position));
            },
            [&](Value row) { return code.add(row, code.i64(1)); });
      else
        active = code.whileLoop(
            rows.front(),
            [&](Value row) {
              Value length = shapes.own(dim, code.sub(row, code.i64(1)));
              return code.compare(CmpIPredicate::sle, length, position);
            },
            [&](Value row) { return code.sub(row, code.i64(1)); });
      next.push_back(active);
      emitter.rowEnd = active;
    }
    step(op, results, position);
    emitter.rowEnd = end;
    return next;
  });
}

void FunctionLowering::step(ScanOp op, ArrayRef<Target> results, Value position) {
  int64_t numCarries = op.getNumCarries(), numStacks = op.getNumStacks();
  emitter.bindScalar(op.getPosition(), position);
  for (auto [argument, target] : llvm::zip(op.getCarryArguments(), results))
    emitter.bind(argument, target);
  for (auto [argument, array, axis] :
       llvm::zip(op.getSliceArguments(), op.getSlices(), op.getSliceAxes()))
    emitter.bindSlice(argument, {array, axis, position});

  SmallVector<Target> parts, totals;
  for (auto [number, axis] : llvm::enumerate(op.getStackAxes()))
    parts.push_back({emitter.dropAxis(results[numCarries + number].view, axis, position)});
  for (const Target &target : results.drop_front(numCarries + numStacks))
    totals.push_back({target.view, StoreMode::Add});
  std::swap(stackParts, parts);
  std::swap(sums, totals);
  block(*op.getBlock());

  auto isInPlace = [](Value value, Storage storage) {
    Operation *producer = value.getDefiningOp();
    return producer && isStored(producer) &&
           storageOf(producer, cast<OpResult>(value).getResultNumber()) == storage;
  };
  code.loc = op.getLoc();
  for (auto [number, value] : llvm::enumerate(op.getYieldedStacks()))
    if (!isInPlace(value, {Storage::Stack, static_cast<int64_t>(number)}))
      emitter.copy(value, stackParts[number]);
  for (auto [number, value] : llvm::enumerate(op.getYieldedSums()))
    if (!isInPlace(value, {Storage::Sum, static_cast<int64_t>(number)}))
      emitter.copy(value, sums[number]);
  for (auto [value, argument, target] :
       llvm::zip(op.getYieldedCarries(), op.getCarryArguments(), results))
    if (value != argument)
      emitter.copy(value, target);
  std::swap(stackParts, parts);
  std::swap(sums, totals);
}
