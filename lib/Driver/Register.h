// Every dialect and pass of rondo, registered in one place for the tools.
#ifndef RONDO_DRIVER_REGISTER_H
#define RONDO_DRIVER_REGISTER_H

#include "mlir/IR/DialectRegistry.h"

namespace rondo {

/// Our dialects and those that the lowering makes, with the interfaces that passes look for.
void registerDialects(mlir::DialectRegistry &registry);

/// Our passes, by their flags.
void registerPasses();

} // namespace rondo

#endif // RONDO_DRIVER_REGISTER_H
