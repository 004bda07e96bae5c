// rondo-describe-target: notes on the module which processor is scheduled for.
#include "Machine/Passes.h"
#include "Machine/TargetDescription.h"

namespace rondo {
#define GEN_PASS_DEF_DESCRIBETARGET
#include "Machine/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using rondo::TargetDescription;

namespace {
struct DescribeTargetPass : rondo::impl::DescribeTargetBase<DescribeTargetPass> {
  using DescribeTargetBase::DescribeTargetBase;

  void runOnOperation() override {
    TargetDescription description;
    description.vectorBits = vectorBits;
    description.vectorRegisters = vectorRegisters;
    description.masks = masks;
    description.rounds = rounds;
    description.scales = scales;
    description.l1Bytes = l1Bytes;
    description.l2Bytes = l2Bytes;
    description.l3Bytes = l3Bytes;
    description.cores = cores;
    getOperation()->setAttr(rondo::names::target, description.attribute(&getContext()));
  }
};
} // namespace
