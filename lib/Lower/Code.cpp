#include "Lower/Code.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace rondo;

static arith::FastMathFlagsAttr contract(OpBuilder &builder) {
  return arith::FastMathFlagsAttr::get(builder.getContext(), arith::FastMathFlags::contract);
}

Code::Code(Location loc, Block *entry)
    : builder(loc.getContext()), loc(loc), entry(entry), scopes(2) {
  builder.setInsertionPointToEnd(entry);
  // Stands between what is computed once per call and the rest; unused, so it is gone later.
  entryMarker = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
}

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

void Code::pushScope() { scopes.emplace_back(); }
void Code::popScope() { scopes.pop_back(); }

Value Code::lookup(const Key &key) const {
  for (const auto &scope : llvm::reverse(scopes))
    if (auto it = scope.find(key); it != scope.end())
      return it->second;
  return {};
}

Value Code::cached(int tag, Value a, Value b, const std::function<Value()> &emit) {
  Key key{reinterpret_cast<const void *>(static_cast<intptr_t>(tag)), a.getAsOpaquePointer(),
          b ? b.getAsOpaquePointer() : nullptr};
  if (Value known = lookup(key))
    return known;
  Value value = canonical(emit());
  remember(key, value);
  return value;
}

Value Code::atEntry(const std::function<Value()> &emit) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(entryMarker);
  // What is emitted here is known everywhere.
  std::vector<std::map<Key, Value>> inner(std::make_move_iterator(scopes.begin() + 1),
                                          std::make_move_iterator(scopes.end()));
  scopes.resize(1);
  Value value = emit();
  scopes.insert(scopes.end(), std::make_move_iterator(inner.begin()),
                std::make_move_iterator(inner.end()));
  return value;
}

//===----------------------------------------------------------------------===//
// Constants and index arithmetic
//===----------------------------------------------------------------------===//

Value Code::integer(Type type, int64_t value) {
  Value &known = integers[{type.getAsOpaquePointer(), value}];
  if (known)
    return known;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(entry);
  TypedAttr attr;
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(
        vector, builder.getIntegerAttr(vector.getElementType(), value).getValue());
  else
    attr = builder.getIntegerAttr(type, value);
  return known = arith::ConstantOp::create(builder, loc, attr);
}

Value Code::i64(int64_t value) { return integer(builder.getI64Type(), value); }

Value Code::number(Type type, double value) {
  if (isa<IntegerType>(getElementTypeOrSelf(type)))
    return integer(type, static_cast<int64_t>(value));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(entry);
  FloatAttr scalar = builder.getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(builder, loc, scalar);
}

std::optional<int64_t> Code::constant(Value value) {
  APInt number;
  if (value && matchPattern(value, m_ConstantInt(&number)))
    return number.getBitWidth() == 1 ? number.getZExtValue() : number.getSExtValue();
  return std::nullopt;
}

Value Code::canonical(Value value) {
  if (value.getType().isInteger(64))
    if (std::optional<int64_t> number = constant(value))
      return i64(*number);
  return value;
}

Value Code::add(Value a, Value b) {
  if (constant(a))
    std::swap(a, b);
  if (isConstant(b, 0))
    return a;
  // (x + 1) + 1 is x + 2, so that two ways to an index give one value.
  if (auto inner = a.getDefiningOp<arith::AddIOp>())
    if (std::optional<int64_t> first = constant(inner.getRhs()), second = constant(b);
        first && second && a.getType().isInteger(64))
      return add(inner.getLhs(), i64(*first + *second));
  return cached(1, a, b, [&] { return builder.createOrFold<arith::AddIOp>(loc, a, b); });
}

Value Code::sub(Value a, Value b) {
  if (a == b && a.getType().isInteger(64))
    return i64(0);
  if (std::optional<int64_t> number = constant(b); number && b.getType().isInteger(64))
    return add(a, i64(-*number));
  return cached(2, a, b, [&] { return builder.createOrFold<arith::SubIOp>(loc, a, b); });
}

Value Code::mul(Value a, Value b) {
  if (constant(a))
    std::swap(a, b);
  if (isConstant(b, 1))
    return a;
  return cached(3, a, b, [&] { return builder.createOrFold<arith::MulIOp>(loc, a, b); });
}

Value Code::min(Value a, Value b) {
  return a == b ? a
                : cached(4, a, b, [&] { return builder.createOrFold<arith::MinSIOp>(loc, a, b); });
}

Value Code::max(Value a, Value b) {
  return a == b ? a
                : cached(5, a, b, [&] { return builder.createOrFold<arith::MaxSIOp>(loc, a, b); });
}

Value Code::compare(arith::CmpIPredicate predicate, Value a, Value b) {
  return cached(100 + static_cast<int>(predicate), a, b,
                [&] { return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b); });
}

Value Code::logicalAnd(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  if (isa<VectorType>(a.getType()) != isa<VectorType>(b.getType())) {
    Value &scalar = isa<VectorType>(a.getType()) ? b : a;
    Value other = isa<VectorType>(a.getType()) ? a : b;
    scalar = broadcast(scalar, cast<VectorType>(other.getType()).getDimSize(0));
  }
  return cached(6, a, b, [&] { return builder.createOrFold<arith::AndIOp>(loc, a, b); });
}

Value Code::select(Value condition, Value a, Value b) {
  return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
}

Value Code::floorDiv(Value a, int64_t divisor) {
  if (divisor == 1)
    return a;
  if (std::optional<int64_t> number = constant(a); number && a.getType().isInteger(64)) {
    int64_t quotient = *number / divisor - (*number % divisor < 0 ? 1 : 0);
    return i64(quotient);
  }
  Value by = integer(a.getType(), divisor), zero = integer(a.getType(), 0);
  return cached(7, a, by, [&]() -> Value {
    if (llvm::isPowerOf2_64(divisor))
      return make<arith::ShRSIOp>(a, integer(a.getType(), llvm::Log2_64(divisor)));
    Value quotient = make<arith::DivSIOp>(a, by), rest = make<arith::RemSIOp>(a, by);
    Value below = make<arith::CmpIOp>(arith::CmpIPredicate::slt, rest, zero);
    return select(below, make<arith::SubIOp>(quotient, integer(a.getType(), 1)), quotient);
  });
}

Value Code::floorMod(Value a, int64_t divisor) {
  if (divisor == 1)
    return integer(a.getType(), 0);
  return sub(a, mul(floorDiv(a, divisor), integer(a.getType(), divisor)));
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value Code::broadcast(Value value, int64_t lanes) {
  if (lanes == 1 || isa<VectorType>(value.getType()))
    return value;
  Type type = vectorOf(lanes, value.getType());
  return cached(8, value, laneNumbers(lanes),
                [&]() -> Value { return make<vector::BroadcastOp>(type, value); });
}

Value Code::laneNumbers(int64_t lanes) {
  auto type = vectorOf(lanes, builder.getI64Type());
  Value &known = laneConstants[lanes];
  if (known)
    return known;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(entry);
  auto numbers = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
  return known = arith::ConstantOp::create(builder, loc,
                                           DenseElementsAttr::get(type, llvm::ArrayRef(numbers)));
}

Value Code::maskBelow(Value base, Value limit, int64_t lanes) {
  Value count = sub(limit, base);
  return cached(9, count, laneNumbers(lanes), [&] {
    return compare(arith::CmpIPredicate::slt, laneNumbers(lanes), broadcast(count, lanes));
  });
}

Value Code::addf(Value a, Value b) { return make<arith::AddFOp>(a, b, contract(builder)); }
Value Code::mulf(Value a, Value b) { return make<arith::MulFOp>(a, b, contract(builder)); }

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

SmallVector<Value> Code::loop(Value low, Value high, int64_t step, ValueRange starts,
                              const Body &body) {
  std::optional<int64_t> from = constant(low), to = constant(high);
  if (from && to && *from >= *to)
    return llvm::to_vector(starts);
  if (from && to && *to - *from <= step)
    return body(low, starts); // one iteration: no loop, and a constant position
  // From x to x + 1.
  if (auto next = high.getDefiningOp<arith::AddIOp>(); next && next.getLhs() == low)
    if (std::optional<int64_t> count = constant(next.getRhs());
        count && *count > 0 && *count <= step)
      return body(low, starts);
  return loopBy(low, high, i64(step), starts, body);
}

SmallVector<Value> Code::loopBy(Value low, Value high, Value step, ValueRange starts,
                                const Body &body) {
  auto op = scf::ForOp::create(builder, loc, low, high, step, starts);
  OpBuilder::InsertionGuard guard(builder);
  // Without carried values the builder has made the terminator.
  if (!op.getBody()->empty())
    op.getBody()->getTerminator()->erase();
  builder.setInsertionPointToEnd(op.getBody());
  pushScope();
  SmallVector<Value> next = body(op.getInductionVar(), op.getRegionIterArgs());
  popScope();
  scf::YieldOp::create(builder, loc, next);
  return SmallVector<Value>(op.getResults());
}

void Code::loop(Value low, Value high, int64_t step, const std::function<void(Value)> &body) {
  loop(low, high, step, {}, [&](Value position, ValueRange) -> SmallVector<Value> {
    body(position);
    return {};
  });
}

void Code::ifThen(Value condition, const std::function<void()> &body) {
  if (std::optional<int64_t> known = constant(condition)) {
    if (*known)
      body();
    return;
  }
  auto op = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(op.thenBlock());
  pushScope();
  body();
  popScope();
}

SmallVector<Value> Code::ifElse(Value condition, TypeRange types,
                                llvm::function_ref<SmallVector<Value>()> then,
                                llvm::function_ref<SmallVector<Value>()> otherwise) {
  if (std::optional<int64_t> known = constant(condition))
    return *known ? then() : otherwise();
  auto op = scf::IfOp::create(builder, loc, types, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  for (auto [block, emit] : {std::pair(op.thenBlock(), then), {op.elseBlock(), otherwise}}) {
    // Without results the builder has made the terminators.
    if (!block->empty())
      block->getTerminator()->erase();
    builder.setInsertionPointToEnd(block);
    pushScope();
    SmallVector<Value> values = emit();
    popScope();
    scf::YieldOp::create(builder, loc, values);
  }
  return SmallVector<Value>(op.getResults());
}

Value Code::ifElse(Value condition, Type type, const std::function<Value()> &then,
                   const std::function<Value()> &otherwise) {
  return ifElse(
      condition, TypeRange{type}, [&] { return SmallVector<Value>{then()}; },
      [&] { return SmallVector<Value>{otherwise()}; })[0];
}

Value Code::whileLoop(Value start, const std::function<Value(Value)> &condition,
                      const std::function<Value(Value)> &body) {
  auto op = scf::WhileOp::create(builder, loc, TypeRange{start.getType()}, ValueRange{start});
  OpBuilder::InsertionGuard guard(builder);
  Block *before = builder.createBlock(&op.getBefore(), {}, start.getType(), loc);
  pushScope();
  Value go = condition(before->getArgument(0));
  popScope();
  scf::ConditionOp::create(builder, loc, go, before->getArguments());
  Block *after = builder.createBlock(&op.getAfter(), {}, start.getType(), loc);
  pushScope();
  Value next = body(after->getArgument(0));
  popScope();
  scf::YieldOp::create(builder, loc, next);
  return op.getResult(0);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

int64_t Code::byteSize(Type element) {
  if (isa<LLVM::LLVMPointerType>(element))
    return 8;
  return element.isInteger(1) ? 1 : element.getIntOrFloatBitWidth() / 8;
}

/// Booleans are bytes in memory.
static Type inMemory(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element;
}

static Type likeInMemory(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(inMemory(vector.getElementType()));
  return inMemory(type);
}

static unsigned alignmentOf(Type type) { return Code::byteSize(getElementTypeOrSelf(type)); }

Value Code::address(Value pointer, Type element, Value offset) {
  if (isConstant(offset, 0))
    return pointer;
  return cached(10 + static_cast<int>(byteSize(element)), pointer, offset, [&]() -> Value {
    return make<LLVM::GEPOp>(pointerType(), inMemory(element), pointer,
                             ArrayRef<LLVM::GEPArg>{offset});
  });
}

Value Code::addresses(Value pointer, Type element, Value offsets) {
  int64_t lanes = cast<VectorType>(offsets.getType()).getDimSize(0);
  return make<LLVM::GEPOp>(vectorOf(lanes, pointerType()), inMemory(element), pointer,
                           ArrayRef<LLVM::GEPArg>{offsets});
}

static Value fromMemory(Code &code, Value value, Type type) {
  if (value.getType() == type)
    return value;
  Value zero = code.integer(value.getType(), 0);
  return code.make<arith::CmpIOp>(arith::CmpIPredicate::ne, value, zero);
}

static Value toMemory(Code &code, Value value) {
  Type type = likeInMemory(value.getType());
  return type == value.getType() ? value : code.make<arith::ExtUIOp>(type, value);
}

Value Code::load(Type type, Value address) {
  Value value = make<LLVM::LoadOp>(likeInMemory(type), address, alignmentOf(type));
  return fromMemory(*this, value, type);
}

void Code::store(Value value, Value address) {
  Value stored = toMemory(*this, value);
  LLVM::StoreOp::create(builder, loc, stored, address, alignmentOf(value.getType()));
}

Value Code::maskedLoad(Type type, Value address, Value mask) {
  Type raw = likeInMemory(type);
  Value zero = number(raw, 0);
  Value value = make<LLVM::MaskedLoadOp>(raw, address, mask, zero,
                                         builder.getI32IntegerAttr(alignmentOf(type)),
                                         /*nontemporal=*/UnitAttr());
  return fromMemory(*this, value, type);
}

void Code::maskedStore(Value value, Value address, Value mask) {
  LLVM::MaskedStoreOp::create(builder, loc, toMemory(*this, value), address, mask,
                              builder.getI32IntegerAttr(alignmentOf(value.getType())));
}

Value Code::gather(Type type, Value addresses, Value mask) {
  Type raw = likeInMemory(type);
  int64_t lanes = cast<VectorType>(type).getDimSize(0);
  if (!mask)
    mask = integer(vectorOf(lanes, builder.getI1Type()), -1);
  Value zero = number(raw, 0);
  Value value = make<LLVM::masked_gather>(raw, addresses, mask, ValueRange{zero},
                                          builder.getI32IntegerAttr(alignmentOf(type)));
  return fromMemory(*this, value, type);
}

void Code::scatter(Value value, Value addresses, Value mask) {
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  if (!mask)
    mask = integer(vectorOf(lanes, builder.getI1Type()), -1);
  LLVM::masked_scatter::create(builder, loc, toMemory(*this, value), addresses, mask,
                               builder.getI32IntegerAttr(alignmentOf(value.getType())));
}
