// The nest dialect's registration, the text of its attributes, and what any nest holds to. What a
// nest of a certain group holds to besides, lib/Tile verifies.
#include "Nest/Nest.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace rondo;

#include "Nest/NestDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "Nest/NestAttrs.cpp.inc"

void NestDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Nest/NestAttrs.cpp.inc"
      >();
}

LoopsAttr rondo::loopsOf(Operation *op) { return op->getAttrOfType<LoopsAttr>(names::loops); }

const Loop *LoopsAttr::find(Loop::Mapping mapping) const {
  const auto *found =
      llvm::find_if(getLoops(), [&](const Loop &loop) { return loop.mapping == mapping; });
  return found == getLoops().end() ? nullptr : found;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static ParseResult parseCount(AsmParser &parser, int64_t &number, int64_t least = 1) {
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseInteger(number))
    return failure();
  if (number < least)
    return parser.emitError(at, "expected a number from ") << least << " on";
  return success();
}

static ParseResult parseMapping(AsmParser &parser, Loop &loop) {
  if (succeeded(parser.parseOptionalKeyword("lanes"))) {
    loop.mapping = Loop::Lanes;
    if (parseCount(parser, loop.size))
      return failure();
    return succeeded(parser.parseOptionalKeyword("x")) ? parseCount(parser, loop.count)
                                                       : ParseResult(success());
  }
  if (succeeded(parser.parseOptionalKeyword("rows"))) {
    loop.mapping = Loop::Rows;
    if (parseCount(parser, loop.size))
      return failure();
    loop.count = loop.size;
    return succeeded(parser.parseOptionalKeyword("alone")) ? parseCount(parser, loop.count)
                                                           : ParseResult(success());
  }
  return success();
}

Attribute LoopsAttr::parse(AsmParser &parser, Type) {
  SmallVector<Loop> loops;
  bool byRows = false, wide = false;
  int64_t blocks = 0, panel = -1;
  auto parseLoop = [&]() -> ParseResult {
    Loop &loop = loops.emplace_back();
    loop.isSummed = succeeded(parser.parseOptionalKeyword("sum"));
    if (parseCount(parser, loop.axis, 0) || parser.parseColon())
      return failure();
    loop.dim = DimAttr::parseExpression(parser);
    return loop.dim ? parseMapping(parser, loop) : ParseResult(failure());
  };
  if (parser.parseLess() || parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseLoop))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("wide"))) {
      wide = true;
    } else if (succeeded(parser.parseOptionalKeyword("blocks"))) {
      if (parseCount(parser, blocks))
        return {};
    } else if (succeeded(parser.parseOptionalKeyword("panel"))) {
      if (parseCount(parser, panel, 0))
        return {};
    } else if (succeeded(parser.parseOptionalKeyword("by"))) {
      if (parser.parseKeyword("rows"))
        return {};
      byRows = true;
    } else {
      parser.emitError(parser.getCurrentLocation(),
                       "expected 'by rows', 'wide', 'blocks' or 'panel'");
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), loops, byRows, wide, blocks, panel);
}

static void print(llvm::raw_ostream &os, const Loop &loop) {
  os << (loop.isSummed ? "sum " : "") << loop.axis << " : " << loop.dim.str();
  switch (loop.mapping) {
  case Loop::Sequential:
    return;
  case Loop::Lanes:
    os << " lanes " << loop.size;
    if (loop.count != 1)
      os << " x " << loop.count;
    return;
  case Loop::Rows:
    os << " rows " << loop.size;
    if (loop.count != loop.size)
      os << " alone " << loop.count;
    return;
  }
}

void LoopsAttr::print(AsmPrinter &printer) const {
  llvm::raw_ostream &os = printer.getStream();
  os << "<[";
  llvm::interleaveComma(getLoops(), os, [&](const Loop &loop) { ::print(os, loop); });
  os << ']';
  if (getByRows())
    os << ", by rows";
  if (getWide())
    os << ", wide";
  if (getBlocks() > 0)
    os << ", blocks " << getBlocks();
  if (getPanel() >= 0)
    os << ", panel " << getPanel();
  os << '>';
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// Each axis has one loop, one of them at most has lanes and one rows, and summed ones come last.
static LogicalResult verifyLoops(Operation *op, LoopsAttr nest) {
  auto refuse = [&]() -> InFlightDiagnostic { return op->emitOpError("has no such loops: "); };
  auto count = static_cast<int64_t>(nest.getLoops().size());
  llvm::SmallDenseSet<int64_t> axes;
  bool hasLanes = false, hasRows = false, isSumming = false;
  for (const Loop &loop : nest.getLoops()) {
    if (loop.axis >= count)
      return refuse() << "there is no axis " << loop.axis << " among " << count;
    if (!axes.insert(loop.axis).second)
      return refuse() << "axis " << loop.axis << " has two of them";
    if (isSumming && !loop.isSummed)
      return refuse() << "axis " << loop.axis << " is stored and stands within a sum";
    isSumming = loop.isSummed;
    if (loop.mapping == Loop::Lanes && std::exchange(hasLanes, true))
      return refuse() << "axis " << loop.axis << " is the second one in lanes";
    if (loop.mapping == Loop::Lanes && !llvm::isPowerOf2_64(loop.size))
      return refuse() << "a vector has a power of two of lanes, not " << loop.size;
    if (loop.mapping == Loop::Rows && std::exchange(hasRows, true))
      return refuse() << "axis " << loop.axis << " is the second one in rows";
    if (loop.mapping == Loop::Rows && loop.isSummed)
      return refuse() << "axis " << loop.axis << " is summed and has no rows";
  }
  const Loop *rows = nest.find(Loop::Rows), *lanes = nest.find(Loop::Lanes);
  if (rows && (!lanes || lanes->isSummed))
    return refuse() << "rows share the vectors of a stored axis, and none is in lanes";
  if (lanes && lanes->isSummed && lanes->count != 1)
    return refuse() << "a sum in lanes takes one vector at a time";
  if (rows) {
    const Loop *behind = rows + 1;
    if (lanes > rows || (behind != nest.getLoops().end() && !behind->isSummed))
      return refuse() << "rows stand within all other stored axes";
  }
  return success();
}

LogicalResult NestDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != names::loops)
    return op->emitOpError("has an attribute of no meaning, ") << attribute.getName();
  auto nest = dyn_cast<LoopsAttr>(attribute.getValue());
  if (op->getNumResults() == 0 || !nest)
    return op->emitOpError("expected ")
           << attribute.getName() << " to be #nest.loops of what is stored";
  return verifyLoops(op, nest);
}
