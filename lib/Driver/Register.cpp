// Every dialect and pass of rondo, registered in one place for the tools.
#include "Driver/Register.h"
#include "Rondo/Rondo.h"
#include "Schedule/Passes.h"

void rondo::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<RondoDialect, mlir::func::FuncDialect>();
}

void rondo::registerPasses() { registerSchedulePasses(); }
