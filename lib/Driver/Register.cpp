// Every dialect and pass of rondo, registered in one place for the tools.
#include "Driver/Register.h"
#include "Batch/Batch.h"
#include "Batch/Passes.h"
#include "Check/Check.h"
#include "Device/Device.h"
#include "Differentiate/Differentiate.h"
#include "Differentiate/Passes.h"
#include "Driver/Passes.h"
#include "Driver/Pipelines.h"
#include "Interpret/Passes.h"
#include "Kernels/Passes.h"
#include "Lower/Passes.h"
#include "Machine/Passes.h"
#include "Nest/Nest.h"
#include "Normalise/Passes.h"
#include "Plan/Passes.h"
#include "Plan/Plan.h"
#include "Program/Passes.h"
#include "Rondo/Rondo.h"
#include "Schedule/Passes.h"
#include "Stream/Passes.h"
#include "Stream/Stream.h"
#include "Target/Passes.h"
#include "Team/Team.h"
#include "Tile/Passes.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

void rondo::registerDialects(mlir::DialectRegistry &registry) {
  registry
      .insert<RondoDialect, PlanDialect, NestDialect, check::CheckDialect, device::DeviceDialect,
              mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
              mlir::LLVM::LLVMDialect, mlir::math::MathDialect, mlir::memref::MemRefDialect,
              mlir::scf::SCFDialect, team::TeamDialect, mlir::vector::VectorDialect>();
  mlir::arith::registerConvertArithToLLVMInterface(registry);
  mlir::cf::registerConvertControlFlowToLLVMInterface(registry);
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerConvertFuncToLLVMInterface(registry);
  mlir::registerConvertMathToLLVMInterface(registry);
  mlir::registerConvertMemRefToLLVMInterface(registry);
  mlir::vector::registerConvertVectorToLLVMInterface(registry);
  registerStreamRules(registry);
  registerBatchRules(registry);
  registerAdjoints(registry);
}

void rondo::registerPasses() {
  registerStreamPasses();
  registerBatchPasses();
  registerDifferentiatePasses();
  check::registerCheckPasses();
  registerInterpretPasses();
  registerKernelsPasses();
  registerLowerPasses();
  registerMachinePasses();
  registerNormalisePasses();
  registerPlanPasses();
  registerProgramPasses();
  registerSchedulePasses();
  registerTargetPasses();
  registerTilePasses();
  team::registerTeamPasses();
  device::registerDevicePasses();
  registerDriverPasses();
  registerPipelines();
}
