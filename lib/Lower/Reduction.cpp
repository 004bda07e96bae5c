// One tile of a contraction or reduction: its sums, and what is computed and stored of them.
#include "Lower/Reduction.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

Reduction::Reduction(Emitter &emitter, HeadSpace of, ArrayRef<Target> targets)
    : HeadSpace(std::move(of)), e(emitter), code(emitter.code), targets(targets) {
  space.resize(dims.size());
}

Index Reduction::placed(const Position &position, int64_t row, int64_t column) {
  if (position.axis < 0)
    return e.constantIndex(position.offset);
  Index index = space[position.axis];
  if (position.axis == rowAxis)
    index = e.shift(index, code.i64(row));
  if (position.axis == vectorAxis)
    index = e.shift(index, code.i64(column * e.lanes.width));
  return e.shift(index, code.i64(position.offset));
}

Indices Reduction::headIndices(int64_t row, int64_t column, int64_t demand) {
  Indices indices;
  for (const Position &position : demands[demand])
    indices.push_back(placed(position, row, column));
  return indices;
}

Indices Reduction::rootIndices(int64_t row, int64_t column) {
  Indices indices;
  for (int64_t axis = 0; axis < numStored; ++axis)
    indices.push_back(placed({axis, 0}, row, column));
  return indices;
}

Value Reduction::identity(Type type) {
  bool isFloat = isa<FloatType>(element);
  int64_t least = element.isInteger(32) ? INT32_MIN : INT64_MIN;
  int64_t most = element.isInteger(32) ? INT32_MAX : INT64_MAX;
  switch (kind) {
  case ReduceKind::Sum:
    return code.number(type, 0);
  case ReduceKind::Product:
    return code.number(type, 1);
  case ReduceKind::Max:
    return isFloat ? code.number(type, -HUGE_VAL) : code.integer(type, least);
  case ReduceKind::Min:
    return isFloat ? code.number(type, HUGE_VAL) : code.integer(type, most);
  }
  llvm_unreachable("all kinds are listed");
}

Value Reduction::combine(Value a, Value b) {
  bool isFloat = isa<FloatType>(element);
  switch (kind) {
  case ReduceKind::Sum:
    return isFloat ? code.addf(a, b) : code.make<arith::AddIOp>(a, b);
  case ReduceKind::Product:
    return isFloat ? code.make<arith::MulFOp>(a, b) : code.make<arith::MulIOp>(a, b);
  case ReduceKind::Max:
    return isFloat ? code.make<arith::MaximumFOp>(a, b) : code.make<arith::MaxSIOp>(a, b);
  case ReduceKind::Min:
    return isFloat ? code.make<arith::MinimumFOp>(a, b) : code.make<arith::MinSIOp>(a, b);
  }
  llvm_unreachable("all kinds are listed");
}

/// Combines the lanes of a vector, half with half.
Value Reduction::fold(Value vector) {
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  for (int64_t half = lanes / 2; half >= 1; half /= 2) {
    auto low = llvm::to_vector(llvm::seq<int64_t>(0, half));
    auto high = llvm::to_vector(llvm::seq<int64_t>(half, 2 * half));
    vector = combine(code.make<vector::ShuffleOp>(vector, vector, low),
                     code.make<vector::ShuffleOp>(vector, vector, high));
  }
  return code.make<vector::ExtractOp>(vector, int64_t(0));
}

/// Where the examples are summed over and a stored axis is ragged, not every example has the
/// stored position: the condition under which it has, or null.
Value Reduction::validity(int64_t row, int64_t column) {
  int64_t batch = e.shapes.batchAxis(dims);
  if (batch < numStored)
    return {};
  Value valid;
  for (int64_t axis = 0; axis < numStored; ++axis) {
    if (!e.shapes.isRagged(dims[axis]))
      continue;
    Value size = e.shapes.own(dims[axis], space[batch].base);
    Value position = e.asValue(placed({axis, 0}, row, column));
    if (isa<VectorType>(position.getType()))
      size = e.spread(size);
    valid = code.logicalAnd(valid, code.compare(CmpIPredicate::slt, position, size));
  }
  return valid;
}

/// The product that a sum is of, like a contraction's, if nothing else reads it here.
MulOp Reduction::summedProduct(Value operand) {
  auto product = operand.getDefiningOp<MulOp>();
  bool isSum = isa<ReduceOp>(head) && kind == ReduceKind::Sum && isa<FloatType>(element);
  return isSum && product && product->hasOneUse() && !e.viewOf(operand) ? product : MulOp();
}

/// `carried` with what the operands give at the present position.
Value Reduction::combined(int64_t row, int64_t column, int64_t demand, Value carried) {
  Indices parallel = headIndices(row, column, demand);
  SmallVector<Value, 2> values;
  for (auto [operand, own] : llvm::enumerate(letters)) {
    if (panel && static_cast<int64_t>(operand) == panelOperand) {
      values.push_back(code.load(carried.getType(), panelAddress(column)));
      continue;
    }
    Indices indices;
    for (int64_t letter : own)
      indices.push_back(letter < numParallel ? parallel[letter]
                                             : space[numStored + letter - numParallel]);
    // A reduction's operand comes first, a contraction's two as well.
    Value read = head->getOperand(operand);
    if (MulOp product = summedProduct(read))
      values.assign({e.emit(product.getLhs(), indices), e.emit(product.getRhs(), indices)});
    else
      values.push_back(e.emit(read, indices));
  }
  if (isa<VectorType>(carried.getType()))
    for (Value &value : values)
      value = e.spread(value);
  return values.size() == 2 ? code.fma(values[0], values[1], carried) : combine(carried, values[0]);
}

/// One step of the sum. What an example does not have is not read either: behind a slice from a
/// length of its own, its place may be outside of storage.
Value Reduction::contribution(int64_t row, int64_t column, int64_t demand, Value carried) {
  Value valid = validity(row, column);
  if (!valid)
    return combined(row, column, demand, carried);
  if (!isa<VectorType>(valid.getType()))
    return code.ifElse(
        valid, carried.getType(), [&] { return combined(row, column, demand, carried); },
        [&] { return carried; });
  Value next;
  e.withLanes({e.lanes.width, code.logicalAnd(e.lanes.mask, valid)},
              [&] { next = combined(row, column, demand, carried); });
  return code.select(valid, next, carried);
}

Reduction::Accumulators Reduction::step(const Tile &tile, ValueRange carried, Value laneMask) {
  Accumulators next(carried);
  auto count = static_cast<int64_t>(demands.size());
  // Row by row: the columns' vectors stay in registers, a row's element in one of them.
  for (int64_t row = 0; row < tile.rows; ++row)
    for (int64_t column = 0; column < tile.columns; ++column) {
      Value mask = laneMask ? laneMask : tile.masks[column];
      e.withLanes({tile.width, mask}, [&] {
        for (int64_t demand = 0; demand < count; ++demand) {
          int64_t number = (row * tile.columns + column) * count + demand;
          Value value = contribution(row, column, demand, carried[number]);
          next[number] = laneMask ? code.select(laneMask, value, carried[number]) : value;
        }
      });
    }
  return next;
}

Reduction::Accumulators Reduction::sum(const Tile &tile, ArrayRef<int64_t> axes,
                                       Accumulators start) {
  if (axes.empty()) {
    if (!panel)
      return step(tile, start, {});
    panelStep = start.pop_back_val();
    Accumulators next = step(tile, start, {});
    next.push_back(code.add(panelStep, code.i64(1)));
    return next;
  }
  auto [low, high] = summedBounds(axes.front());
  if (axes.front() != chainAxis)
    return sum(tile, axes, low, high, std::move(start));
  auto count = tile.rows * tile.columns * static_cast<int64_t>(demands.size());
  return sumInChains(count, low, high, std::move(start),
                     [&](Value from, Value to, Accumulators part) {
                       return sum(tile, axes, from, to, std::move(part));
                     });
}

/// Chains of one accumulator in the dot form: several sums at a time, since each has to wait for
/// its last step.
int64_t Reduction::dotChains(int64_t numAccumulators) const {
  int64_t chains = numAccumulators <= 4 ? 4 : 1;
  const DimAttr &dim = dims[vectorAxis];
  return dim.isConstant() && dim.getConstant() < 2 * chains * width ? 1 : chains;
}

/// The same along the first of the axes from low to high.
Reduction::Accumulators Reduction::sum(const Tile &tile, ArrayRef<int64_t> axes, Value low,
                                       Value high, Accumulators start) {
  int64_t axis = axes.front();
  if (axis != vectorAxis)
    return code.loop(low, high, 1, start, [&](Value position, ValueRange carried) {
      return at(axis, {position, 0, {}, Code::isConstant(position, 0)},
                [&] { return sum(tile, axes.drop_front(), llvm::to_vector(carried)); });
    });
  // The dot form: lanes along the innermost summed axis, the rest under a mask.
  bool aligned = e.divisorOfBounds(dims, axis) % width == 0;
  auto count = static_cast<int64_t>(start.size());
  int64_t chains = dotChains(count);
  if (chains > 1) {
    Accumulators all(start);
    all.append(count * (chains - 1), identity(start.front().getType()));
    Value whole = code.sub(high, code.floorMod(code.sub(high, low), chains * width));
    all = code.loop(low, whole, chains * width, all, [&](Value position, ValueRange carried) {
      Accumulators next;
      for (int64_t chain = 0; chain < chains; ++chain) {
        Index index{code.add(position, code.i64(chain * width)), 1, {}, aligned};
        next.append(
            at(axis, index, [&] { return step(tile, carried.slice(chain * count, count), {}); }));
      }
      return next;
    });
    for (int64_t number = 0; number < count; ++number) {
      for (int64_t chain = 2; chain < chains; ++chain)
        all[(chain - 2) * count + number] =
            combine(all[(chain - 2) * count + number], all[chain * count + number]);
      start[number] = combine(all[number], all[count + number]);
    }
    low = whole;
  }
  Value middle = code.sub(high, code.floorMod(code.sub(high, low), width));
  start = code.loop(low, middle, width, start, [&](Value position, ValueRange carried) {
    return at(axis, {position, 1, {}, aligned}, [&] { return step(tile, carried, {}); });
  });
  return code.loop(middle, high, width, start, [&](Value position, ValueRange carried) {
    return at(axis, {position, 1, {}, aligned},
              [&] { return step(tile, carried, code.maskBelow(position, high, width)); });
  });
}

void Reduction::compute(const Tile &tile) {
  auto count = static_cast<int64_t>(demands.size());
  bool isDot = vectorAxis >= numStored;
  Type type = tile.width == 1 ? element : Type(Code::vectorOf(tile.width, element));
  auto forAll = [&](llvm::function_ref<void(int64_t, int64_t, int64_t, int64_t)> visit) {
    for (int64_t column = 0; column < tile.columns; ++column)
      e.withLanes({isDot ? 1 : tile.width, isDot ? Value() : tile.masks[column]}, [&] {
        for (int64_t row = 0; row < tile.rows; ++row)
          for (int64_t demand = 0; demand < count; ++demand)
            visit((row * tile.columns + column) * count + demand, row, column, demand);
      });
  };
  auto contract = dyn_cast<ContractOp>(head);
  Value init = contract && blockedAxis < 0 ? contract.getInit() : Value();

  Accumulators start(tile.rows * tile.columns * count, identity(type));
  if (init && !isDot)
    forAll([&](int64_t number, int64_t row, int64_t column, int64_t demand) {
      start[number] = e.spread(e.emit(init, headIndices(row, column, demand)));
    });
  if (panel)
    start.push_back(code.i64(0));
  auto numSums = static_cast<int64_t>(tile.rows * tile.columns * count);
  chooseChains(numSums);
  Accumulators sums = ofAllChains(numSums, sum(tile, summed, withChains(start)));
  if (finishesByRows && tile.rows > 1)
    return finishByRows(tile, sums);
  finish(tile, sums);
}

/// Makes the sums of a tile known and stores what is computed of them.
void Reduction::finish(const Tile &tile, ArrayRef<Value> sums) {
  if (blockedAxis >= 0)
    return addBlock(tile, sums);
  auto count = static_cast<int64_t>(demands.size());
  bool isDot = vectorAxis >= numStored;
  auto contract = dyn_cast<ContractOp>(head);
  Value init = contract && isDot ? contract.getInit() : Value();
  for (int64_t column = 0; column < tile.columns; ++column)
    e.withLanes({isDot ? 1 : tile.width, isDot ? Value() : tile.masks[column]}, [&] {
      for (int64_t row = 0; row < tile.rows; ++row)
        for (int64_t demand = 0; demand < count; ++demand) {
          Indices at = headIndices(row, column, demand);
          Value value = sums[(row * tile.columns + column) * count + demand];
          if (isDot && tile.width > 1)
            value = fold(value);
          if (init)
            value = code.make<arith::AddFOp>(e.emit(init, at), value);
          e.know(head->getResult(0), at, value);
        }
    });
  for (int64_t column = 0; column < tile.columns; ++column)
    e.withLanes({isDot ? 1 : tile.width, isDot ? Value() : tile.masks[column]}, [&] {
      for (int64_t row = 0; row < tile.rows; ++row) {
        Indices at = rootIndices(row, column);
        SmallVector<Value> elements;
        for (Value root : roots)
          elements.push_back(e.emit(root, at));
        for (auto [target, value] : llvm::zip_equal(targets, elements))
          e.store(target, at, value);
      }
    });
}

/// The same by a loop over the rows, so that a long tail stands there once and not once per row:
/// the sums wait on the stack, where a tile has its registers' worth of them.
void Reduction::finishByRows(const Tile &tile, ArrayRef<Value> sums) {
  Value buffer = code.atEntry([&]() -> Value {
    Code::Key key{"sums"};
    if (Value known = code.lookup(key))
      return known;
    Type byte = code.builder.getI8Type();
    Value size = code.i64(e.machine.vectorRegisters * e.machine.vectorBytes());
    Value memory =
        LLVM::AllocaOp::create(code.builder, code.loc, code.pointerType(), byte, size, 64);
    code.remember(key, memory);
    return memory;
  });
  auto perRow = static_cast<int64_t>(sums.size()) / tile.rows;
  auto place = [&](Value number) {
    return code.address(buffer, element, code.mul(number, code.i64(tile.width)));
  };
  for (auto [number, sum] : llvm::enumerate(sums))
    code.store(sum, place(code.i64(number)));
  Index first = space[rowAxis];
  code.loop(code.i64(0), code.i64(tile.rows), 1, [&](Value row) {
    llvm::SaveAndRestore<Index> own(space[rowAxis], e.shift(first, row));
    Value begin = code.mul(row, code.i64(perRow));
    Accumulators part;
    for (int64_t number = 0; number < perRow; ++number)
      part.push_back(code.load(sums[number].getType(), place(code.add(begin, code.i64(number)))));
    Tile single = tile;
    single.rows = 1;
    finish(single, part);
  });
}
