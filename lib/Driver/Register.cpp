// Every dialect and pass of rondo, registered in one place for the tools.
#include "Driver/Register.h"
#include "Batch/Batch.h"
#include "Batch/Passes.h"
#include "Differentiate/Differentiate.h"
#include "Differentiate/Passes.h"
#include "Rondo/Rondo.h"
#include "Schedule/Passes.h"
#include "Target/Passes.h"

void rondo::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<RondoDialect, mlir::func::FuncDialect>();
  registerBatchRules(registry);
  registerAdjoints(registry);
}

void rondo::registerPasses() {
  registerBatchPasses();
  registerDifferentiatePasses();
  registerSchedulePasses();
  registerTargetPasses();
}
