// rondo-lower-emulated: kernels as functions of the host, which ask the emulator.
#include "Device/Device.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "rondo/Abi.h"
#include "llvm/ADT/StringMap.h"
#include <cstddef>
#include <map>

namespace rondo::device {
#define GEN_PASS_DEF_LOWEREMULATED
#include "Device/Passes.h.inc"
} // namespace rondo::device

using namespace mlir;
using namespace rondo::device;

namespace {

/// Constants that say where ops come from (RondoSource).
class Sources {
public:
  explicit Sources(ModuleOp module)
      : builder(module.getContext()), symbols(module),
        pointer(LLVM::LLVMPointerType::get(module.getContext())) {
    builder.setInsertionPointToStart(module.getBody());
  }

  /// The one of a location.
  StringAttr of(Location loc) {
    StringAttr &known = all[placeOf(loc)];
    return known ? known : known = make(loc);
  }
  /// One that only this op has.
  StringAttr only(Location loc) { return make(loc); }

private:
  static FileLineColLoc placeOf(Location loc) { return loc->findInstanceOf<FileLineColLoc>(); }

  StringAttr global(Location loc, StringRef name, Type type, Attribute value,
                    llvm::function_ref<Value()> initialise) {
    OpBuilder::InsertionGuard guard(builder);
    auto op = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                     LLVM::Linkage::Internal, name, value);
    symbols.insert(op, builder.getInsertionPoint());
    if (initialise) {
      builder.createBlock(&op.getInitializerRegion());
      Value content = initialise();
      LLVM::ReturnOp::create(builder, loc, content);
    }
    return op.getSymNameAttr();
  }

  StringAttr file(Location loc, StringRef name) {
    StringAttr &known = files[name];
    if (known)
      return known;
    std::string bytes = name.str();
    bytes.push_back('\0');
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    return known = global(loc, "rondo.file", type, builder.getStringAttr(bytes), nullptr);
  }

  StringAttr make(Location loc) {
    FileLineColLoc place = placeOf(loc);
    StringAttr name = file(loc, place ? place.getFilename().getValue() : "");
    Type i64 = builder.getI64Type();
    auto type = LLVM::LLVMStructType::getIdentified(builder.getContext(), "RondoSource");
    [[maybe_unused]] LogicalResult fits = type.setBody({pointer, i64, i64}, /*isPacked=*/false);
    assert(succeeded(fits) && "one struct, two layouts");
    return global(loc, "rondo.source", type, Attribute(), [&] {
      auto number = [&](int64_t value) -> Value {
        return LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(value));
      };
      Value fields[] = {LLVM::AddressOfOp::create(builder, loc, pointer, name),
                        number(place ? place.getLine() : 0), number(place ? place.getColumn() : 0)};
      Value result = LLVM::UndefOp::create(builder, loc, type);
      for (auto [index, field] : llvm::enumerate(fields))
        result = LLVM::InsertValueOp::create(builder, loc, result, field,
                                             ArrayRef<int64_t>(static_cast<int64_t>(index)));
      return result;
    });
  }

  OpBuilder builder;
  SymbolTable symbols;
  Type pointer;
  llvm::DenseMap<Attribute, StringAttr> all;
  llvm::StringMap<StringAttr> files;
};

/// True if nobody else can touch what an address points into: the function's own stack, a constant.
bool isPrivate(Value address) {
  while (Operation *op = address.getDefiningOp()) {
    if (isa<LLVM::AllocaOp>(op))
      return true;
    if (auto symbol = dyn_cast<LLVM::AddressOfOp>(op)) {
      auto global =
          SymbolTable::lookupNearestSymbolFrom<LLVM::GlobalOp>(op, symbol.getGlobalNameAttr());
      return global && global.getConstant();
    }
    auto element = dyn_cast<LLVM::GEPOp>(op);
    if (!element)
      return false;
    address = element.getBase();
  }
  return false;
}

/// One side of an op that touches memory: `bytes` of it, or as many as a value says; of each lane
/// where the address or the mask is a vector.
struct MemoryUse {
  Value address;
  int64_t bytes = 0;
  Value count, mask;
  bool isWrite = false;
};

int64_t bytesOf(Operation *op, Type type) {
  return static_cast<int64_t>(DataLayout::closest(op).getTypeSize(type).getFixedValue());
}

/// What an op reads and writes; nothing where it touches memory in a way that is not known.
std::optional<SmallVector<MemoryUse, 2>> memoryUses(Operation *op) {
  using Uses = SmallVector<MemoryUse, 2>;
  auto element = [&](Type type) { return bytesOf(op, cast<VectorType>(type).getElementType()); };
  return llvm::TypeSwitch<Operation *, std::optional<Uses>>(op)
      .Case([&](LLVM::LoadOp load) {
        return Uses{{load.getAddr(), bytesOf(op, load.getType()), {}, {}, false}};
      })
      .Case([&](LLVM::StoreOp store) {
        return Uses{{store.getAddr(), bytesOf(op, store.getValue().getType()), {}, {}, true}};
      })
      .Case([&](LLVM::MaskedLoadOp load) {
        return Uses{{load.getData(), element(load.getType()), {}, load.getMask(), false}};
      })
      .Case([&](LLVM::MaskedStoreOp store) {
        return Uses{
            {store.getData(), element(store.getValue().getType()), {}, store.getMask(), true}};
      })
      .Case([&](LLVM::masked_gather gather) {
        return Uses{{gather.getPtrs(), element(gather.getType()), {}, gather.getMask(), false}};
      })
      .Case([&](LLVM::masked_scatter scatter) {
        return Uses{{scatter.getPtrs(),
                     element(scatter.getValue().getType()),
                     {},
                     scatter.getMask(),
                     true}};
      })
      .Case<LLVM::MemcpyOp, LLVM::MemmoveOp>([&](auto copy) {
        return Uses{{copy.getSrc(), 0, copy.getLen(), {}, false},
                    {copy.getDst(), 0, copy.getLen(), {}, true}};
      })
      .Case([&](LLVM::MemsetOp set) { return Uses{{set.getDst(), 0, set.getLen(), {}, true}}; })
      .Case<LLVM::AtomicRMWOp, LLVM::AtomicCmpXchgOp>([](auto) { return std::nullopt; })
      .Default([](Operation *) { return Uses{}; });
}

/// Lowers one kernel. The builder is kept at the op that is being lowered.
class Lowering {
public:
  Lowering(LLVM::LLVMFuncOp kernel, Sources &sources)
      : kernel(kernel), sources(sources), builder(kernel.getContext()), loc(kernel.getLoc()),
        sharedBytes(SharedMemory::of(kernel).bytes) {
    changeSignature();
  }

  LogicalResult lower(Operation *op) {
    builder.setInsertionPoint(op);
    loc = op->getLoc();
    if (op->getDialect() == op->getContext()->getLoadedDialect<DeviceDialect>())
      return lowerDevice(op);
    auto uses = memoryUses(op);
    if (!uses)
      return op->emitOpError("is atomic, which kernels on the emulator cannot be");
    for (const MemoryUse &use : *uses)
      if (!isPrivate(use.address))
        check(op, use);
    return success();
  }

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...).getResult();
  }
  Type pointer() { return LLVM::LLVMPointerType::get(builder.getContext()); }
  Type i64Type() { return builder.getI64Type(); }
  Value i64(int64_t value) { return make<arith::ConstantIntOp>(value, 64); }
  Value field(Value base, size_t offset) {
    return make<LLVM::GEPOp>(pointer(), builder.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  }
  Value load(Type type, Value base, size_t offset) {
    return make<LLVM::LoadOp>(type, field(base, offset), 8);
  }
  Value address(StringAttr global) { return make<LLVM::AddressOfOp>(pointer(), global.getValue()); }
  /// Emits at the entry, after what was emitted there before.
  Value atEntry(llvm::function_ref<Value()> emit) {
    OpBuilder::InsertionGuard guard(builder);
    if (lastAtEntry)
      builder.setInsertionPointAfter(lastAtEntry);
    else
      builder.setInsertionPointToStart(&kernel.getBody().front());
    Value value = emit();
    lastAtEntry = value.getDefiningOp();
    return value;
  }

  /// From (%call, numbers...) to (%thread, %call, %numbers).
  void changeSignature() {
    Block &entry = kernel.getBody().front();
    thread = entry.insertArgument(0u, pointer(), loc);
    unsigned count = entry.getNumArguments();
    Value numbers = entry.addArgument(pointer(), loc);
    for (unsigned i = 2; i < count; ++i)
      entry.getArgument(i).replaceAllUsesWith(
          atEntry([&] { return load(i64Type(), numbers, 8 * (i - 2)); }));
    entry.eraseArguments(2, count - 2);
    auto nothing = LLVM::LLVMVoidType::get(builder.getContext());
    kernel.setFunctionType(LLVM::LLVMFunctionType::get(nothing, {pointer(), pointer(), pointer()}));
    kernel.removeArgAttrsAttr();
    emulator = atEntry([&] { return load(pointer(), thread, offsetof(RondoThread, emulator)); });
  }

  /// Calls a function of the emulator, for this thread.
  Value call(size_t offset, Type result, ValueRange arguments) {
    Value &function = functions[offset];
    if (!function)
      function = atEntry([&] { return load(pointer(), emulator, offset); });
    SmallVector<Value> operands{function, thread};
    llvm::append_range(operands, arguments);
    SmallVector<Type> types = llvm::to_vector(ValueRange(operands).drop_front().getTypes());
    auto op =
        LLVM::CallOp::create(builder, loc, LLVM::LLVMFunctionType::get(result, types), operands);
    return op.getNumResults() ? op.getResult() : Value();
  }
  void call(size_t offset, ValueRange arguments) {
    call(offset, LLVM::LLVMVoidType::get(builder.getContext()), arguments);
  }

  void check(Operation *op, const MemoryUse &use) {
    Value source = address(sources.of(op->getLoc())), isWrite = i64(use.isWrite);
    auto one = [&](Value at, Value bytes) {
      call(offsetof(RondoEmulator, access), {at, bytes, isWrite, source});
    };
    if (use.count) {
      bool isWide = use.count.getType() == i64Type();
      return one(use.address, isWide ? use.count : make<arith::ExtUIOp>(i64Type(), use.count));
    }
    if (!use.mask)
      return one(use.address, i64(use.bytes));
    int64_t lanes = cast<VectorType>(use.mask.getType()).getDimSize(0);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      Value number = i64(lane), isOn = make<LLVM::ExtractElementOp>(use.mask, number);
      Value at = isa<VectorType>(use.address.getType())
                     ? make<LLVM::ExtractElementOp>(use.address, number)
                     : field(use.address, lane * use.bytes);
      one(at, make<arith::SelectOp>(isOn, i64(use.bytes), i64(0)));
    }
  }

  LogicalResult lowerDevice(Operation *op) {
    auto replace = [&](ValueRange values) { op->replaceAllUsesWith(values); };
    auto own = [&] { return address(sources.only(op->getLoc())); };
    auto number = [&](size_t offset) {
      replace(atEntry([&] { return load(i64Type(), thread, offset); }));
    };
    if (isa<ThreadOp>(op))
      number(offsetof(RondoThread, thread));
    else if (isa<ThreadsOp>(op))
      number(offsetof(RondoThread, threads));
    else if (isa<BlockOp>(op))
      number(offsetof(RondoThread, block));
    else if (isa<BlocksOp>(op))
      number(offsetof(RondoThread, blocks));
    else if (auto shared = dyn_cast<SharedOp>(op))
      replace(field(sharedMemory(), shared.getOffset()));
    else if (isa<SharedRestOp>(op))
      replace({field(sharedMemory(), sharedBytes),
               make<arith::SubIOp>(load(i64Type(), thread, offsetof(RondoThread, shared_bytes)),
                                   i64(sharedBytes))});
    else if (auto copy = dyn_cast<CopyAsyncOp>(op))
      copyAsync(copy);
    else if (isa<CommitOp>(op))
      call(offsetof(RondoEmulator, commit), {});
    else if (auto wait = dyn_cast<WaitOp>(op))
      call(offsetof(RondoEmulator, wait), {i64(wait.getPending())});
    else if (isa<BarrierOp>(op))
      call(offsetof(RondoEmulator, barrier), {own()});
    else if (isa<GridBarrierOp>(op))
      call(offsetof(RondoEmulator, grid_barrier), {own()});
    else if (auto shuffle = dyn_cast<ShuffleOp>(op))
      replace(fromBits(call(offsetof(RondoEmulator, shuffle), i64Type(),
                            {toBits(shuffle.getValue()), i64(shuffle.getMask()), own()}),
                       shuffle.getType()));
    else if (auto mma = dyn_cast<MmaOp>(op))
      replace(multiply(mma, own()));
    else
      return op->emitOpError("cannot stand in a kernel");
    op->erase();
    return success();
  }

  Value sharedMemory() {
    return atEntry([&] { return load(pointer(), thread, offsetof(RondoThread, shared)); });
  }

  /// Null is what is not read; but the emulator sees an address that is not aligned, read or not.
  void copyAsync(CopyAsyncOp op) {
    Value from = op.getFrom(), source = address(sources.of(op.getLoc()));
    if (Value valid = op.getValid()) {
      Value bits = make<LLVM::PtrToIntOp>(i64Type(), from);
      Value rest = make<arith::AndIOp>(bits, i64(static_cast<int64_t>(op.getBytes()) - 1));
      Value isAligned = make<arith::CmpIOp>(arith::CmpIPredicate::eq, rest, i64(0));
      Value read = make<arith::SelectOp>(valid, from, make<LLVM::ZeroOp>(pointer()));
      from = make<arith::SelectOp>(isAligned, read, from);
    }
    call(offsetof(RondoEmulator, copy_async), {op.getTo(), from, i64(op.getBytes()), source});
  }

  Value toBits(Value value) {
    Type type = value.getType();
    if (isa<FloatType>(type))
      value = make<arith::BitcastOp>(builder.getIntegerType(type.getIntOrFloatBitWidth()), value);
    return value.getType() == i64Type() ? value : make<arith::ExtUIOp>(i64Type(), value);
  }
  Value fromBits(Value bits, Type type) {
    Type integer = builder.getIntegerType(type.getIntOrFloatBitWidth());
    if (integer != i64Type())
      bits = make<arith::TruncIOp>(integer, bits);
    return isa<FloatType>(type) ? make<arith::BitcastOp>(type, bits) : bits;
  }

  /// The fragments lie on the stack: a[4], b[2], c[4].
  SmallVector<Value> multiply(MmaOp op, Value source) {
    if (!fragments)
      fragments = atEntry([&]() -> Value {
        return make<LLVM::AllocaOp>(pointer(), builder.getI32Type(), i64(10), 16);
      });
    auto place = [&](int64_t word) { return field(fragments, 4 * word); };
    for (auto [word, operand] : llvm::enumerate(op.getOperands()))
      LLVM::StoreOp::create(builder, loc, operand, place(word), 4);
    Value kind = i64(op.getKind() == "tf32" ? RONDO_TF32 : RONDO_BF16);
    call(offsetof(RondoEmulator, mma), {kind, place(0), place(4), place(6), source});
    SmallVector<Value> results;
    for (int64_t i = 0; i < 4; ++i)
      results.push_back(make<LLVM::LoadOp>(builder.getF32Type(), place(6 + i), 4));
    return results;
  }

  LLVM::LLVMFuncOp kernel;
  Sources &sources;
  OpBuilder builder;
  Location loc;
  int64_t sharedBytes;
  Operation *lastAtEntry = nullptr;
  Value thread, emulator, fragments;
  std::map<size_t, Value> functions; // of the emulator, by offset
};

/// Nobody tells the emulator what a function does that a kernel calls.
LogicalResult verifyCallees(LLVM::LLVMFuncOp function, llvm::DenseSet<Operation *> &seen) {
  WalkResult walked = function.walk([&](LLVM::CallOp call) {
    FlatSymbolRefAttr name = call.getCalleeAttr();
    auto callee = name ? SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(call, name)
                       : LLVM::LLVMFuncOp();
    if (!callee || !seen.insert(callee).second)
      return WalkResult::advance();
    WalkResult inside = callee.walk([&](Operation *op) {
      auto uses = memoryUses(op);
      bool isFine =
          uses && llvm::all_of(*uses, [](const MemoryUse &use) { return isPrivate(use.address); });
      if (isFine)
        return WalkResult::advance();
      op->emitOpError("touches memory in a function that a kernel calls, where the emulator cannot "
                      "see it");
      return WalkResult::interrupt();
    });
    bool isWrong = inside.wasInterrupted() || failed(verifyCallees(callee, seen));
    return isWrong ? WalkResult::interrupt() : WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

struct LowerEmulated : rondo::device::impl::LowerEmulatedBase<LowerEmulated> {
  void runOnOperation() override {
    Sources sources(getOperation());
    llvm::DenseSet<Operation *> seen;
    for (auto kernel : llvm::to_vector(getOperation().getOps<LLVM::LLVMFuncOp>())) {
      if (threadsOf(kernel) == 0 || kernel.isExternal())
        continue;
      SmallVector<Operation *> ops;
      kernel.walk([&](Operation *op) { ops.push_back(op); });
      Lowering lowering(kernel, sources);
      for (Operation *op : llvm::drop_end(ops)) // the function itself
        if (failed(lowering.lower(op)))
          return signalPassFailure();
      if (failed(verifyCallees(kernel, seen)))
        return signalPassFailure();
    }
  }
};

} // namespace
