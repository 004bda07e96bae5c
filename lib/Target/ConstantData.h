// Constant data in the LLVM dialect: C structs, strings and arrays as initialised globals.
#ifndef RONDO_TARGET_CONSTANTDATA_H
#define RONDO_TARGET_CONSTANTDATA_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace rondo {

/// A constant of a type that knows how to write itself into a global's initialiser.
struct Constant {
  mlir::Type type;
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location)> materialise;
};

/// Makes constants and the globals that hold them, at the start of a module.
class ConstantData {
public:
  explicit ConstantData(mlir::ModuleOp module);

  Constant i32(int64_t value) { return integer(32, value); }
  Constant i64(int64_t value) { return integer(64, value); }
  Constant f64(double value);
  Constant null();
  /// The address of a NUL-terminated string; equal strings share one global.
  Constant string(llvm::StringRef text);
  /// The address of a global or of a function (`llvm.func` or, before conversion, `func.func`).
  Constant address(llvm::StringRef symbol);
  /// A struct of a named type; its fields are those given, in order.
  Constant structure(llvm::StringRef typeName, llvm::ArrayRef<Constant> fields);
  /// The address of an array in a global of its own; null for an empty one.
  Constant array(llvm::StringRef hint, llvm::ArrayRef<Constant> elements);
  /// A global of this name with these bytes, aligned for any use.
  void bytes(llvm::StringRef name, llvm::StringRef bytes);
  /// A global that other objects see under exactly this name.
  void define(llvm::StringRef name, const Constant &value);

private:
  Constant integer(unsigned width, int64_t value);
  void global(llvm::StringRef name, mlir::LLVM::Linkage linkage, const Constant &value);

  mlir::ModuleOp module;
  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::Type pointer;
  llvm::StringMap<std::string> strings; // text to global
  int64_t counter = 0;
};

} // namespace rondo

#endif // RONDO_TARGET_CONSTANTDATA_H
