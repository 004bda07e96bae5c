// Groups of rows: their steps, one after the other for a few rows at a time. What only steps read
// lies in memory of each worker that is as long as these few rows, on the stack.
#include "Device/Device.h"
#include "Lower/Function.h"
#include "Plan/Storage.h"

using namespace mlir;
using namespace rondo;

/// Elements of one row of a step's result; none if the row's length is known at run time only.
static std::optional<int64_t> rowLength(ArrayType type, int64_t numRows) {
  int64_t length = 1;
  for (DimAttr dim : type.getDims().drop_front(numRows)) {
    if (!dim.isConstant())
      return std::nullopt;
    length *= dim.getConstant();
  }
  return length;
}

/// So many rows that what is computed of them fills half of the first-level cache: the sum of one
/// row need not wait for that of the row before.
static int64_t rowsAtATime(GroupOp op, const TargetDescription &machine) {
  int64_t bytes = 1;
  for (GroupOp step : op.getBlock()->getOps<GroupOp>())
    for (Type type : step.getResultTypes()) {
      auto array = cast<ArrayType>(type);
      std::optional<int64_t> length = rowLength(array, *op.getRows());
      if (!length)
        return 1;
      bytes += *length * machine.bytesOf(array.getElementType());
    }
  return std::clamp<int64_t>(machine.l1Bytes / 2 / bytes, 1, 8);
}

/// Bytes of what is local to so many rows, in whole lines of 64.
static int64_t localBytes(OpResult result, int64_t numRows, int64_t count) {
  if (storageOf(result.getOwner(), result.getResultNumber()).kind != Storage::Local)
    return 0;
  ArrayType type = arrayType(result);
  int64_t bytes = *rowLength(type, numRows) * Code::byteSize(type.getElementType());
  return static_cast<int64_t>(llvm::alignTo(count * bytes, 64));
}

Value FunctionLowering::local(int64_t offset) {
  return code.atEntry([&]() -> Value {
    Code::Key key{"local"};
    Value memory = code.lookup(key);
    Type byte = code.builder.getI8Type();
    if (!memory) {
      // As much as those rows need that need most.
      int64_t most = 0;
      function.walk([&](GroupOp op) {
        int64_t bytes = 0;
        if (op.getRows())
          for (GroupOp step : op.getBlock()->getOps<GroupOp>())
            for (OpResult result : step->getResults())
              bytes += localBytes(result, *op.getRows(), rowsAtATime(op, machine));
        most = std::max(most, bytes);
      });
      memory = LLVM::AllocaOp::create(code.builder, code.loc, code.pointerType(), byte,
                                      code.i64(most), 64);
      code.remember(key, memory);
    }
    return code.address(memory, byte, code.i64(offset));
  });
}

/// The steps of rows for the rows at hand; `view` says where what only steps read is kept, from so
/// many bytes of local memory on.
void FunctionLowering::stepsOfRows(GroupOp op, ArrayRef<Target> targets, int64_t count,
                                   llvm::function_ref<View(ArrayType, int64_t, int64_t)> view) {
  auto numRows = static_cast<int64_t>(*op.getRows());
  int64_t offset = 0, shared = emitter.sharedAxis;
  auto targetOf = [&](OpResult result) -> Target {
    Storage place = storageOf(result.getOwner(), result.getResultNumber());
    auto type = arrayType(result);
    if (place.kind == Storage::Yield)
      return targets[place.number];
    if (place.kind != Storage::Local)
      return {placeOf(place, type)};
    int64_t bytes = localBytes(result, numRows, count);
    return {view(type, bytes, std::exchange(offset, offset + bytes))};
  };
  for (GroupOp step : op.getBlock()->getOps<GroupOp>()) {
    code.loc = step.getLoc();
    auto results = llvm::map_to_vector(step->getResults(), targetOf);
    if (shared >= 0)
      emitter.sharedAxis = arrayType(step.getResult(0)).getRank() - 1;
    emitter.group(step, results);
    for (auto [result, target] : llvm::zip_equal(step->getResults(), results))
      emitter.bind(result, target);
    // Of a block's threads, for the next step, or the next row, which has the same shared memory.
    if (emitter.isInBlock && emitter.isSpread)
      device::BarrierOp::create(code.builder, code.loc);
  }
  emitter.sharedAxis = shared;
}

/// On a device, a block takes a row at a time, with its threads sharing every step; what only steps
/// read is in shared memory.
void FunctionLowering::rowsByBlocks(GroupOp op, ArrayRef<Target> targets) {
  auto numRows = static_cast<int64_t>(*op.getRows());
  ArrayRef<DimAttr> dims = arrayType(op.getResult(0)).getDims().take_front(numRows);
  emitter.rowsByBlocks(dims, [&] {
    stepsOfRows(op, targets, 1, [&](ArrayType type, int64_t bytes, int64_t offset) {
      Value memory = code.atEntry([&]() -> Value {
        return code.make<device::SharedOp>(code.pointerType(), bytes, offset);
      });
      View view = emitter.denseView(memory, type);
      std::fill_n(view.strides.begin(), numRows, code.i64(0));
      return view;
    });
  });
}

void FunctionLowering::rows(GroupOp op, ArrayRef<Target> targets) {
  if (machine.isDevice())
    return rowsByBlocks(op, targets);
  auto numRows = static_cast<int64_t>(*op.getRows());
  int64_t count = rowsAtATime(op, machine);
  ArrayRef<DimAttr> dims = arrayType(op.getResult(0)).getDims().take_front(numRows);
  emitter.rows(dims, count, [&](int64_t along, Value first) {
    stepsOfRows(op, targets, count, [&](ArrayType type, int64_t, int64_t offset) {
      View view = emitter.denseView(local(offset), type);
      // The rows at hand differ in one position.
      Value length = code.i64(*rowLength(type, numRows));
      for (int64_t axis = 0; axis < numRows; ++axis)
        view.strides[axis] = axis == along ? length : code.i64(0);
      view.offset = code.mul(first, code.sub(code.i64(0), length));
      return view;
    });
  });
}
