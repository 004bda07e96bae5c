#include "Plan/Storage.h"

using namespace mlir;
using namespace rondo;

static constexpr llvm::StringLiteral kinds[] = {"slot", "result", "stack", "sum"};

std::string Storage::str() const { return (kinds[kind] + " " + llvm::Twine(number)).str(); }

std::optional<Storage> Storage::parse(llvm::StringRef text) {
  auto [word, digits] = text.split(' ');
  Storage storage;
  for (auto [number, name] : llvm::enumerate(kinds))
    if (word == name && !digits.getAsInteger(10, storage.number)) {
      storage.kind = static_cast<Kind>(number);
      return storage;
    }
  return std::nullopt;
}

Storage rondo::storageOf(Operation *op, int64_t number) {
  auto all = op->getAttrOfType<ArrayAttr>(names::storage);
  return *Storage::parse(cast<StringAttr>(all[number]).getValue());
}

void rondo::setStorage(Operation *op, ArrayRef<Storage> all) {
  Builder builder(op->getContext());
  op->setAttr(names::storage, builder.getArrayAttr(llvm::map_to_vector(
                                  all, [&](const Storage &storage) -> Attribute {
                                    return builder.getStringAttr(storage.str());
                                  })));
}
