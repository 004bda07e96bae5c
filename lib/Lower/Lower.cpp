// rondo-lower: planned functions to code, arena function and manifest.
#include "Lower/Function.h"
#include "Lower/Passes.h"
#include "Plan/Storage.h"

namespace rondo {
#define GEN_PASS_DEF_LOWER
#include "Lower/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

static LLVM::LLVMFuncOp declare(func::FuncOp function, const std::string &name, Type result,
                                ArrayRef<Type> more = {}) {
  OpBuilder builder(function);
  SmallVector<Type> arguments{LLVM::LLVMPointerType::get(function.getContext())};
  llvm::append_range(arguments, more);
  auto type = LLVM::LLVMFunctionType::get(result, arguments);
  builder.setInsertionPointAfter(function);
  return LLVM::LLVMFuncOp::create(builder, function.getLoc(), name, type);
}

/// NAME.arena: where the topmost slot ends.
static void emitArena(func::FuncOp function, LLVM::LLVMFuncOp arena) {
  OpBuilder builder(function.getContext());
  Block *entry = arena.addEntryBlock(builder);
  Code code(function.getLoc(), entry);
  Shapes shapes(code, function, entry->getArgument(0), {});
  Value total = arenaOffsets(code, shapes, function).back();
  LLVM::ReturnOp::create(code.builder, function.getLoc(), total);
}

static LogicalResult lower(func::FuncOp function, const TargetDescription &machine,
                           const Profile &profile) {
  if (!function.getBody().hasOneBlock() || !function->hasAttr(names::slots))
    return function.emitOpError("has no plan: expected rondo-plan to run before rondo-lower");
  std::string name = function.getSymName().str();
  MLIRContext *context = function.getContext();
  auto nothing = LLVM::LLVMVoidType::get(context);
  auto code = declare(function, name + ".code", nothing, IntegerType::get(context, 64));
  auto arena = declare(function, name + ".arena", IntegerType::get(context, 64));
  // What is computed must not be a name that the C library has.
  for (LLVM::LLVMFuncOp each : {code, arena})
    each.setDsoLocal(true);
  // It checks another one and runs seldom; to generate good code for it would take the most time.
  if (!machine.isDevice() &&
      (function->hasAttr(names::twinOf) || function->hasAttr(names::checkOf))) {
    code.setOptimizeNone(true);
    code.setNoInline(true);
  }
  OpBuilder builder(context);
  Block *entry = code.addEntryBlock(builder);
  FunctionLowering lowering(function, entry, machine, profile);
  if (failed(lowering.run()))
    return failure();
  builder.setInsertionPointToEnd(entry);
  LLVM::ReturnOp::create(builder, function.getLoc(), ValueRange());
  emitArena(function, arena);

  // The manifest.
  function.eraseBody();
  function.setPrivate();
  auto strings =
      llvm::map_to_vector(lowering.checks, [](const std::string &text) { return StringRef(text); });
  function->setAttr("rondo.checks", builder.getStrArrayAttr(strings));
  function->setAttr(names::code, FlatSymbolRefAttr::get(code));
  function->setAttr(names::arena, FlatSymbolRefAttr::get(arena));
  function->removeAttr(names::slots);
  function->removeAttr(names::below);
  if (int64_t bytes = cacheOffsets(function).back())
    function->setAttr("rondo.cache_bytes", builder.getI64IntegerAttr(bytes));
  function->removeAttr(names::cached);
  return success();
}

namespace {
struct LowerPass : rondo::impl::LowerBase<LowerPass> {
  using LowerBase::LowerBase;

  void runOnOperation() override {
    Profile profile;
    if (isProfiled)
      profile = Profile(getOperation());
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (!function.isExternal() &&
          failed(lower(function, TargetDescription::of(function), profile)))
        return signalPassFailure();
  }
};
} // namespace
