// Constant data in the LLVM dialect: C structs, strings and arrays as initialised globals.
#include "Target/ConstantData.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using rondo::Constant;
using rondo::ConstantData;

ConstantData::ConstantData(ModuleOp module)
    : module(module), builder(module.getContext()), loc(module.getLoc()),
      pointer(LLVM::LLVMPointerType::get(module.getContext())) {
  builder.setInsertionPointToStart(module.getBody());
}

Constant ConstantData::integer(unsigned width, int64_t value) {
  Type type = builder.getIntegerType(width);
  return {type, [type, value](OpBuilder &b, Location loc) -> Value {
            return LLVM::ConstantOp::create(b, loc, type, b.getIntegerAttr(type, value));
          }};
}

Constant ConstantData::f64(double value) {
  Type type = builder.getF64Type();
  return {type, [type, value](OpBuilder &b, Location loc) -> Value {
            return LLVM::ConstantOp::create(b, loc, type, b.getF64FloatAttr(value));
          }};
}

Constant ConstantData::null() {
  return {pointer, [type = pointer](OpBuilder &b, Location loc) -> Value {
            return LLVM::ZeroOp::create(b, loc, type);
          }};
}

Constant ConstantData::string(llvm::StringRef text) {
  std::string &name = strings[text];
  if (name.empty()) {
    name = "rondo.string." + std::to_string(counter++);
    std::string bytes = text.str();
    bytes.push_back('\0');
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    auto op = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                     LLVM::Linkage::Internal, name, builder.getStringAttr(bytes));
    op.setUnnamedAddr(LLVM::UnnamedAddr::Global);
  }
  return address(name);
}

Constant ConstantData::address(llvm::StringRef symbol) {
  auto function = module.lookupSymbol<func::FuncOp>(symbol);
  return {pointer,
          [type = pointer, symbol = symbol.str(), function](OpBuilder &b, Location loc) -> Value {
            if (!function)
              return LLVM::AddressOfOp::create(b, loc, type, symbol);
            // Conversion to LLVM makes an address of this.
            auto value =
                func::ConstantOp::create(b, loc, func::FuncOp(function).getFunctionType(), symbol);
            return UnrealizedConversionCastOp::create(b, loc, type, value.getResult()).getResult(0);
          }};
}

/// Writes `elements` one after another into a value of the aggregate `type`.
static Constant aggregate(Type type, llvm::ArrayRef<Constant> elements) {
  return {type, [type, parts = llvm::to_vector(elements)](OpBuilder &b, Location loc) -> Value {
            Value result = LLVM::UndefOp::create(b, loc, type);
            for (auto [index, part] : llvm::enumerate(parts))
              result = LLVM::InsertValueOp::create(b, loc, result, part.materialise(b, loc),
                                                   llvm::ArrayRef<int64_t>(index));
            return result;
          }};
}

Constant ConstantData::structure(llvm::StringRef typeName, llvm::ArrayRef<Constant> fields) {
  auto type = LLVM::LLVMStructType::getIdentified(builder.getContext(), typeName);
  auto body = llvm::map_to_vector(fields, [](const Constant &field) { return field.type; });
  [[maybe_unused]] LogicalResult fits = type.setBody(body, /*isPacked=*/false);
  assert(succeeded(fits) && "one struct, two layouts");
  return aggregate(type, fields);
}

Constant ConstantData::array(llvm::StringRef hint, llvm::ArrayRef<Constant> elements) {
  if (elements.empty())
    return null();
  std::string name = ("rondo." + hint + "." + llvm::Twine(counter++)).str();
  auto type = LLVM::LLVMArrayType::get(elements.front().type, elements.size());
  global(name, LLVM::Linkage::Internal, aggregate(type, elements));
  return address(name);
}

void ConstantData::bytes(llvm::StringRef name, llvm::StringRef bytes) {
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
                         builder.getStringAttr(bytes), /*alignment=*/64);
}

void ConstantData::define(llvm::StringRef name, const Constant &value) {
  global(name, LLVM::Linkage::External, value);
}

void ConstantData::global(llvm::StringRef name, LLVM::Linkage linkage, const Constant &value) {
  auto op = LLVM::GlobalOp::create(builder, loc, value.type, /*isConstant=*/true, linkage, name,
                                   Attribute());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&op.getInitializerRegion());
  LLVM::ReturnOp::create(builder, loc, value.materialise(builder, loc));
}
