// Binding of names to arguments, and calls with what is bound.
#include "Runtime/PreparedCall.h"

#include <algorithm>
#include <cmath>

using namespace rondo;

/// An input from an array of the feed, a scalar of it, or its default.
Status PreparedCall::findInput(const RondoValue &value, Argument &argument) {
  if (auto found = feed->arrays.find(value.name); found != feed->arrays.end()) {
    argument.source = Source::Given;
    argument.given = &found->second;
    return {};
  }
  RONDO_TRY(checkScalar(*entry, value, *feed));
  auto found = feed->scalars.find(value.name);
  argument.source = Source::Number;
  argument.number = found != feed->scalars.end() ? &found->second : &value.default_value;
  return {};
}

Status PreparedCall::findArgument(const RondoValue &value, Argument &argument) {
  static const double zero = 0;
  argument.value = &value;
  switch (value.role) {
  case RONDO_PARAMETER:
    argument.source = Source::Stored;
    argument.stored = session->findParameter(value.name);
    return argument.stored ? Status()
                           : error("'%s' wants the unknown parameter %s", entry->name,
                                   quote(value.name).c_str());
  case RONDO_STATE:
    argument.source = Source::Stored;
    argument.stored = &session->states.find(value.name)->second;
    return {};
  case RONDO_GRADIENT:
    // A parameter that the loss does not use has the gradient 0.
    argument.source = Source::Number;
    argument.number = &zero;
    if (auto found = feed->gradients.find(value.name); found != feed->gradients.end()) {
      argument.source = Source::Given;
      argument.given = &found->second;
    }
    return {};
  case RONDO_SEED:
    argument.source = Source::Seed;
    return {};
  case RONDO_STEP:
    argument.source = Source::Step;
    return {};
  case RONDO_ORDINAL:
    argument.source = Source::Ordinals;
    return {};
  default:
    return findInput(value, argument);
  }
}

Status PreparedCall::prepare(Session &from, const RondoEntry &called, const Feed &fed) {
  session = nullptr; // until all is found
  entry = &called;
  feed = &fed;
  RONDO_TRY(feedShape.prepare(called, fed));
  session = &from;
  caller = &session->caller(called);
  arguments = std::vector<Argument>(static_cast<size_t>(entry->num_arguments));
  bound.resize(arguments.size());
  results.resize(static_cast<size_t>(entry->num_results));
  resultSizes.resize(results.size());
  resultPointers.clear();
  for (Array &result : results)
    resultPointers.push_back(&result);
  updates.clear();
  Status status;
  for (size_t i = 0; i < arguments.size() && !status.failed(); ++i)
    status = findArgument(entry->arguments[i], arguments[i]);
  for (size_t i = 0; i < results.size(); ++i) {
    const RondoValue &value = entry->results[i];
    if (value.role == RONDO_PARAMETER) {
      if (Array *parameter = session->findParameter(value.name))
        updates.push_back({&results[i], parameter});
    } else if (value.role == RONDO_STATE) {
      if (auto found = session->states.find(value.name); found != session->states.end())
        updates.push_back({&results[i], &found->second});
    }
  }
  if (status.failed())
    session = nullptr;
  return status;
}

/// The array as the element type that the entry takes, converted into `converted` if need be.
/// `isWide`: some index does not fit 32 bits, which is no index unless it is in the padding.
static Status convertInput(const RondoValue &value, int32_t element, const Array &array,
                           Array &converted, const Array *&bound, bool &isWide) {
  bound = &array;
  if (array.element() == element)
    return {};
  bound = &converted;
  if (isFloat(element) && isFloat(array.element()))
    return convertFloat(array, element, converted);
  if (!isInteger(element) || !isInteger(array.element()))
    return error("%s holds %s, expected %s", quote(value.name).c_str(),
                 elementKind(array.element()), elementKind(element));
  RONDO_TRY(converted.allocate(element, array.sizes()));
  for (int64_t i = 0; i < array.elements(); ++i) {
    int64_t wide = array.integer(i);
    if (element == RONDO_I64) {
      converted.data<int64_t>()[i] = wide;
      continue;
    }
    // What does not fit is out of range of whatever it counts, and said with its example.
    int64_t fits = std::clamp<int64_t>(wide, INT32_MIN, INT32_MAX);
    isWide |= fits != wide;
    converted.data<int32_t>()[i] = static_cast<int32_t>(fits);
  }
  return {};
}

Status PreparedCall::fillNumber(Argument &argument) {
  double number = *argument.number;
  const char *name = argument.value->name;
  int32_t element = argument.own.element();
  if (!isFloat(element) && !(number == std::floor(number) && std::fabs(number) < 0x1p53))
    return error("%s is %g, expected a whole number", quote(name).c_str(), number);
  if (element == RONDO_I32 && std::fabs(number) > INT32_MAX)
    return error("%s is %g, which does not fit 32 bits", quote(name).c_str(), number);
  argument.own.fill(number);
  return {};
}

void PreparedCall::fillCounter(Argument &argument, int64_t counter) {
  for (int64_t i = 0; i < argument.own.elements(); ++i)
    if (argument.own.element() == RONDO_I64)
      argument.own.data<int64_t>()[i] = counter;
    else
      argument.own.set(i, static_cast<double>(counter));
}

Status PreparedCall::bind(Argument &argument, const Array *&array) {
  int32_t element = session->elementOf(*argument.value);
  if (argument.source == Source::Stored) {
    array = argument.stored;
    return {};
  }
  if (argument.source == Source::Given) {
    bool isWide = false;
    RONDO_TRY(
        convertInput(*argument.value, element, **argument.given, argument.own, array, isWide));
    return isWide ? caller->checkIndices(*argument.value, **argument.given) : Status();
  }
  array = &argument.own;
  RONDO_TRY(argument.own.allocate(element, argument.sizes));
  switch (argument.source) {
  case Source::Seed:
    fillCounter(argument, feed->seed);
    return {};
  case Source::Step:
    fillCounter(argument, feed->step);
    return {};
  case Source::Ordinals:
    for (int64_t i = 0; i < argument.own.elements(); ++i)
      argument.own.data<int64_t>()[i] =
          feed->ordinals.empty() ? i : feed->ordinals[static_cast<size_t>(i)];
    return {};
  default:
    return fillNumber(argument);
  }
}

/// The sizes of all arguments and results, where dims are new.
void PreparedCall::takeSizes() {
  const int64_t *dims = shape().dims.data();
  for (Argument &argument : arguments)
    argument.sizes = evaluateDims(*argument.value, dims);
  for (size_t i = 0; i < results.size(); ++i) {
    const RondoValue &value = entry->results[i];
    resultSizes[i] = evaluateDims(value, dims);
  }
}

/// A trimmed input as its storage wants it.
Status PreparedCall::fit(Argument &argument, const Array *&array) {
  std::vector<int64_t> sizes = caller->callerSizes(*argument.value);
  if (array->sizes() == argument.sizes)
    return {};
  if (array->sizes() != sizes)
    return error("%s has sizes %s, expected %s = %s", quote(argument.value->name).c_str(),
                 sizesText(array->sizes()).c_str(), valueText(*entry, *argument.value).c_str(),
                 sizesText(sizes).c_str());
  RONDO_TRY(resize(*array, argument.sizes, argument.fitted));
  array = &argument.fitted;
  return {};
}

Status PreparedCall::finish() {
  RONDO_TRY(caller->finish(resultPointers.data()));
  for (size_t i = 0; i < results.size(); ++i)
    if (isTrimmed(entry->results[i])) {
      Array trimmed;
      RONDO_TRY(resize(results[i], caller->callerSizes(entry->results[i]), trimmed));
      results[i].swap(trimmed);
    }
  return {};
}

Status PreparedCall::run() {
  RONDO_TRY(start());
  return finish();
}

Status PreparedCall::start() {
  bool isNew = false;
  RONDO_TRY(feedShape.take(isNew));
  RONDO_TRY(caller->take(shape()));
  if (isNew)
    takeSizes();
  for (size_t i = 0; i < arguments.size(); ++i) {
    Argument &argument = arguments[i];
    RONDO_TRY(bind(argument, bound[i]));
    if (isTrimmed(*argument.value) && argument.source == Source::Given)
      RONDO_TRY(fit(argument, bound[i]));
    const Array &array = *bound[i];
    // Inputs were compared when dims were found; this holds for what the program itself stores.
    if (array.element() != session->elementOf(*argument.value) || array.sizes() != argument.sizes)
      return error("%s is %s%s, '%s' expects %s", quote(argument.value->name).c_str(),
                   elementName(array.element()), sizesText(array.sizes()).c_str(), entry->name,
                   valueText(*entry, *argument.value).c_str());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    int32_t element = session->elementOf(entry->results[i]);
    RONDO_TRY(session->device ? results[i].allocateOn(*session->device, element, resultSizes[i])
                              : results[i].allocate(element, resultSizes[i]));
  }
  return caller->start(shape(), bound.data(), resultPointers.data(), session->parameterVersion());
}

void PreparedCall::adopt() {
  for (Update &update : updates)
    update.stored->swap(*update.result);
  if (!updates.empty())
    session->parametersChanged();
}
