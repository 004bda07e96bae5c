#include "Rondo/TypicalSizes.h"

using namespace mlir;
using namespace rondo;

double rondo::typicalValue(const DimPolynomial &polynomial) {
  return polynomial.evaluate([](StringAttr) { return typicalSize; });
}

int64_t rondo::typicalElements(ArrayRef<DimAttr> dims) {
  double elements = 1;
  for (DimAttr dim : dims)
    elements *= std::max(1.0, typicalValue(DimPolynomial(dim)));
  return static_cast<int64_t>(std::min(elements, 0x1p40));
}
