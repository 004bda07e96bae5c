// Tile's passes; Passes.td describes them.
#ifndef RONDO_TILE_PASSES_H
#define RONDO_TILE_PASSES_H

#include "Nest/Nest.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Tile/Passes.h.inc"

} // namespace rondo

#endif // RONDO_TILE_PASSES_H
