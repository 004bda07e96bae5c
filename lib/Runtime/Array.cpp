// Arrays and their aligned storage.
#include "Runtime/Array.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

using namespace rondo;

Buffer::~Buffer() { std::free(pointer); }

bool Buffer::reserve(size_t bytes) {
  if (bytes <= size && pointer)
    return true;
  if (bytes > SIZE_MAX / 2)
    return false;
  // Large arrays ask for large pages: contractions walk weights with strides of a page and more.
  constexpr size_t page = size_t(2) << 20;
  size_t alignment = bytes >= 2 * page ? page : 64;
  size_t rounded = bytes == 0 ? 64 : (bytes + 63) / 64 * 64;
  std::free(pointer);
  pointer = nullptr;
  if (::posix_memalign(&pointer, alignment, rounded))
    pointer = nullptr;
  size = pointer ? rounded : 0;
#ifdef MADV_HUGEPAGE
  // Whole pages inside of the array only, so that it takes no more memory than it needs.
  if (pointer && alignment == page)
    (void)::madvise(pointer, rounded / page * page, MADV_HUGEPAGE);
#endif
  return pointer != nullptr;
}

size_t rondo::elementSize(int32_t element) {
  switch (element) {
  case RONDO_F32:
  case RONDO_I32:
    return 4;
  case RONDO_I1:
    return 1;
  default:
    return 8;
  }
}

const char *rondo::elementName(int32_t element) {
  switch (element) {
  case RONDO_F32:
    return "f32";
  case RONDO_F64:
    return "f64";
  case RONDO_I1:
    return "bool";
  case RONDO_I32:
    return "i32";
  default:
    return "int";
  }
}

const char *rondo::elementKind(int32_t element) {
  return isFloat(element) ? "floats" : isInteger(element) ? "integers" : "bools";
}

int64_t rondo::countElements(int32_t element, std::span<const int64_t> sizes) {
  // A zero anywhere makes the count zero, but the other sizes must still be sane.
  bool empty = false;
  int64_t limit = INT64_MAX / 4 / static_cast<int64_t>(elementSize(element));
  int64_t count = 1;
  for (int64_t size : sizes) {
    if (size < 0)
      return -1;
    if (size == 0) {
      empty = true;
      continue;
    }
    if (count > limit / size)
      return -1;
    count *= size;
  }
  return empty ? 0 : count;
}

size_t rondo::roomFor(std::span<const int64_t> sizes, int64_t rows) {
  auto room = static_cast<size_t>(std::max<int64_t>(rows, 1));
  for (int64_t size : sizes)
    room = size == 0 ? 1 : room * static_cast<size_t>(size);
  return room;
}

std::string rondo::sizesText(std::span<const int64_t> sizes) {
  std::string text = "[";
  for (size_t i = 0; i < sizes.size(); ++i)
    text += (i ? ", " : "") + std::to_string(sizes[i]);
  return text + "]";
}

/// Takes the type and the sizes, if there can be such an array.
Status Array::take(int32_t element, std::span<const int64_t> sizes) {
  int64_t wanted = countElements(element, sizes);
  if (wanted < 0)
    return error("an array of sizes %s is too large", sizesText(sizes).c_str());
  kind = element;
  count = wanted;
  if (sizes.data() != extents.data())
    extents.assign(sizes.begin(), sizes.end());
  return {};
}

Status Array::allocate(int32_t element, std::span<const int64_t> sizes) {
  RONDO_TRY(take(element, sizes));
  onHost = true;
  onDevice = false;
  return buffer.reserve(roomBytes())
             ? Status()
             : error("no memory for an array of sizes %s", sizesText(sizes).c_str());
}

Status Array::allocateOn(Device &device, int32_t element, std::span<const int64_t> sizes) {
  RONDO_TRY(take(element, sizes));
  onHost = onDevice = false;
  RONDO_TRY(deviceBuffer.reserve(device, roomBytes()));
  if (!deviceBuffer.data())
    return noRoom(device, "an array of sizes " + sizesText(sizes), static_cast<int64_t>(bytes()));
  onDevice = true;
  return {};
}

Status Array::provideOn(Device &device) const {
  if (onDevice && deviceBuffer.device() == &device)
    return {};
  fetch();
  RONDO_TRY(deviceBuffer.reserve(device, roomBytes()));
  if (!deviceBuffer.data())
    return noRoom(device, "an array of sizes " + sizesText(extents), static_cast<int64_t>(bytes()));
  RONDO_TRY(device.copyToDevice(deviceBuffer.data(), buffer.data(), bytes()));
  onDevice = true;
  return {};
}

void Array::fetchFromDevice() const {
  if (!buffer.reserve(roomBytes()))
    stopProgram(error("no memory for an array of sizes %s", sizesText(extents).c_str()));
  Status status = deviceBuffer.device()->copyToHost(buffer.data(), deviceBuffer.data(), bytes());
  if (status.failed())
    stopProgram(status);
  onHost = true;
}

double Array::get(int64_t i) const {
  switch (kind) {
  case RONDO_F32:
    return static_cast<double>(data<float>()[i]);
  case RONDO_F64:
    return data<double>()[i];
  case RONDO_I1:
    return data<uint8_t>()[i];
  case RONDO_I32:
    return data<int32_t>()[i];
  default:
    return static_cast<double>(data<int64_t>()[i]);
  }
}

void Array::set(int64_t i, double value) {
  switch (kind) {
  case RONDO_F32:
    data<float>()[i] = static_cast<float>(value);
    break;
  case RONDO_F64:
    data<double>()[i] = value;
    break;
  case RONDO_I1:
    data<uint8_t>()[i] = value != 0;
    break;
  case RONDO_I32:
    data<int32_t>()[i] = static_cast<int32_t>(value);
    break;
  default:
    data<int64_t>()[i] = static_cast<int64_t>(value);
    break;
  }
}

void Array::fill(double value) {
  for (int64_t i = 0; i < count; ++i)
    set(i, value);
}

void Array::swap(Array &other) noexcept {
  std::swap(kind, other.kind);
  std::swap(count, other.count);
  extents.swap(other.extents);
  std::swap(onHost, other.onHost);
  std::swap(onDevice, other.onDevice);
  buffer.swap(other.buffer);
  deviceBuffer.swap(other.deviceBuffer);
}

Status rondo::convertFloat(const Array &from, int32_t element, Array &to) {
  RONDO_TRY(to.allocate(element, from.sizes()));
  if (from.element() == element) {
    std::memcpy(to.raw(), from.raw(), from.bytes());
    return {};
  }
  for (int64_t i = 0; i < from.elements(); ++i)
    to.set(i, from.get(i));
  return {};
}

Status rondo::resize(const Array &from, std::span<const int64_t> sizes, Array &to) {
  RONDO_TRY(to.allocate(from.element(), sizes));
  std::memset(to.raw(), 0, to.bytes());
  if (from.elements() == 0 || to.elements() == 0)
    return {};
  size_t rank = sizes.size(), width = elementSize(from.element());
  if (rank == 0) {
    std::memcpy(to.raw(), from.raw(), width);
    return {};
  }
  std::vector<int64_t> position(rank);
  auto last = static_cast<size_t>(std::min(from.sizes()[rank - 1], sizes[rank - 1]));
  for (bool isMore = true; isMore;) {
    size_t source = 0, target = 0;
    for (size_t i = 0; i < rank; ++i) {
      source = source * static_cast<size_t>(from.sizes()[i]) + static_cast<size_t>(position[i]);
      target = target * static_cast<size_t>(sizes[i]) + static_cast<size_t>(position[i]);
    }
    std::memcpy(static_cast<char *>(to.raw()) + target * width,
                static_cast<const char *>(from.raw()) + source * width, last * width);
    isMore = false;
    for (size_t i = rank - 1; i-- > 0 && !isMore;) {
      isMore = ++position[i] < std::min(from.sizes()[i], sizes[i]);
      if (!isMore)
        position[i] = 0;
    }
  }
  return {};
}
