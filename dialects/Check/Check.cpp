// The check dialect's registration and verifiers.
#include "Check/Check.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::check;

#include "Check/CheckDialect.cpp.inc"

#define GET_OP_CLASSES
#include "Check/CheckOps.cpp.inc"

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Check/CheckOps.cpp.inc"
      >();
}

/// Numbers for an array: dense, of its rank and kind, and of its size where that is constant.
static LogicalResult verifyNumbers(Operation *op, ElementsAttr value, ArrayType type) {
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return op->emitOpError("expected dense numbers");
  auto shaped = dense.getType();
  Type element = shaped.getElementType();
  bool fits = shaped.getRank() == type.getRank() &&
              (type.isFloat() ? isa<FloatType>(element)
                              : isa<IntegerType>(element) && element.isInteger(1) == type.isBool());
  for (int64_t i = 0; fits && i < type.getRank(); ++i)
    fits = !type.getDim(i).isConstant() || type.getDim(i).getConstant() == shaped.getDimSize(i);
  if (!fits)
    return op->emitOpError("expected numbers for ") << type << ", found " << shaped;
  return success();
}

LogicalResult InputOp::verify() { return verifyNumbers(*this, getValue(), getType()); }
LogicalResult ExpectCloseConstOp::verify() {
  return verifyNumbers(*this, getValue(), arrayType(getActual()));
}
LogicalResult ExpectEqualConstOp::verify() {
  return verifyNumbers(*this, getValue(), arrayType(getActual()));
}
