// rondo-translate: the front end alone, stage by stage, with -verify-diagnostics and
// -split-input-file for the tests of its errors.
#include "ImportTranslation.h"
#include "SyntaxTranslations.h"

#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  rondo::registerSyntaxTranslations();
  rondo::registerImportTranslation();
  return failed(mlir::mlirTranslateMain(argc, argv, "the front end of rondo\n"));
}
