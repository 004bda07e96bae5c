// The parameters and states between calls.
#include "Runtime/Session.h"
#include "Runtime/Initialise.h"
#include "Runtime/PreparedCall.h"

#include <cstring>
#include <set>

using namespace rondo;

Session::Session(const RondoProgram &program, Device *device, bool twin)
    : program(program), device(device), twin(twin && program.element != RONDO_F64),
      parameters(static_cast<size_t>(program.num_parameters)) {}

int32_t Session::elementOf(const RondoValue &value) const { return elementIn(value, twin); }

const RondoEntry *Session::find(std::string_view name) const {
  for (int64_t i = 0; i < program.num_entries; ++i)
    if (name == program.entries[i].name)
      return &program.entries[i];
  return nullptr;
}

static const RondoEntry *findMade(const RondoProgram &program, const char *RondoEntry::*of,
                                  std::string_view name) {
  for (int64_t i = 0; i < program.num_entries; ++i)
    if (const char *made = program.entries[i].*of; made && name == made)
      return &program.entries[i];
  return nullptr;
}

const RondoEntry *Session::gradientOf(const RondoEntry &entry) const {
  return findMade(program, &RondoEntry::gradient_of, entry.name);
}

const RondoEntry *Session::checkOf(const RondoEntry &entry) const {
  return findMade(program, &RondoEntry::check_of, entry.name);
}

EntryCode Session::codeOf(const RondoEntry &entry) const {
  return {entry, twin, device != nullptr || !hasHostCode(program)};
}

int64_t Session::parameterIndex(std::string_view path) const {
  for (int64_t i = 0; i < program.num_parameters; ++i)
    if (path == program.parameters[i].path)
      return i;
  return -1;
}

Array *Session::findParameter(std::string_view path) {
  int64_t index = parameterIndex(path);
  return index < 0 ? nullptr : &parameters[static_cast<size_t>(index)];
}

EntryCaller &Session::caller(const RondoEntry &entry) {
  std::unique_ptr<EntryCaller> &callable = callables[&entry];
  if (!callable)
    callable = std::make_unique<EntryCaller>(entry, twin, &arena, device);
  return *callable;
}

Status Session::startStates() {
  std::set<const Array *> started; // the first that names a state has its default
  for (int64_t e = 0; e < program.num_entries; ++e) {
    const RondoEntry &entry = program.entries[e];
    std::vector<int64_t> noDims(static_cast<size_t>(entry.num_symbols), 0);
    for (int64_t i = 0; i < entry.num_arguments; ++i) {
      const RondoValue &value = entry.arguments[i];
      if (value.role != RONDO_STATE)
        continue;
      Array &state = states[value.name];
      if (!started.insert(&state).second)
        continue;
      RONDO_TRY(state.allocate(elementOf(value), evaluateDims(value, noDims.data())));
      state.fill(value.has_default ? value.default_value : 0);
    }
  }
  return {};
}

Status Session::initialise(int64_t seed) {
  parametersChanged();
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

/// "'a', 'b' and 3 more".
static std::string listed(const std::vector<std::string> &names) {
  constexpr size_t most = 8;
  std::string text;
  for (size_t i = 0; i < names.size() && i < most; ++i)
    text += (i ? ", " : "") + quote(names[i]);
  return names.size() > most ? text + format(" and %zu more", names.size() - most) : text;
}

Status Session::read(const std::string &path, bool withStates, TensorFile &file) {
  RONDO_TRY(startStates());
  TensorNames wanted;
  wanted.mostBytes = 0;
  auto want = [&](const std::string &name, int64_t elements) {
    wanted.names.insert(name);
    wanted.mostBytes += static_cast<uint64_t>(elements) * sizeof(double); // the widest
  };
  for (int64_t i = 0; i < program.num_parameters; ++i) {
    const RondoParameter &parameter = program.parameters[i];
    std::vector<int64_t> sizes(parameter.sizes, parameter.sizes + parameter.rank);
    want(parameter.path, countElements(parameter.element, sizes));
  }
  for (const auto &[name, state] : states)
    if (withStates)
      want(std::string(statePrefix) + name, state.elements());
  if (!withStates)
    wanted.unread = statePrefix;
  return readSafetensors(path, file, &wanted);
}

/// Refuses a file that lacks parameters or has what is neither a parameter nor a state, and names
/// them.
Status Session::checkTensors(const std::string &path, const TensorFile &file) const {
  std::vector<std::string> missing;
  std::set<std::string_view> there;
  for (const NamedArray &tensor : file.tensors)
    there.insert(tensor.name);
  for (int64_t i = 0; i < program.num_parameters; ++i)
    if (there.find(program.parameters[i].path) == there.end())
      missing.push_back(program.parameters[i].path);
  std::vector<std::string> parameters, states;
  for (const std::string &other : file.others)
    (other.starts_with(statePrefix) ? states : parameters).push_back(other);
  std::string text = quote(path);
  if (!missing.empty())
    text +=
        format(" has no parameter%s %s", missing.size() > 1 ? "s" : "", listed(missing).c_str());
  if (!parameters.empty())
    text += format("%s has %s, which %s of %s", missing.empty() ? "" : "; it",
                   listed(parameters).c_str(),
                   parameters.size() > 1 ? "are no parameters" : "is no parameter", program.model);
  if (!missing.empty() || !parameters.empty())
    return error("%s", text.c_str());
  return states.empty() ? Status()
                        : error("%s has the state %s, which the optimizer of this program lacks",
                                quote(path).c_str(), listed(states).c_str());
}

Status Session::load(const std::string &path, const TensorFile &file, bool withStates) {
  RONDO_TRY(startStates());
  RONDO_TRY(checkTensors(path, file));
  std::vector<Array> loaded(static_cast<size_t>(program.num_parameters));
  for (int64_t i = 0; i < program.num_parameters; ++i) {
    const RondoParameter &parameter = program.parameters[i];
    const Array *tensor = file.find(parameter.path);
    std::vector<int64_t> sizes(parameter.sizes, parameter.sizes + parameter.rank);
    int32_t element = twin ? static_cast<int32_t>(RONDO_F64) : parameter.element;
    RONDO_TRY(
        takeTensor(path, parameter.path, *tensor, element, sizes, loaded[static_cast<size_t>(i)]));
  }
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
  for (size_t i = 0; i < loaded.size(); ++i)
    parameters[i].swap(loaded[i]);
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

Status Session::call(const RondoEntry &entry, const Feed &feed, std::vector<Array> &results,
                     CallShape &shape) {
  PreparedCall call;
  call.results.swap(results);
  RONDO_TRY(call.prepare(*this, entry, feed));
  RONDO_TRY(call.run());
  call.results.swap(results);
  shape = call.shape();
  return {};
}
