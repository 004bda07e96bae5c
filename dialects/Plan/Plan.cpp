// The plan dialect's registration, the text of its attributes, and how they are read and set.
#include "Plan/Plan.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace rondo;

#include "Plan/PlanDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "Plan/PlanAttrs.cpp.inc"

void PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Plan/PlanAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static constexpr llvm::StringLiteral kinds[] = {
    "slot", "result", "cache", "stack", "sum", "next", "before", "after", "none", "yield", "local"};
static constexpr llvm::StringLiteral carryKinds[] = {"in_place", "pair", "history"};

llvm::raw_ostream &rondo::operator<<(llvm::raw_ostream &os, const Storage &storage) {
  os << kinds[storage.kind];
  return storage.kind == Storage::None ? os : os << ' ' << storage.number;
}

llvm::raw_ostream &rondo::operator<<(llvm::raw_ostream &os, const CarryStorage &carry) {
  os << carryKinds[carry.kind];
  return carry.kind == CarryStorage::InPlace ? os : os << ' ' << carry.slot;
}

llvm::raw_ostream &rondo::operator<<(llvm::raw_ostream &os, const Share &share) {
  if (share.barrier)
    os << "barrier, ";
  if (share.axis >= 0)
    return os << "axis " << share.axis;
  return os << (share.axis == Share::threads ? "threads" : "worker 0");
}

/// A number that counts from 0.
static ParseResult parseNumber(AsmParser &parser, int64_t &number) {
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseInteger(number))
    return failure();
  if (number < 0)
    return parser.emitError(at, "expected a number from 0 on");
  return success();
}

/// A word of `words`, and behind it a number unless it is the word `bare`.
template <typename Kind>
static ParseResult parseKind(AsmParser &parser, ArrayRef<llvm::StringLiteral> words, Kind bare,
                             Kind &kind, int64_t &number) {
  SMLoc at = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseKeyword(&word))
    return failure();
  const auto *found = llvm::find(words, word);
  if (found == words.end()) {
    InFlightDiagnostic error = parser.emitError(at, "expected one of ");
    llvm::interleaveComma(words, error);
    return error << ", found " << word;
  }
  kind = static_cast<Kind>(found - words.begin());
  return kind == bare ? ParseResult(success()) : parseNumber(parser, number);
}

Attribute StorageAttr::parse(AsmParser &parser, Type) {
  SmallVector<Storage> places;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, [&]() -> ParseResult {
        Storage &place = places.emplace_back();
        return parseKind(parser, kinds, Storage::None, place.kind, place.number);
      }))
    return {};
  if (places.empty()) {
    parser.emitError(parser.getNameLoc(), "expected a place");
    return {};
  }
  return get(parser.getContext(), places);
}

void StorageAttr::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleaveComma(getPlaces(), printer.getStream());
  printer << '>';
}

Attribute CarryAttr::parse(AsmParser &parser, Type) {
  CarryStorage carry;
  if (parser.parseLess() ||
      parseKind(parser, carryKinds, CarryStorage::InPlace, carry.kind, carry.slot) ||
      parser.parseGreater())
    return {};
  return get(parser.getContext(), carry);
}

void CarryAttr::print(AsmPrinter &printer) const {
  printer.getStream() << '<' << getStorage() << '>';
}

Attribute ShareAttr::parse(AsmParser &parser, Type) {
  Share share;
  if (parser.parseLess())
    return {};
  if (succeeded(parser.parseOptionalKeyword("barrier"))) {
    share.barrier = true;
    if (parser.parseComma())
      return {};
  }
  if (succeeded(parser.parseOptionalKeyword("threads"))) {
    share.axis = Share::threads;
  } else if (succeeded(parser.parseOptionalKeyword("worker"))) {
    int64_t worker = 0;
    SMLoc at = parser.getCurrentLocation();
    if (parser.parseInteger(worker))
      return {};
    if (worker != 0) {
      parser.emitError(at, "expected worker 0, which is there in every call");
      return {};
    }
  } else if (parser.parseKeyword("axis", ", worker 0 or threads") ||
             parseNumber(parser, share.axis)) {
    return {};
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), share);
}

void ShareAttr::print(AsmPrinter &printer) const {
  printer.getStream() << '<' << getShare() << '>';
}

//===----------------------------------------------------------------------===//
// On ops
//===----------------------------------------------------------------------===//

template <typename T, typename Make>
static void setList(Operation *op, StringRef name, ArrayRef<T> all, Make make) {
  op->setAttr(name, ArrayAttr::get(op->getContext(),
                                   llvm::map_to_vector(all, [&](const T &one) -> Attribute {
                                     return make(op->getContext(), one);
                                   })));
}

ArrayRef<Storage> rondo::placesOf(Operation *op, int64_t number) {
  return cast<StorageAttr>(op->getAttrOfType<ArrayAttr>(names::storage)[number]).getPlaces();
}

void rondo::setStorage(Operation *op, ArrayRef<SmallVector<Storage>> all) {
  setList(op, names::storage, all, [](MLIRContext *context, ArrayRef<Storage> places) {
    return StorageAttr::get(context, places);
  });
}

int64_t rondo::restOf(Operation *op, int64_t number) {
  auto all = op->getAttrOfType<DenseI64ArrayAttr>(names::rests);
  return all ? all[number] : -1;
}

ArrayType rondo::restType(OpResult result) {
  auto type = cast<ArrayType>(result.getType());
  auto group = dyn_cast<GroupOp>(result.getOwner());
  if (!group || group.getBlock()->getOps<ContractOp>().empty())
    return type;
  return type.withInserted(0, DimAttr::get(type.getContext(), int64_t(2)));
}

void rondo::setRests(Operation *op, ArrayRef<int64_t> all) {
  if (llvm::any_of(all, [](int64_t slot) { return slot >= 0; }))
    op->setAttr(names::rests, DenseI64ArrayAttr::get(op->getContext(), all));
}

CarryStorage rondo::carryStorageOf(ScanOp scan, int64_t number) {
  return cast<CarryAttr>(scan->getAttrOfType<ArrayAttr>(names::carries)[number]).getStorage();
}

void rondo::setCarryStorage(ScanOp scan, ArrayRef<CarryStorage> all) {
  setList(scan, names::carries, all, [](MLIRContext *context, const CarryStorage &carry) {
    return CarryAttr::get(context, carry);
  });
}

Share rondo::shareOf(Operation *op, int64_t statement) {
  auto all = op->getAttrOfType<ArrayAttr>(names::share);
  return all ? cast<ShareAttr>(all[statement]).getShare() : Share();
}

void rondo::setShares(Operation *op, ArrayRef<Share> all) {
  setList(op, names::share, all,
          [](MLIRContext *context, const Share &share) { return ShareAttr::get(context, share); });
}
