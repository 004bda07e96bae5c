// Registers the reverse rules with the dialect.
#include "Differentiate/Differentiate.h"
#include "Rondo/Rondo.h"

void rondo::registerAdjoints(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context, RondoDialect *) {
    attachElementwiseAdjoints(context);
    attachMovementAdjoints(context);
    attachReductionAdjoints(context);
    attachScanAdjoint(context);
  });
}
