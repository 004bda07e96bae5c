// rondo-opt: runs passes on printed stages, with the whole surface of mlir-opt.
#include "Driver/Register.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  rondo::registerDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  rondo::registerPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "rondo's optimizer driver\n", registry));
}
