// Binding of names to arguments, and the parameters and states between calls.
#include "Runtime/Session.h"
#include "Runtime/Initialise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace rondo;

Session::Session(const RondoProgram &program, bool twin)
    : program(program), twin(twin && program.element != RONDO_F64) {}

int32_t Session::elementOf(const RondoValue &value) const {
  return twin && value.element == RONDO_F32 ? static_cast<int32_t>(RONDO_F64) : value.element;
}

const RondoEntry *Session::find(std::string_view name) const {
  for (int64_t i = 0; i < program.num_entries; ++i)
    if (name == program.entries[i].name)
      return &program.entries[i];
  return nullptr;
}

bool Session::canCall(const RondoEntry &entry) const { return EntryCaller(entry, twin).exists(); }

int64_t Session::parameterIndex(std::string_view path) const {
  for (int64_t i = 0; i < program.num_parameters; ++i)
    if (path == program.parameters[i].path)
      return i;
  return -1;
}

Status Session::startStates() {
  states.clear();
  for (int64_t e = 0; e < program.num_entries; ++e) {
    const RondoEntry &entry = program.entries[e];
    std::vector<int64_t> noDims(static_cast<size_t>(entry.num_symbols), 0);
    for (int64_t i = 0; i < entry.num_arguments; ++i) {
      const RondoValue &value = entry.arguments[i];
      if (value.role != RONDO_STATE || states.count(value.name))
        continue;
      Array &state = states[value.name];
      RONDO_TRY(state.allocate(elementOf(value), evaluateDims(value, noDims.data())));
      state.fill(value.has_default ? value.default_value : 0);
    }
  }
  return {};
}

Status Session::initialise(int64_t seed) {
  parametersChanged();
  parameters.resize(static_cast<size_t>(program.num_parameters));
  for (int64_t i = 0; i < program.num_parameters; ++i) {
    const RondoParameter &parameter = program.parameters[i];
    int32_t element = twin ? static_cast<int32_t>(RONDO_F64) : parameter.element;
    RONDO_TRY(initialiseParameter(parameter, seed, element, parameters[static_cast<size_t>(i)]));
  }
  return startStates();
}

/// Copies a tensor of a file into a float array of the wanted type and sizes.
static Status takeTensor(const std::string &path, std::string_view name, const Array &tensor,
                         int32_t element, const std::vector<int64_t> &sizes, Array &array) {
  if (isFloat(element) ? !isFloat(tensor.element()) : tensor.element() != element)
    return error("tensor %s of %s is %s, expected %s", quote(name).c_str(), quote(path).c_str(),
                 elementName(tensor.element()), elementName(element));
  if (tensor.sizes() != sizes)
    return error("tensor %s of %s has sizes %s, expected %s", quote(name).c_str(),
                 quote(path).c_str(), sizesText(tensor.sizes()).c_str(), sizesText(sizes).c_str());
  if (isFloat(element))
    return convertFloat(tensor, element, array);
  RONDO_TRY(array.allocate(element, sizes));
  std::memcpy(array.raw(), tensor.raw(), tensor.bytes());
  return {};
}

Status Session::load(const std::string &path, const TensorFile &file, bool withStates) {
  RONDO_TRY(startStates());
  std::vector<Array> loaded(static_cast<size_t>(program.num_parameters));
  for (int64_t i = 0; i < program.num_parameters; ++i) {
    const RondoParameter &parameter = program.parameters[i];
    const Array *tensor = file.find(parameter.path);
    if (!tensor)
      return error("%s has no parameter %s", quote(path).c_str(), quote(parameter.path).c_str());
    std::vector<int64_t> sizes(parameter.sizes, parameter.sizes + parameter.rank);
    int32_t element = twin ? static_cast<int32_t>(RONDO_F64) : parameter.element;
    RONDO_TRY(
        takeTensor(path, parameter.path, *tensor, element, sizes, loaded[static_cast<size_t>(i)]));
  }
  for (const NamedArray &tensor : file.tensors)
    if (!tensor.name.starts_with(statePrefix) && parameterIndex(tensor.name) < 0)
      return error("%s has %s, which is no parameter of %s", quote(path).c_str(),
                   quote(tensor.name).c_str(), program.model);
  if (withStates) {
    for (auto &[name, state] : states) {
      std::string key = std::string(statePrefix) + name;
      const Array *tensor = file.find(key);
      if (!tensor)
        return error("%s has no %s, so it is no checkpoint of this training", quote(path).c_str(),
                     quote(key).c_str());
      RONDO_TRY(takeTensor(path, key, *tensor, state.element(), state.sizes(), state));
    }
  }
  parameters = std::move(loaded);
  parametersChanged();
  return {};
}

/// "tokens, targets, lengths.T".
static std::string takenNames(const RondoEntry &entry, bool scalars) {
  std::string names;
  auto add = [&](const std::string &name) { names += (names.empty() ? "" : ", ") + name; };
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    const RondoValue &value = entry.arguments[i];
    bool scalar = value.role == RONDO_SETTING || (value.role == RONDO_INPUT && value.rank <= 1);
    if (scalars ? scalar : value.role == RONDO_INPUT)
      add(value.name);
  }
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    if (scalars && entry.symbols[s].kind == RONDO_UNIFORM)
      add(entry.symbols[s].name);
    if (!scalars && entry.symbols[s].kind == RONDO_RAGGED)
      add(std::string("lengths.") + entry.symbols[s].name);
  }
  return names.empty() ? "none" : names;
}

static bool hasName(const std::string &names, const std::string &name) {
  return (", " + names + ", ").find(", " + name + ", ") != std::string::npos;
}

Status Session::checkNames(const RondoEntry &entry, const Feed &feed) const {
  std::string arrays = takenNames(entry, false), scalars = takenNames(entry, true);
  for (const auto &[name, array] : feed.arrays)
    if (!hasName(arrays, name))
      return error("'%s' takes no array %s, it takes %s", entry.name, quote(name).c_str(),
                   arrays.c_str());
  for (const auto &[name, value] : feed.scalars)
    if (!hasName(scalars, name))
      return error("'%s' takes no scalar %s, it takes %s", entry.name, quote(name).c_str(),
                   scalars.c_str());
  return {};
}

/// Whether one of the given arrays has a dim that names the symbol outside of a division.
static bool isPlainIn(const std::vector<GivenSizes> &given, int64_t symbol) {
  for (const GivenSizes &array : given)
    for (int64_t i = 0; i < array.value->rank; ++i)
      for (int64_t k = 0; k < array.value->dims[i].num_terms; ++k)
        if (const RondoDimTerm &term = array.value->dims[i].terms[k];
            !term.divisor && term.symbol == symbol)
          return true;
  return false;
}

/// Whether a value that no array feeds is a scalar that is given or has a default.
static Status checkScalar(const RondoEntry &entry, const RondoValue &value, const Feed &feed) {
  bool scalar = value.rank == 0 || (value.rank == 1 && isBatched(entry, value));
  if (scalar && (value.has_default || feed.scalars.find(value.name) != feed.scalars.end()))
    return {};
  return error("'%s' lacks its input %s, of type %s%s", entry.name, quote(value.name).c_str(),
               valueText(entry, value).c_str(), scalar ? "; give it with --set" : "");
}

Status Session::resolveShape(const RondoEntry &entry, const Feed &feed, CallShape &shape) const {
  std::vector<GivenSizes> given;
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    const RondoValue &value = entry.arguments[i];
    if (value.role != RONDO_INPUT)
      continue;
    if (auto found = feed.arrays.find(value.name); found != feed.arrays.end())
      given.push_back({&value, found->second->sizes()});
    else
      RONDO_TRY(checkScalar(entry, value, feed));
  }
  std::vector<int64_t> known(static_cast<size_t>(entry.num_symbols), -1);
  std::vector<const Array *> lengths(static_cast<size_t>(entry.num_symbols), nullptr);
  for (size_t s = 0; s < known.size(); ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    if (symbol.kind == RONDO_UNIFORM) {
      auto found = feed.scalars.find(symbol.name);
      if (found == feed.scalars.end())
        continue;
      if (!(found->second >= 0 && found->second < 0x1p53) ||
          found->second != std::floor(found->second))
        return error("%s is %g, expected a count", quote(symbol.name).c_str(), found->second);
      known[s] = static_cast<int64_t>(found->second);
    } else if (symbol.kind == RONDO_RAGGED) {
      std::string name = std::string("lengths.") + symbol.name;
      auto found = feed.arrays.find(name);
      if (found == feed.arrays.end())
        continue;
      const Array &array = *found->second;
      if (array.element() != RONDO_I64 || array.sizes().size() != 1)
        return error("%s is %s%s, expected int[B]", quote(name).c_str(),
                     elementName(array.element()), sizesText(array.sizes()).c_str());
      lengths[s] = &array;
      if (!isPlainIn(given, static_cast<int64_t>(s))) {
        const int64_t *data = array.data<int64_t>();
        known[s] = array.elements() ? *std::max_element(data, data + array.elements()) : 0;
      }
      int64_t batch = batchSymbol(entry);
      if (batch >= 0 && !isPlainIn(given, batch))
        known[static_cast<size_t>(batch)] = array.elements();
    }
  }
  if (!feed.ordinals.empty() && batchSymbol(entry) >= 0)
    known[static_cast<size_t>(batchSymbol(entry))] = static_cast<int64_t>(feed.ordinals.size());
  RONDO_TRY(solveShape(entry, given, known, shape));
  for (size_t s = 0; s < known.size(); ++s)
    if (lengths[s])
      shape.lengths[s].assign(lengths[s]->data<int64_t>(),
                              lengths[s]->data<int64_t>() + lengths[s]->elements());
  return {};
}

/// The array as the element type that the entry takes, converted into `temporary` if need be.
static Status convertInput(const RondoValue &value, int32_t element, const Array &array,
                           Array &temporary, const Array *&bound) {
  bound = &array;
  if (array.element() == element)
    return {};
  bound = &temporary;
  if (isFloat(element) && isFloat(array.element()))
    return convertFloat(array, element, temporary);
  bool integers = (element == RONDO_I32 || element == RONDO_I64) &&
                  (array.element() == RONDO_I32 || array.element() == RONDO_I64);
  if (!integers)
    return error("%s holds %s, expected %s", quote(value.name).c_str(),
                 elementName(array.element()), elementName(element));
  RONDO_TRY(temporary.allocate(element, array.sizes()));
  for (int64_t i = 0; i < array.elements(); ++i) {
    if (element == RONDO_I64) {
      temporary.data<int64_t>()[i] = array.data<int32_t>()[i];
      continue;
    }
    int64_t wide = array.data<int64_t>()[i];
    if (wide < INT32_MIN || wide > INT32_MAX)
      return error("%s holds %lld, which does not fit 32 bits", quote(value.name).c_str(),
                   static_cast<long long>(wide));
    temporary.data<int32_t>()[i] = static_cast<int32_t>(wide);
  }
  return {};
}

Status Session::bind(const RondoEntry &entry, const RondoValue &value, const Feed &feed,
                     const CallShape &shape, Array &temporary, const Array *&bound) const {
  int32_t element = elementOf(value);
  auto makeScalar = [&](double number) -> Status {
    RONDO_TRY(temporary.allocate(element, evaluateDims(value, shape.dims.data())));
    temporary.fill(number);
    bound = &temporary;
    return {};
  };
  switch (value.role) {
  case RONDO_PARAMETER: {
    int64_t index = parameterIndex(value.name);
    if (index < 0)
      return error("'%s' wants the unknown parameter %s", entry.name, quote(value.name).c_str());
    bound = &parameters[static_cast<size_t>(index)];
    return {};
  }
  case RONDO_STATE:
    bound = &states.find(value.name)->second;
    return {};
  case RONDO_GRADIENT: {
    auto found = feed.gradients.find(value.name);
    // A parameter that the loss does not use has the gradient 0.
    if (found == feed.gradients.end())
      return makeScalar(0);
    bound = found->second;
    return {};
  }
  case RONDO_SEED:
  case RONDO_STEP:
    RONDO_TRY(temporary.allocate(element, evaluateDims(value, shape.dims.data())));
    for (int64_t i = 0; i < temporary.elements(); ++i)
      if (element == RONDO_I64)
        temporary.data<int64_t>()[i] = value.role == RONDO_SEED ? feed.seed : feed.step;
      else
        temporary.set(i, static_cast<double>(value.role == RONDO_SEED ? feed.seed : feed.step));
    bound = &temporary;
    return {};
  case RONDO_ORDINAL:
    RONDO_TRY(temporary.allocate(element, evaluateDims(value, shape.dims.data())));
    for (int64_t i = 0; i < temporary.elements(); ++i)
      temporary.data<int64_t>()[i] =
          feed.ordinals.empty() ? i : feed.ordinals[static_cast<size_t>(i)];
    bound = &temporary;
    return {};
  default:
    break;
  }
  if (auto found = feed.arrays.find(value.name); found != feed.arrays.end())
    return convertInput(value, element, *found->second, temporary, bound);
  RONDO_TRY(checkScalar(entry, value, feed));
  if (auto found = feed.scalars.find(value.name); found != feed.scalars.end()) {
    bool whole = found->second == std::floor(found->second) && std::fabs(found->second) < 0x1p53;
    if (!isFloat(element) && !whole)
      return error("%s is %g, expected a whole number", quote(value.name).c_str(), found->second);
    if (element == RONDO_I32 && std::fabs(found->second) > INT32_MAX)
      return error("%s is %g, which does not fit 32 bits", quote(value.name).c_str(),
                   found->second);
    return makeScalar(found->second);
  }
  return makeScalar(value.default_value);
}

Status Session::call(const RondoEntry &entry, const Feed &feed, std::vector<Array> &results,
                     CallShape &shape) {
  RONDO_TRY(resolveShape(entry, feed, shape));
  std::unique_ptr<EntryCaller> &callable = callables[&entry];
  if (!callable)
    callable = std::make_unique<EntryCaller>(entry, twin, &arena);
  std::vector<Array> temporaries(static_cast<size_t>(entry.num_arguments));
  std::vector<const void *> arguments;
  std::vector<void *> pointers;
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    const RondoValue &value = entry.arguments[i];
    const Array *bound = nullptr;
    RONDO_TRY(bind(entry, value, feed, shape, temporaries[static_cast<size_t>(i)], bound));
    // Inputs were compared by resolveShape(); this holds for what the program itself stores.
    if (bound->element() != elementOf(value) ||
        bound->sizes() != evaluateDims(value, shape.dims.data()))
      return error("%s is %s%s, '%s' expects %s", quote(value.name).c_str(),
                   elementName(bound->element()), sizesText(bound->sizes()).c_str(), entry.name,
                   valueText(entry, value).c_str());
    arguments.push_back(bound->raw());
  }
  results.resize(static_cast<size_t>(entry.num_results));
  for (int64_t i = 0; i < entry.num_results; ++i) {
    const RondoValue &value = entry.results[i];
    std::vector<int64_t> sizes = evaluateDims(value, shape.dims.data());
    for (int64_t size : sizes)
      if (size < 0)
        return error("a result of '%s', %s, would have sizes %s", entry.name,
                     valueText(entry, value).c_str(), sizesText(sizes).c_str());
    Array &result = results[static_cast<size_t>(i)];
    RONDO_TRY(result.allocate(elementOf(value), sizes));
    pointers.push_back(result.raw());
  }
  return callable->call(shape, arguments.data(), pointers.data(), version);
}

void Session::adopt(const RondoEntry &entry, std::vector<Array> &results) {
  for (int64_t i = 0; i < entry.num_results; ++i) {
    const RondoValue &value = entry.results[i];
    Array &result = results[static_cast<size_t>(i)];
    if (value.role == RONDO_PARAMETER) {
      if (int64_t index = parameterIndex(value.name); index >= 0) {
        parameters[static_cast<size_t>(index)].swap(result);
        parametersChanged();
      }
    } else if (value.role == RONDO_STATE) {
      if (auto found = states.find(value.name); found != states.end())
        found->second.swap(result);
    }
  }
}
