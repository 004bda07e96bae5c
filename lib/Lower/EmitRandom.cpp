// Random numbers: the arithmetic of include/rondo/Philox.h, on 64-bit lanes that hold 32-bit words.
//
// A draw takes several calls of Philox of a hundred operations each, and a tile of a product has
// tens of places where one would stand. So Philox is a function of the program, one per width.
#include "Lower/Emitter.h"
#include "Lower/Math.h"
#include "Rondo/Spec.h"
#include "rondo/Philox.h"

using namespace mlir;
using namespace rondo;

namespace {

/// Philox on scalars or vectors of i64, each lane a word below 2^32.
struct Words {
  Code &code;
  Type type;

  Value number(uint64_t value) { return code.integer(type, static_cast<int64_t>(value)); }
  Value low(Value x) { return code.make<arith::AndIOp>(x, number(0xFFFFFFFF)); }
  Value high(Value x) { return code.make<arith::ShRUIOp>(x, number(32)); }
  Value mix(Value a, Value b) { return code.make<arith::XOrIOp>(a, b); }
  Value pack(Value lowWord, Value highWord) {
    return code.make<arith::OrIOp>(lowWord, code.make<arith::ShLIOp>(highWord, number(32)));
  }

  std::array<Value, 4> philox(std::array<Value, 4> c, Value key) {
    Value k0 = low(key), k1 = high(key);
    for (int round = 0; round < 10; ++round) {
      Value p0 = code.make<arith::MulIOp>(c[0], number(0xD2511F53));
      Value p1 = code.make<arith::MulIOp>(c[2], number(0xCD9E8D57));
      c = {mix(mix(high(p1), c[1]), k0), low(p1), mix(mix(high(p0), c[3]), k1), low(p0)};
      k0 = low(code.make<arith::AddIOp>(k0, number(0x9E3779B9)));
      k1 = low(code.make<arith::AddIOp>(k1, number(0xBB67AE85)));
    }
    return c;
  }

  /// Words 0 and 1 of one call for `component` under `key`; `tag` tells folding from drawing.
  std::pair<Value, Value> block(Value component, uint64_t tag, Value key);
};

/// block as a function of its own for each width. It is pure, so that what a loop does not change
/// is drawn before the loop.
LLVM::LLVMFuncOp functionOfBlock(Code &code, Type type) {
  auto vector = dyn_cast<VectorType>(type);
  std::string name = "rondo.philox" + (vector ? std::to_string(vector.getDimSize(0)) : "");
  auto module = code.builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  MLIRContext *context = code.builder.getContext();
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto result = LLVM::LLVMStructType::getLiteral(context, {type, type});
  auto function = LLVM::LLVMFuncOp::create(
      builder, code.loc, name,
      LLVM::LLVMFunctionType::get(result, {type, builder.getI64Type(), type}),
      LLVM::Linkage::Internal, /*dsoLocal=*/true);
  function.setNoInline(true);
  auto none = LLVM::ModRefInfo::NoModRef;
  function.setMemoryEffectsAttr(
      LLVM::MemoryEffectsAttr::get(context, {none, none, none, none, none, none}));
  function.setPassthroughAttr(builder.getStrArrayAttr({"nounwind", "speculatable", "willreturn"}));
  Block *entry = function.addEntryBlock(builder);
  Code inner(code.loc, entry);
  Words words{inner, type};
  Value component = entry->getArgument(0), tag = entry->getArgument(1);
  if (vector)
    tag = inner.broadcast(tag, vector.getDimSize(0));
  std::array<Value, 4> bits = words.philox(
      {words.low(component), words.high(component), tag, words.number(0)}, entry->getArgument(2));
  Value both = inner.make<LLVM::PoisonOp>(result);
  for (int64_t place : {0, 1})
    both = inner.make<LLVM::InsertValueOp>(both, bits[place], place);
  LLVM::ReturnOp::create(inner.builder, code.loc, both);
  return function;
}

std::pair<Value, Value> Words::block(Value component, uint64_t tag, Value key) {
  Value number = code.i64(static_cast<int64_t>(tag));
  Code::Key known{"philox", component.getAsOpaquePointer(), number.getAsOpaquePointer(),
                  key.getAsOpaquePointer()};
  Value both = code.lookup(known);
  if (!both) {
    SmallVector<Value> arguments{component, number, key};
    both = LLVM::CallOp::create(code.builder, code.loc, functionOfBlock(code, type), arguments)
               .getResult();
    code.remember(known, both);
  }
  return {code.make<LLVM::ExtractValueOp>(both, int64_t(0)),
          code.make<LLVM::ExtractValueOp>(both, int64_t(1))};
}

} // namespace

Value Emitter::random(RandomOp op, ArrayRef<Index> indices) {
  Spec spec = *Spec::parse(op.getSpec());
  // Values of one width: the key stays scalar as long as its components are.
  auto matched = [&](Value &a, Value &b) {
    if (isa<VectorType>(a.getType()) || isa<VectorType>(b.getType())) {
      a = spread(a);
      b = spread(b);
    }
    return Words{code, a.getType()};
  };
  auto fold = [&](Value key, Value component) {
    Words words = matched(key, component);
    auto [first, second] = words.block(component, 0x666F6C64, key);
    return words.pack(first, second);
  };
  Value key = convert(emit(op.getSeed(), {}), code.i64Type());
  key = fold(key, code.i64(static_cast<int64_t>(siteNumber(op.getSite()))));
  for (auto [letters, counter] : llvm::zip(spec.operands, op.getCounters())) {
    Indices at;
    for (char letter : letters)
      at.push_back(indices[Spec::axis(spec.result, letter)]);
    key = fold(key, convert(emit(counter, at), code.i64Type()));
  }
  // The element's number, row-major over the example's own sizes.
  ArrayRef<DimAttr> dims = op.getType().getDims();
  Value element = code.i64(0);
  auto combine = [&](Value a, Value b, bool multiply) {
    matched(a, b);
    return multiply ? code.mul(a, b) : code.add(a, b);
  };
  for (char letter : op.getElements()) {
    int64_t axis = Spec::axis(spec.result, letter);
    element = combine(element, ownSize(dims[axis], dims, indices), /*multiply=*/true);
    element = combine(element, asValue(indices[axis]), /*multiply=*/false);
  }
  Words words = matched(key, element);
  auto [word, other] = words.block(element, 0x64726177, key);

  Type type = op.getType().getElementType();
  if (auto vector = dyn_cast<VectorType>(words.type))
    type = vector.clone(type);
  auto unit = [&](Value word) {
    Value top = code.make<arith::ShRUIOp>(word, words.number(9));
    Value number = code.make<arith::SIToFPOp>(type, top);
    return code.make<arith::MulFOp>(code.make<arith::AddFOp>(number, code.number(type, 0.5)),
                                    code.number(type, 0x1p-23));
  };
  Value first = unit(word);
  if (op.getKind() == RandomKind::Uniform)
    return first;
  Value radius = code.mulf(math::log(code, first), code.number(type, -2));
  return code.mulf(math::sqrt(code, radius), math::cosTurn(code, unit(other)));
}
