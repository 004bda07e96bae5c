// rondo-opt: runs passes on printed stages, with the whole surface of mlir-opt.
#include "Driver/Register.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  rondo::registerDialects(registry);
  mlir::registerTransformsPasses();
  rondo::registerPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "rondo's optimizer driver\n", registry));
}
