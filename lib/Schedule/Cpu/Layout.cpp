// rondo-layout: gives contractions operands that can be read by vectors.
//
// The lanes of a contraction run along the last dim of its result; the operand that has this dim is
// read once per tile of rows. An operand of constant dims (a weight) is packed: stored as panels of
// one vector's width, `[others, n/lanes, summed, lanes]`, padded with zeros to whole vectors, so
// that a tile's columns are streams of consecutive lines whatever the power of two in the strides.
// Other operands are transposed if their lanes are not last. Panels of parameters are kept while
// these stay the same; a gradient would pack them in every call, so it reads what can be read by
// vectors as it is, unless its strides are hard on the caches.
#include "Machine/TargetDescription.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"
#include "Schedule/Cpu/Panels.h"
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"
#include <map>

namespace rondo {
#define GEN_PASS_DEF_LAYOUT
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

bool isOne(DimAttr dim) { return dim.isConstant() && dim.getConstant() == 1; }

/// Makes a value of constants and movement available where what it moves is defined, which may be
/// outside of the loops around `value`.
Value outermost(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !isLazy(op) || isa<CheckOp>(op) || op->getNumOperands() != 1)
    return value;
  Value operand = outermost(op->getOperand(0));
  if (operand.getParentBlock() == op->getBlock())
    return value;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfterValue(operand);
  IRMapping mapping;
  mapping.map(op->getOperand(0), operand);
  return builder.clone(*op, mapping)->getResult(0);
}

struct LayoutPass : rondo::impl::LayoutBase<LayoutPass> {
  using LayoutBase::LayoutBase;

  void runOnOperation() override {
    transposed.clear();
    packedAs.clear();
    edits.clear();
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk([&](ContractOp op) { arrange(op); });
    OpBuilder builder(&getContext());
    for (auto &[scan, edit] : edits)
      edit.finish(builder);
  }

  void arrange(ContractOp op) {
    Spec spec = *Spec::parse(op.getSpec());
    // The lanes go along the result's last dim of more than one position.
    char lanes = 0;
    for (auto [letter, dim] : llvm::zip_equal(spec.result, op.getType().getDims()))
      if (!isOne(dim))
        lanes = letter;
    if (!lanes)
      return;
    for (int64_t number : {0, 1}) {
      const std::string &own = spec.operands[number], &other = spec.operands[1 - number];
      int64_t axis = Spec::axis(own, lanes);
      if (axis < 0 || Spec::axis(other, lanes) >= 0)
        continue;
      ArrayType type = arrayType(op->getOperand(number));
      bool isLast = llvm::all_of(type.getDims().drop_front(axis + 1), isOne);
      if (isBatch(op, type.getDim(axis)))
        return;
      // Worth it if every element is used for several rows of the other operand.
      bool hasRows = llvm::any_of(llvm::enumerate(other), [&](auto pair) {
        return Spec::axis(spec.result, pair.value()) >= 0 && Spec::axis(own, pair.value()) < 0 &&
               !isOne(arrayType(op->getOperand(1 - number)).getDim(pair.index()));
      });
      if (!hasRows) {
        if (!isLast)
          missed(op, "layout") << wordsFor(op) << " reads operand " << number << ", "
                               << wordsFor(type) << ", across its rows: each element is used once, "
                               << "so a copy would cost more";
        return;
      }
      // What the result has comes first, then what is summed, then parts of the result that are
      // taken at one position each (the gates of a cell: a tile holds all of them), then the lanes.
      SmallVector<int64_t> order, summed, parts;
      for (int64_t i = 0; i < type.getRank(); ++i) {
        if (i == axis)
          continue;
        int64_t at = Spec::axis(spec.result, own[i]);
        bool isPart = at >= 0 && Spec::axis(other, own[i]) < 0 && isTakenApart(op.getResult(), at);
        (at < 0 ? summed : isPart ? parts : order).push_back(i);
      }
      llvm::append_range(summed, parts);
      Value value = outermost(op->getOperand(number));
      Value whole = sliceSource(value).first;
      // The size of one matrix, whatever the number of them.
      TargetDescription machine = TargetDescription::of(op);
      int64_t bytes = machine.bytesOf(type.getElementType());
      for (auto [letter, dim] : llvm::zip_equal(own, type.getDims()))
        if (dim.isConstant() &&
            (Spec::axis(other, letter) < 0 || Spec::axis(spec.result, letter) < 0))
          bytes *= dim.getConstant();
      bool mayPack = bytes >= smallestPacked && (isPackable(value) || (whole && isPackable(whole)));
      if (mayPack && isLast && bytes <= machine.l2Bytes &&
          !areRowsPagesApart(type, axis, machine) && givesGradients(op)) {
        decided(op, "layout")
            << wordsFor(op) << " reads operand " << number << ", " << wordsFor(type)
            << ", as it is: its vectors are consecutive and the "
            << "second cache holds it, while panels would be packed in every call";
        return;
      }
      if (mayPack) {
        decided(op, "layout") << wordsFor(op) << " reads operand " << number << ", "
                              << wordsFor(type) << ", from panels of a vector's width along "
                              << type.getDim(axis).str()
                              << ": it is constant in the loops and too large for the first cache";
        op->setOperand(number, whole ? packSlices(cast<BlockArgument>(value), order, axis, summed)
                                     : pack(value, order, axis, summed));
        llvm::append_range(order, summed);
      } else if (isLast) {
        return;
      } else {
        decided(op, "layout") << wordsFor(op) << " reads operand " << number << ", "
                              << wordsFor(type) << ", from a copy with " << type.getDim(axis).str()
                              << " last: vectors run along it";
        order.clear();
        for (int64_t i = 0; i < type.getRank(); ++i)
          if (i != axis)
            order.push_back(i);
        order.push_back(axis);
        op->setOperand(number, transpose(value, order));
        order.pop_back();
      }
      order.push_back(axis);
      std::string letters;
      for (int64_t i : order)
        letters += own[i];
      spec.operands[number] = letters;
      op.setSpec(spec.str());
      return;
    }
  }

  /// Whether all that reads the value takes single positions of the axis.
  static bool isTakenApart(Value value, int64_t axis) {
    return !value.use_empty() && llvm::all_of(value.getUsers(), [&](Operation *user) {
      if (user->hasTrait<Elementwise>())
        return isTakenApart(user->getResult(0), axis);
      auto slice = dyn_cast<SliceOp>(user);
      return slice && slice.getAxis() == axis && isOne(slice.getType().getDim(axis));
    });
  }

  /// Whether the rows along `axis`, the last one, start whole pages apart: then a column lies in a
  /// few sets of the caches, and each of its lines on a page of its own.
  static bool areRowsPagesApart(ArrayType type, int64_t axis, const TargetDescription &machine) {
    constexpr int64_t page = 4096;
    int64_t bytes = machine.bytesOf(type.getElementType());
    return type.getDim(axis).getConstant() * bytes % page == 0;
  }

  /// Whether the parameters are new in every call.
  static bool givesGradients(Operation *op) {
    func::FuncOp function = enclosingFunction(op);
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (auto role = function.getResultAttrOfType<StringAttr>(i, names::role))
        if (role.getValue() == "gradient")
          return true;
    return false;
  }

  /// Constant dims, and known before any loop.
  static bool isPackable(Value value) {
    ArrayType type = arrayType(value);
    return isa<FloatType>(type.getElementType()) &&
           isa<func::FuncOp>(value.getParentBlock()->getParentOp()) &&
           llvm::all_of(type.getDims(), [](DimAttr dim) { return dim.isConstant(); });
  }

  /// `value` with its dims in the order `others, summed, axis`, read from panels.
  Value pack(Value value, ArrayRef<int64_t> others, int64_t axis, ArrayRef<int64_t> summed) {
    SmallVector<int64_t> key(others);
    key.push_back(axis);
    llvm::append_range(key, summed);
    Value &packed = packedAs[value][key];
    if (!packed) {
      ++numPacked;
      packed = packPanels(value, others, axis, summed, lanesOf(value));
    }
    auto count = static_cast<int64_t>(others.size());
    return readPanels(packed, count, arrayType(value).getDim(axis).getConstant());
  }

  static int64_t lanesOf(Value value) {
    TargetDescription machine =
        TargetDescription::of(enclosingFunction(value.getParentBlock()->getParentOp()));
    return machine.lanes(machine.bitsOf(arrayType(value).getElementType()));
  }

  /// The same for a value that is one slice per step of a loop (a layer's weight): all slices are
  /// packed before the loop.
  Value packSlices(BlockArgument slice, ArrayRef<int64_t> others, int64_t axis,
                   ArrayRef<int64_t> summed) {
    auto [whole, sliced] = sliceSource(slice);
    SmallVector<int64_t> key(others);
    key.push_back(axis);
    llvm::append_range(key, summed);
    Value &packed = packedAs[slice][key];
    if (!packed) {
      ++numPacked;
      auto shifted = [&, sliced = sliced](int64_t i) { return i + (i >= sliced); };
      SmallVector<int64_t> all{sliced};
      llvm::append_range(all, llvm::map_range(others, shifted));
      Value panels = packPanels(whole, all, shifted(axis), llvm::map_to_vector(summed, shifted),
                                lanesOf(whole));
      auto scan = cast<ScanOp>(slice.getOwner()->getParentOp());
      packed = edits.try_emplace(scan, scan).first->second.addSlice(panels, 0);
    }
    auto count = static_cast<int64_t>(others.size());
    return readPanels(packed, count, arrayType(slice).getDim(axis).getConstant());
  }

  /// The array and the axis that a slice argument of a scan is taken from; null for other values.
  static std::pair<Value, int64_t> sliceSource(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    auto scan = argument ? dyn_cast<ScanOp>(argument.getOwner()->getParentOp()) : ScanOp();
    if (!scan)
      return {};
    for (auto [own, whole, axis] :
         llvm::zip(scan.getSliceArguments(), scan.getSlices(), scan.getSliceAxes()))
      if (own == argument)
        return {outermost(whole), axis};
    return {};
  }

  static bool isBatch(Operation *op, DimAttr dim) {
    StringAttr symbol = dim.getSymbol();
    return symbol && lookupSymbol(enclosingFunction(op), symbol) == SymbolKind::Batch;
  }

  /// The permuted array, stored: in a group of its own, right after what it is made of.
  Value transpose(Value value, ArrayRef<int64_t> permutation) {
    Value &known = transposed[{value, permutation.back()}];
    if (known)
      return known;
    ++numTransposed;
    SmallVector<DimAttr> dims;
    for (int64_t axis : permutation)
      dims.push_back(arrayType(value).getDim(axis));
    ArrayType type = arrayType(value).withDims(dims);
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    auto group = GroupOp::create(builder, value.getLoc(), type);
    builder.createBlock(&group.getBody());
    Value moved = TransposeOp::create(builder, value.getLoc(), type, value, permutation);
    YieldOp::create(builder, value.getLoc(), moved);
    return known = group.getResult(0);
  }

  llvm::DenseMap<std::pair<Value, int64_t>, Value> transposed;
  llvm::MapVector<Operation *, ScanEdit> edits; // scans that get slices
  llvm::DenseMap<Value, std::map<SmallVector<int64_t>, Value>> packedAs;
};

} // namespace
