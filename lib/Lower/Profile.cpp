// The parts of a program and the code that times them.
#include "Lower/Profile.h"
#include "Plan/Storage.h"
#include "Rondo/Cost.h"
#include "Rondo/Remark.h"
#include "Schedule/Positions.h"
#include "Team/Team.h"

using namespace mlir;
using namespace rondo;

/// The op of a group that its time is for: the product or sum, else the last.
static Operation *mainOp(Operation *op) {
  auto group = dyn_cast<GroupOp>(op);
  if (!group)
    return op;
  Operation *last = group.getBlock()->getTerminator(); // it copies
  for (Operation &inner : group.getBlock()->without_terminator()) {
    if (isHead(&inner))
      return &inner;
    if (!isLazy(&inner) || last == group.getBlock()->getTerminator())
      last = mainOp(&inner);
  }
  return last;
}

/// What a part is called: its main op, and how many others it computes.
static std::string describe(Operation *op) {
  std::string text = isa<YieldOp>(mainOp(op)) ? "copy" : wordsFor(mainOp(op));
  auto group = dyn_cast<GroupOp>(op);
  if (!group)
    return text;
  int64_t others = -1;
  group.getBlock()->walk(
      [&](Operation *inner) { others += !isLazy(inner) && !isa<GroupOp, YieldOp>(inner); });
  return others > 0 ? text + " + " + std::to_string(others) : text;
}

void Profile::add(Block &block, int64_t parent, const DimPolynomial &calls) {
  OpBuilder builder(block.getParentOp()->getContext());
  auto function = enclosingFunction(block.getParentOp());
  for (Operation &op : block.without_terminator()) {
    auto scan = dyn_cast<ScanOp>(op);
    if (!scan && !isStored(&op))
      continue;
    auto number = static_cast<int64_t>(parts.size());
    numbers[&op] = number;
    auto place = mainOp(&op)->getLoc()->findInstanceOf<FileLineColLoc>();
    DimPolynomial flops;
    if (auto group = dyn_cast<GroupOp>(op))
      flops = workOf(*group.getBlock()).flops * calls;
    auto field = [&](StringRef name, Attribute value) { return builder.getNamedAttr(name, value); };
    parts.push_back(builder.getDictionaryAttr(
        {field("entry", builder.getStringAttr(function.getSymName())),
         field("file", builder.getStringAttr(place ? place.getFilename().getValue() : "")),
         field("line", builder.getI64IntegerAttr(place ? place.getLine() : 0)),
         field("column", builder.getI64IntegerAttr(place ? place.getColumn() : 0)),
         field("what", builder.getStringAttr(describe(&op))),
         field("parent", builder.getI64IntegerAttr(parent)),
         field("flops", builder.getStringAttr(flops.isZero() ? "" : flops.str()))}));
    if (scan)
      add(*scan.getBlock(), number, calls * DimPolynomial(scan.getDim()));
  }
}

Profile::Profile(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal() && !function->hasAttr(names::twinOf))
      add(function.getBody().front(), -1, DimPolynomial(1));
  OpBuilder builder(module.getContext());
  module->setAttr(names::parts, builder.getArrayAttr(parts));
  builder.setInsertionPointToStart(module.getBody());
  // Ticks and calls of each part.
  auto type = LLVM::LLVMArrayType::get(builder.getI64Type(), 2 * parts.size());
  auto table = LLVM::GlobalOp::create(builder, module.getLoc(), type, /*isConstant=*/false,
                                      LLVM::Linkage::Internal, names::partTimes, Attribute(), 64);
  builder.createBlock(&table.getInitializerRegion());
  Value zero = LLVM::ZeroOp::create(builder, module.getLoc(), type);
  LLVM::ReturnOp::create(builder, module.getLoc(), zero);
}

static Value readTicks(Code &code) {
  auto call = LLVM::CallIntrinsicOp::create(code.builder, code.loc, code.i64Type(),
                                            code.builder.getStringAttr("llvm.readcyclecounter"),
                                            ValueRange());
  return call->getResult(0);
}

void Profile::time(Code &code, Operation *op, llvm::function_ref<void()> emit) const {
  auto found = numbers.find(op);
  if (found == numbers.end())
    return emit();
  Value start = readTicks(code);
  emit();
  code.loc = op->getLoc();
  Value passed = code.make<LLVM::SubOp>(readTicks(code), start);
  Value table = code.make<LLVM::AddressOfOp>(code.pointerType(), names::partTimes);
  Value one = code.make<LLVM::ConstantOp>(code.builder.getI64IntegerAttr(1));
  Value isFirst = code.compare(arith::CmpIPredicate::eq, code.make<team::IdOp>(), code.i64(0));
  code.ifThen(isFirst, [&] {
    for (auto [place, amount] :
         {std::pair(2 * found->second, passed), {2 * found->second + 1, one}}) {
      Value at = code.make<LLVM::GEPOp>(code.pointerType(), code.i64Type(), table,
                                        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(place)});
      Value sum = code.make<LLVM::AddOp>(code.make<LLVM::LoadOp>(code.i64Type(), at), amount);
      LLVM::StoreOp::create(code.builder, code.loc, sum, at);
    }
  });
}
