// Dense row-major arrays in memory, the form in which everything enters and leaves an entry.
//
// An array is in the host's memory, in that of a device, or in both. Who reads it on the host gets
// it from the device first, if only that has its contents; who writes to it there makes the
// device's copy stale. So what calls on a device read and write stays there until somebody looks.
#ifndef RONDO_RUNTIME_ARRAY_H
#define RONDO_RUNTIME_ARRAY_H

#include "Runtime/Device.h"
#include "rondo/Abi.h"

#include <cstddef>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace rondo::inline runtime {

/// 64-byte aligned storage that only grows; its contents are lost when it does.
class Buffer {
public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept { swap(other); }
  Buffer &operator=(Buffer &&other) noexcept {
    swap(other);
    return *this;
  }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer();

  /// Makes room for `bytes`; false when memory is not there.
  bool reserve(size_t bytes);
  void *data() const { return pointer; }
  size_t capacity() const { return size; }
  void swap(Buffer &other) noexcept {
    std::swap(pointer, other.pointer);
    std::swap(size, other.size);
  }

private:
  void *pointer = nullptr;
  size_t size = 0;
};

size_t elementSize(int32_t element);
/// "f32", "f64", "bool", "i32", "int".
const char *elementName(int32_t element);
/// What it is to a user of any other software: "floats", "integers", "bools".
const char *elementKind(int32_t element);
inline bool isFloat(int32_t element) { return element == RONDO_F32 || element == RONDO_F64; }
inline bool isInteger(int32_t element) { return element == RONDO_I32 || element == RONDO_I64; }

/// The number of elements, or -1 when a size is negative or the bytes of `element` would overflow.
int64_t countElements(int32_t element, std::span<const int64_t> sizes);
/// The elements that storage has room for: all, or, of an array of nothing, those at position 0 of
/// its axes of size 0 (rows come first), so that code may read what no element of a result needs.
size_t roomFor(std::span<const int64_t> sizes, int64_t rows = 1);
/// "[2, 3]".
std::string sizesText(std::span<const int64_t> sizes);

class Array {
public:
  /// Gives the array this type and these sizes; storage is reused where it suffices, contents are
  /// not defined.
  Status allocate(int32_t element, std::span<const int64_t> sizes);
  Status allocate(int32_t element, std::initializer_list<int64_t> sizes) {
    return allocate(element, std::span(sizes.begin(), sizes.size()));
  }
  /// The same on a device, which is to write the contents.
  Status allocateOn(Device &device, int32_t element, std::span<const int64_t> sizes);

  int32_t element() const { return kind; }
  const std::vector<int64_t> &sizes() const { return extents; }
  int64_t elements() const { return count; }
  size_t bytes() const { return static_cast<size_t>(count) * elementSize(kind); }
  size_t roomBytes() const { return roomFor(extents) * elementSize(kind); }
  template <typename T> T *data() { return static_cast<T *>(raw()); }
  template <typename T> const T *data() const { return static_cast<const T *>(raw()); }
  void *raw() {
    fetch();
    onDevice = false;
    return buffer.data();
  }
  const void *raw() const {
    fetch();
    return buffer.data();
  }

  bool isOnHost() const { return onHost; }
  bool isOnDevice() const { return onDevice; }
  /// Copies the contents to the device if it lacks them.
  Status provideOn(Device &device) const;
  /// Where the contents are on the device, which has them.
  void *onDeviceData() const { return deviceBuffer.data(); }

  /// Element `i` as a double (exact but for large int64).
  double get(int64_t i) const;
  /// Element `i` of integers.
  int64_t integer(int64_t i) const {
    return kind == RONDO_I32 ? data<int32_t>()[i] : data<int64_t>()[i];
  }
  /// Stores `value`, converted to the element type.
  void set(int64_t i, double value);
  void fill(double value);
  void swap(Array &other) noexcept;

private:
  Status take(int32_t element, std::span<const int64_t> sizes);
  void fetch() const {
    if (!onHost)
      fetchFromDevice();
  }
  void fetchFromDevice() const;

  int32_t kind = RONDO_F32;
  int64_t count = 0;
  std::vector<int64_t> extents;
  // Which of the two has the contents; both where they are the same.
  mutable bool onHost = true, onDevice = false;
  mutable Buffer buffer;
  mutable DeviceBuffer deviceBuffer;
};

/// A copy of a float array in the float type `element`.
Status convertFloat(const Array &from, int32_t element, Array &to);

/// The array with other sizes of the same rank: what both have, and zeros.
Status resize(const Array &from, std::span<const int64_t> sizes, Array &to);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_ARRAY_H
