// The block of a call, its launch and its results.
#include "Runtime/DeviceCall.h"

#include <algorithm>
#include <cstring>

using namespace rondo;

/// What is shorter travels in the block rather than in a copy of its own.
static constexpr size_t smallBytes = 4096;
/// With fewer kernels a graph saves nothing.
static constexpr int64_t fewestRecorded = 4;
static constexpr size_t mostRecordings = 8;

static constexpr size_t failureAt = sizeof(RondoTeam);
static constexpr size_t stateBytes = failureAt + sizeof(RondoFailure);

static size_t align(size_t offset) { return (offset + 63) / 64 * 64; }

DeviceCall::DeviceCall(const RondoEntry &entry, CallPlan &plan, Device &device, DeviceBuffer &arena)
    : entry(entry), plan(plan), device(device), arena(arena),
      lengthsAt(static_cast<size_t>(entry.num_symbols)),
      placed(static_cast<size_t>(entry.num_arguments)) {
  launcher.target = &device;
  launcher.call = nullptr;
  launcher.launches = 0;
  launcher.launch = [](RondoDevice *self, int64_t kernel, const int64_t *numbers, int64_t count) {
    auto *launcher = static_cast<Launcher *>(self);
    ++launcher->launches;
    launcher->target->launch(kernel, launcher->call, numbers, count);
  };
  recordings.reserve(mostRecordings);
}

DeviceCall::~DeviceCall() { forgetRecordings(); }

void DeviceCall::forgetRecordings() {
  for (Recorded &recorded : recordings)
    if (recorded.graph)
      device.freeGraph(recorded.graph);
  recordings.clear();
}

const void *DeviceCall::failureAddress() const {
  return entry.num_checks ? static_cast<char *>(state.data()) + failureAt : nullptr;
}

/// No thread is in a barrier and no check has failed.
Status DeviceCall::resetState() {
  RONDO_TRY(state.reserve(device, stateBytes));
  if (!state.data())
    return noRoom(device, quote(entry.name), plan.allBytes());
  RondoFailure none = {-1, -1};
  RONDO_TRY(device.clear(state.data(), failureAt));
  return device.copyToDevice(static_cast<char *>(state.data()) + failureAt, &none, sizeof(none));
}

Status DeviceCall::reserve() {
  int64_t bytes = plan.arenaBytes();
  if (bytes < 0)
    return error("'%s' takes too much work space at these sizes", entry.name);
  RONDO_TRY(arena.reserve(device, static_cast<size_t>(bytes)));
  RONDO_TRY(cache.reserve(device, static_cast<size_t>(plan.code.cacheBytes)));
  if (!arena.data() || !cache.data())
    return noRoom(device, format("'%s' at these sizes", entry.name), plan.allBytes());
  return state.data() ? Status() : resetState();
}

void DeviceCall::touch(size_t offset, size_t bytes) {
  if (touchedFrom == touchedTo) {
    touchedFrom = offset;
    touchedTo = offset + bytes;
  }
  touchedFrom = std::min(touchedFrom, offset);
  touchedTo = std::max(touchedTo, offset + bytes);
}

void DeviceCall::put(size_t offset, const void *data, size_t bytes) {
  char *to = shadowData() + offset;
  if (bytes == 0 || std::memcmp(to, data, bytes) == 0)
    return;
  std::memcpy(to, data, bytes);
  touch(offset, bytes);
}

void DeviceCall::putAddress(size_t table, size_t number, void *address) {
  put(table + number * sizeof(address), static_cast<const void *>(&address), sizeof(address));
}

/// Which arguments are copied into the block, and where everything is in it.
void DeviceCall::layOut(const Array *const *arguments) {
  size_t offset = align(sizeof(RondoCall));
  auto take = [&](size_t bytes) { return std::exchange(offset, align(offset + bytes)); };
  argumentTable = take(placed.size() * sizeof(void *));
  resultTable = take(static_cast<size_t>(entry.num_results) * sizeof(void *));
  lengthTable = take(lengthsAt.size() * sizeof(void *));
  dimsAt = take(lengthsAt.size() * sizeof(int64_t));
  for (size_t s = 0; s < lengthsAt.size(); ++s)
    lengthsAt[s] = plan.lengths()[s] ? take(static_cast<size_t>(plan.rows()) * sizeof(int64_t)) : 0;
  for (size_t i = 0; i < placed.size(); ++i) {
    const ValueRows &rows = plan.arguments()[i];
    Placed &place = placed[i];
    place.isRewritten =
        (rows.isBatched && !plan.isSorted()) || (rows.value->is_index && rows.isPadded);
    place.isCopied = place.isRewritten || (!arguments[i]->isOnDevice() &&
                                           static_cast<size_t>(rows.bytes()) <= smallBytes);
    if (place.isCopied)
      place.offset = take(rows.roomBytes);
  }
  blockBytes = offset;
}

/// Checks the indices and brings what is not copied into the block to the device.
Status DeviceCall::placeArguments(const Array *const *arguments) {
  for (size_t i = 0; i < placed.size(); ++i) {
    const ValueRows &rows = plan.arguments()[i];
    if (rows.value->is_index && rows.value->role == RONDO_INPUT)
      RONDO_TRY(rows.checkIndices(arguments[i]->data<int32_t>()));
    if (!placed[i].isCopied)
      RONDO_TRY(arguments[i]->provideOn(device));
  }
  return {};
}

/// The rows of an argument in the order that the code wants, and with their padding cleared where
/// the code may read it.
void DeviceCall::copyRows(size_t number, const Array &argument) {
  const ValueRows &rows = plan.arguments()[number];
  size_t rowBytes = static_cast<size_t>(rows.rowBytes);
  const char *from = static_cast<const char *>(argument.raw());
  for (int64_t k = 0; k < rows.rows; ++k) {
    int64_t row = rows.isBatched ? plan.rowAt(k) : 0;
    char *to = shadowData() + placed[number].offset + static_cast<size_t>(k) * rowBytes;
    std::memcpy(to, from + static_cast<size_t>(row) * rowBytes, rowBytes);
    if (rows.value->is_index)
      rows.clearPadding(row, to);
  }
  touch(placed[number].offset, static_cast<size_t>(rows.bytes()));
}

Status DeviceCall::fillBlock(const Array *const *arguments, Array *const *results,
                             bool isCacheValid) {
  if (blockBytes > shadow.capacity() || !block.data()) {
    size_t bytes = std::max(2 * shadow.capacity(), blockBytes);
    forgetRecordings(); // their kernels are given the address of the old block
    RONDO_TRY(block.reserve(device, bytes));
    if (!shadow.reserve(bytes) || !block.data())
      return noRoom(device, format("'%s' at these sizes", entry.name), plan.allBytes());
    std::memset(shadow.data(), 0, shadow.capacity());
    touch(0, blockBytes);
  }
  auto address = [&](size_t offset) -> void * { return blockData() + offset; };
  char *stateData = static_cast<char *>(state.data());
  RondoCall call = {arena.data(),
                    static_cast<void *const *>(address(argumentTable)),
                    static_cast<void *const *>(address(resultTable)),
                    static_cast<const int64_t *>(address(dimsAt)),
                    static_cast<const int64_t *const *>(address(lengthTable)),
                    reinterpret_cast<RondoFailure *>(stateData + failureAt),
                    reinterpret_cast<RondoTeam *>(stateData),
                    cache.data(),
                    isCacheValid,
                    nullptr};
  put(0, &call, sizeof(call));
  for (size_t i = 0; i < placed.size(); ++i) {
    const Placed &place = placed[i];
    void *data = place.isCopied ? address(place.offset) : arguments[i]->onDeviceData();
    putAddress(argumentTable, i, data);
    if (place.isRewritten)
      copyRows(i, *arguments[i]);
    else if (place.isCopied)
      put(place.offset, arguments[i]->raw(), arguments[i]->bytes());
  }
  for (size_t i = 0; i < static_cast<size_t>(entry.num_results); ++i) {
    void *data = results[i]->onDeviceData();
    putAddress(resultTable, i, data);
  }
  put(dimsAt, plan.dims(), lengthsAt.size() * sizeof(int64_t));
  for (size_t s = 0; s < lengthsAt.size(); ++s) {
    void *data = plan.lengths()[s] ? address(lengthsAt[s]) : nullptr;
    putAddress(lengthTable, s, data);
    if (data)
      put(lengthsAt[s], plan.lengths()[s], static_cast<size_t>(plan.rows()) * sizeof(int64_t));
  }
  if (touchedFrom == touchedTo)
    return {};
  size_t from = std::exchange(touchedFrom, 0), to = std::exchange(touchedTo, 0);
  return device.copyToDevice(blockData() + from, shadowData() + from, to - from);
}

/// What is known of calls with these dims and lengths, from which alone follows what the code does
/// on the host.
DeviceCall::Recorded &DeviceCall::findRecorded(bool isCacheValid) {
  key.clear();
  key.push_back(isCacheValid);
  key.insert(key.end(), plan.dims(), plan.dims() + lengthsAt.size());
  for (size_t s = 0; s < lengthsAt.size(); ++s)
    if (const int64_t *lengths = plan.lengths()[s])
      key.insert(key.end(), lengths, lengths + plan.rows());
  ++uses;
  for (Recorded &recorded : recordings)
    if (recorded.key == key) {
      recorded.lastUse = uses;
      return recorded;
    }
  if (recordings.size() < mostRecordings)
    recordings.emplace_back();
  Recorded &oldest =
      *std::min_element(recordings.begin(), recordings.end(),
                        [](const Recorded &a, const Recorded &b) { return a.lastUse < b.lastUse; });
  if (oldest.graph)
    device.freeGraph(std::exchange(oldest.graph, nullptr));
  oldest.key = key;
  oldest.launches = 0;
  oldest.lastUse = uses;
  return oldest;
}

/// Some drivers cannot record every kernel; then calls go on without.
void DeviceCall::record(Recorded &recorded, const RondoCall &call) {
  canRecord = device.startGraph();
  if (!canRecord)
    return;
  plan.code.code(&call, 0);
  recorded.graph = device.endGraph();
  bool failed = device.launchStatus().failed();
  if (failed && recorded.graph)
    device.freeGraph(std::exchange(recorded.graph, nullptr));
  canRecord = recorded.graph != nullptr;
}

Status DeviceCall::launch(bool isCacheValid) {
  RondoTeam team = {};
  team.size = 1;
  RondoCall call;
  std::memcpy(&call, shadowData(), sizeof(call));
  call.arguments = reinterpret_cast<void *const *>(shadowData() + argumentTable);
  call.results = reinterpret_cast<void *const *>(shadowData() + resultTable);
  call.dims = plan.dims();
  call.lengths = plan.lengths();
  call.team = &team;
  call.device = &launcher;
  launcher.call = reinterpret_cast<const RondoCall *>(blockData());
  Recorded &recorded = findRecorded(isCacheValid);
  if (canRecord && !recorded.graph && recorded.launches >= fewestRecorded)
    record(recorded, call);
  if (recorded.graph)
    return device.queueGraph(recorded.graph);
  launcher.launches = 0;
  plan.code.code(&call, 0);
  recorded.launches = launcher.launches;
  return device.launchStatus();
}

Status DeviceCall::start(const Array *const *arguments, Array *const *results, bool isCacheValid) {
  RONDO_TRY(reserve());
  layOut(arguments);
  RONDO_TRY(placeArguments(arguments));
  RONDO_TRY(fillBlock(arguments, results, isCacheValid));
  return launch(isCacheValid);
}

bool DeviceCall::isReturned(size_t number) const {
  const ValueRows &rows = plan.results()[number];
  return rows.isPadded || (rows.isBatched && !plan.isSorted());
}

/// Puts the rows of a result where the caller wants them, on the host.
Status DeviceCall::returnRows(size_t number, Array &result) {
  const ValueRows &rows = plan.results()[number];
  size_t rowBytes = static_cast<size_t>(rows.rowBytes);
  if (!landed.reserve(result.roomBytes()))
    return error("no memory for a sorted copy of %s", quote(rows.value->name).c_str());
  RONDO_TRY(device.copyToHost(landed.data(), result.onDeviceData(), result.bytes()));
  RONDO_TRY(result.allocate(result.element(), result.sizes()));
  const char *from = static_cast<const char *>(landed.data());
  for (int64_t k = 0; k < rows.rows; ++k) {
    int64_t row = rows.isBatched ? plan.rowAt(k) : 0;
    char *to = static_cast<char *>(result.raw()) + static_cast<size_t>(row) * rowBytes;
    std::memcpy(to, from + static_cast<size_t>(k) * rowBytes, rowBytes);
    rows.clearPadding(row, to);
  }
  return {};
}

Status DeviceCall::finish(Array *const *results, RondoFailure &failure) {
  failure = {-1, -1};
  if (const void *address = failureAddress())
    RONDO_TRY(device.copyToHost(&failure, address, sizeof(failure)));
  else
    RONDO_TRY(device.wait());
  if (failure.check >= 0)
    return resetState();
  for (size_t i = 0; i < static_cast<size_t>(entry.num_results); ++i)
    if (isReturned(i))
      RONDO_TRY(returnRows(i, *results[i]));
  return {};
}
