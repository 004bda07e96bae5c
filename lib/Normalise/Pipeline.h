// What Normalise runs.
#ifndef RONDO_LIB_NORMALISE_PIPELINE_H
#define RONDO_LIB_NORMALISE_PIPELINE_H

#include "mlir/Pass/Pass.h"
#include <memory>
#include <vector>

namespace rondo {

/// Appends the passes that bring differentiated IR to the end of target-free IR.
void buildNormalisePipeline(std::vector<std::unique_ptr<mlir::Pass>> &passes);

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_PIPELINE_H
