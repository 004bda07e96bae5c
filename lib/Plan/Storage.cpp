#include "Plan/Storage.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace rondo;

static constexpr llvm::StringLiteral kinds[] = {
    "slot", "result", "cache", "stack", "sum", "next", "before", "after", "none", "yield", "local"};
static constexpr llvm::StringLiteral carryKinds[] = {"in place", "pair", "history"};

std::string Storage::str() const {
  if (kind == None)
    return kinds[kind].str();
  return (kinds[kind] + " " + llvm::Twine(number)).str();
}

std::optional<Storage> Storage::parse(llvm::StringRef text) {
  if (text == kinds[None])
    return Storage{None};
  auto [word, digits] = text.split(' ');
  Storage storage;
  for (auto [number, name] : llvm::enumerate(kinds))
    if (word == name && !digits.getAsInteger(10, storage.number)) {
      storage.kind = static_cast<Kind>(number);
      return storage;
    }
  return std::nullopt;
}

SmallVector<Storage> rondo::placesOf(Operation *op, int64_t number) {
  auto all = op->getAttrOfType<ArrayAttr>(names::storage);
  SmallVector<Storage> places;
  for (llvm::StringRef text : llvm::split(cast<StringAttr>(all[number]).getValue(), " + "))
    places.push_back(*Storage::parse(text));
  return places;
}

void rondo::setStorage(Operation *op, ArrayRef<SmallVector<Storage>> all) {
  Builder builder(op->getContext());
  SmallVector<Attribute> texts;
  for (ArrayRef<Storage> places : all)
    texts.push_back(builder.getStringAttr(llvm::join(
        llvm::map_range(places, [](const Storage &place) { return place.str(); }), " + ")));
  op->setAttr(names::storage, builder.getArrayAttr(texts));
}

int64_t rondo::linesOf(ArrayType type) {
  int64_t bytes = llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8);
  for (DimAttr dim : type.getDims())
    bytes *= dim.getConstant();
  return static_cast<int64_t>(llvm::alignTo(std::max<int64_t>(bytes, 1), 64));
}

SmallVector<int64_t> rondo::cacheOffsets(func::FuncOp function) {
  SmallVector<int64_t> offsets{0};
  if (auto types = function->getAttrOfType<ArrayAttr>(names::cached))
    for (Type type : types.getAsValueRange<TypeAttr>())
      offsets.push_back(offsets.back() + linesOf(cast<ArrayType>(type)));
  return offsets;
}

SmallVector<SmallVector<int64_t>> rondo::slotsBelow(func::FuncOp function) {
  SmallVector<SmallVector<int64_t>> below;
  for (Attribute slots : function->getAttrOfType<ArrayAttr>(names::below))
    below.emplace_back(cast<DenseI64ArrayAttr>(slots).asArrayRef());
  return below;
}

SmallVector<llvm::BitVector> rondo::slotsSharing(func::FuncOp function) {
  SmallVector<SmallVector<int64_t>> below = slotsBelow(function);
  auto count = static_cast<int64_t>(below.size());
  SmallVector<llvm::BitVector> under(count), sharing(count, llvm::BitVector(count, true));
  auto visit = [&](auto &&self, int64_t slot) -> void {
    if (!under[slot].empty())
      return;
    under[slot].resize(count);
    for (int64_t other : below[slot]) {
      self(self, other);
      under[slot] |= under[other];
      under[slot].set(other);
    }
  };
  for (int64_t slot = 0; slot < count; ++slot) {
    visit(visit, slot);
    sharing[slot].reset(slot);
    for (int64_t other : under[slot].set_bits()) {
      sharing[slot].reset(other);
      sharing[other].reset(slot);
    }
  }
  return sharing;
}

std::string CarryStorage::str() const {
  if (kind == InPlace)
    return carryKinds[kind].str();
  return (carryKinds[kind] + " " + llvm::Twine(slot)).str();
}

std::optional<CarryStorage> CarryStorage::parse(llvm::StringRef text) {
  if (text == carryKinds[InPlace])
    return CarryStorage{};
  auto [word, digits] = text.split(' ');
  CarryStorage storage;
  for (Kind kind : {Pair, History})
    if (word == carryKinds[kind] && !digits.getAsInteger(10, storage.slot)) {
      storage.kind = kind;
      return storage;
    }
  return std::nullopt;
}

CarryStorage rondo::carryStorageOf(ScanOp scan, int64_t number) {
  auto all = scan->getAttrOfType<ArrayAttr>(names::carries);
  return *CarryStorage::parse(cast<StringAttr>(all[number]).getValue());
}

void rondo::setCarryStorage(ScanOp scan, ArrayRef<CarryStorage> all) {
  Builder builder(scan.getContext());
  scan->setAttr(names::carries, builder.getArrayAttr(llvm::map_to_vector(
                                    all, [&](const CarryStorage &storage) -> Attribute {
                                      return builder.getStringAttr(storage.str());
                                    })));
}
