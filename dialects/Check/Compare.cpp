// What a test is called with, and how its results are compared with what it expects.
#include "Check/Check.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::check;

bool check::isTest(func::FuncOp function) {
  if (function.isExternal() || !function.isPublic())
    return false;
  if (function.getNumArguments() == 0)
    return true;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (!function.getArgAttr(i, check::names::value))
      return false;
  return true;
}

FailureOr<TestCall> check::getTestCall(func::FuncOp function) {
  TestCall call;
  if (Attribute attribute = function->getAttr(check::names::bindings)) {
    auto dictionary = dyn_cast<DictionaryAttr>(attribute);
    if (!dictionary)
      return function.emitError("expected ") << check::names::bindings << " to be a dictionary";
    FailureOr<Bindings> bindings = parseBindings(function, dictionary);
    if (failed(bindings))
      return failure();
    call.bindings = std::move(*bindings);
  }
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto value = function.getArgAttrOfType<DenseElementsAttr>(i, check::names::value);
    if (!value)
      return function.emitError("expected ")
             << check::names::value << " of argument " << i << " to be dense numbers";
    call.arguments.push_back(hostArrayFromAttr(value));
  }
  return call;
}

Difference check::difference(const Domain &domain, const HostArray &actual,
                             const HostArray &expected, bool nanIsEqual) {
  Difference result;
  forEach<1>(domain, nullptr, {domain.strides()}, [&](const Point<1> &p) {
    int64_t at = p.at[0];
    double a = actual.isFloat() ? actual.floats[at] : static_cast<double>(actual.ints[at]);
    double b = expected.isFloat() ? expected.floats[at] : static_cast<double>(expected.ints[at]);
    // Infinities are close to themselves and say nothing about the others' scale.
    if (std::isinf(b) ? a == b : nanIsEqual && std::isnan(a) && std::isnan(b))
      return;
    double error = std::fabs(a - b);
    if (std::isnan(b) || std::fabs(b) > result.scale)
      result.scale = std::fabs(b);
    // The first NaN stays the worst.
    if (!std::isnan(result.error) && !(error <= result.error)) {
      result.error = error;
      result.index = p.index;
      result.actual = a;
      result.expected = b;
    }
  });
  return result;
}

/// The first position at which the arrays differ; NaN equals NaN.
static std::optional<Point<1>> firstUnequal(const Domain &domain, const HostArray &actual,
                                            const HostArray &expected) {
  std::optional<Point<1>> found;
  forEach<1>(domain, nullptr, {domain.strides()}, [&](const Point<1> &p) {
    if (found)
      return;
    int64_t at = p.at[0];
    bool same = actual.isFloat()
                    ? actual.floats[at] == expected.floats[at] ||
                          (std::isnan(actual.floats[at]) && std::isnan(expected.floats[at]))
                    : actual.ints[at] == expected.ints[at];
    if (!same)
      found = p;
  });
  return found;
}

static void printIndex(InFlightDiagnostic &error, ArrayRef<int64_t> index) {
  error << " at [";
  llvm::interleaveComma(index, error);
  error << "]";
}

/// Enough digits to tell doubles apart.
static std::string text(double number) {
  std::string buffer;
  llvm::raw_string_ostream(buffer) << llvm::format("%.17g", number);
  return buffer;
}

/// Compares one result; see checkResults.
static LogicalResult checkOne(Location loc, DictionaryAttr entry, const Domain &domain,
                              const HostArray &actual, const HostArray &expected,
                              double leastTolerance) {
  if (actual.kind != expected.kind || actual.shape != expected.shape ||
      ArrayRef<int64_t>(domain.extents) != ArrayRef<int64_t>(actual.shape)) {
    InFlightDiagnostic error = emitError(loc, "expected an array of shape [");
    llvm::interleaveComma(expected.shape, error);
    error << "], found [";
    llvm::interleaveComma(actual.shape, error);
    return error << "]";
  }
  auto tolerance = entry.getAs<FloatAttr>("tolerance");
  if (!tolerance && (leastTolerance == 0.0 || !actual.isFloat())) {
    std::optional<Point<1>> unequal = firstUnequal(domain, actual, expected);
    if (!unequal)
      return success();
    int64_t at = unequal->at[0];
    InFlightDiagnostic error = emitError(loc, "expected ");
    if (actual.isFloat())
      error << text(expected.floats[at]) << ", found " << text(actual.floats[at]);
    else
      error << expected.ints[at] << ", found " << actual.ints[at];
    printIndex(error, unequal->index);
    return error;
  }
  double relative = std::max(leastTolerance, tolerance ? tolerance.getValueAsDouble() : 0.0);
  auto floorAttr = entry.getAs<FloatAttr>("floor");
  double floor = floorAttr ? floorAttr.getValueAsDouble() : 0.0;
  Difference worst = difference(domain, actual, expected, /*nanIsEqual=*/!tolerance);
  if (worst.isClose(relative, floor))
    return success();
  InFlightDiagnostic error = emitError(loc, "expected ")
                             << text(worst.expected) << ", found " << text(worst.actual);
  printIndex(error, worst.index);
  error << ": error " << text(worst.error) << " is not within "
        << text(relative * worst.scale + floor);
  return error;
}

LogicalResult check::checkResults(func::FuncOp function, const Bindings &bindings,
                                  ArrayRef<HostArray> results, double tolerance) {
  FailureOr<Extents> extents = Extents::bind(function, bindings);
  // Differentiate gives the gradient of @f the attributes of @f.
  auto list = function->getAttrOfType<ArrayAttr>(function->hasAttr(rondo::names::gradientOf)
                                                     ? check::names::expectGrad
                                                     : check::names::expect);
  if (failed(extents) || !list)
    return extents;
  bool allHold = true;
  for (Attribute attribute : list) {
    auto entry = dyn_cast<DictionaryAttr>(attribute);
    auto number = [&](StringRef key) -> std::optional<size_t> {
      auto value = entry ? entry.getAs<IntegerAttr>(key) : IntegerAttr();
      if (!value || value.getInt() < 0 || value.getInt() >= static_cast<int64_t>(results.size()))
        return std::nullopt;
      return value.getInt();
    };
    std::optional<size_t> actual = number("actual"), expected = number("expected");
    auto value = entry ? entry.getAs<DenseElementsAttr>("value") : DenseElementsAttr();
    if (!actual || static_cast<bool>(expected) == static_cast<bool>(value))
      return function.emitError("expected an entry of ")
             << check::names::expect << " to have actual and either expected or value";
    auto location = entry.getAs<LocationAttr>("location");
    auto type = cast<ArrayType>(function.getResultTypes()[*actual]);
    HostArray constant = value ? hostArrayFromAttr(value) : HostArray();
    allHold &= succeeded(checkOne(location ? Location(location) : function.getLoc(), entry,
                                  extents->domain(type.getDims()), results[*actual],
                                  value ? constant : results[*expected], tolerance));
  }
  return success(allHold);
}
