// Remarks go to MLIR's remark engine, which the driver or rondo-opt turns on.
#include "Rondo/Remark.h"

using namespace mlir;
using namespace rondo;
using rondo::Remark;

/// Twins are copies of what has been spoken of already.
static bool isTwin(func::FuncOp function) { return function && function->hasAttr(names::twinOf); }

Remark::Remark(Location loc, func::FuncOp function, llvm::StringRef category, bool isMissed)
    : loc(loc), function(function), category(category), isMissed(isMissed),
      isWanted(wantsRemarks(loc.getContext()) && !isTwin(function)) {}

Remark::~Remark() {
  if (!isWanted)
    return;
  auto options = remark::RemarkOpts::name(category).category(category);
  std::string name;
  if (function) {
    // A function of a device has the name that it has on the CPU.
    auto module = dyn_cast<ModuleOp>(function->getParentOp());
    if (module && module.getSymName())
      name = (*module.getSymName() + ".").str();
    name += function.getSymName();
    options = options.function(name);
  }
  if (isMissed)
    remark::missed(loc, options) << llvm::StringRef(text);
  else
    remark::passed(loc, options) << llvm::StringRef(text);
}

Location rondo::placeOf(Operation *op) {
  if (!isa<UnknownLoc>(op->getLoc()))
    return op->getLoc();
  for (Operation *user : op->getUsers())
    if (!isa<UnknownLoc>(user->getLoc()))
      return user->getLoc();
  while (isa<UnknownLoc>(op->getLoc()) && op->getParentOp())
    op = op->getParentOp();
  return op->getLoc();
}

static func::FuncOp functionOf(Operation *op) {
  auto function = dyn_cast<func::FuncOp>(op);
  return function ? function : op->getParentOfType<func::FuncOp>();
}

Remark rondo::decided(Operation *op, llvm::StringRef category) {
  return {placeOf(op), functionOf(op), category, false};
}
Remark rondo::missed(Operation *op, llvm::StringRef category) {
  return {placeOf(op), functionOf(op), category, true};
}

std::string rondo::wordsFor(Operation *op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ContractOp contract) { os << "product " << contract.getSpec(); })
      .Case([&](ReduceOp reduce) {
        os << stringifyReduceKind(reduce.getKind()) << " over ";
        llvm::interleaveComma(reduce.getAxes(), os, [&](int64_t axis) {
          os << arrayType(reduce.getOperand()).getDim(axis).str();
        });
      })
      .Case([&](ScanOp scan) {
        os << (scan.getReverse() ? "reverse loop over " : "loop over ") << scan.getDim().str();
      })
      .Default([&](Operation *other) { os << other->getName().stripDialect(); });
  return text;
}

std::string rondo::wordsFor(ArrayType type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << type.getElementType() << "[";
  llvm::interleaveComma(type.getDims(), os, [&](DimAttr dim) { os << dim.str(); });
  os << "]";
  return text;
}
