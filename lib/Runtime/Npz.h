// Arrays in NumPy's npy and npz files: the inputs and outputs of `run`.
#ifndef RONDO_RUNTIME_NPZ_H
#define RONDO_RUNTIME_NPZ_H

#include "Runtime/Safetensors.h"

namespace rondo::inline runtime {

/// The element type of an npy file: its kind as NumPy writes it, and what it becomes here.
struct NpyType {
  char kind = 'f'; // f, i, u, b
  size_t width = 4;
  bool isBig = false; // big-endian
  int32_t element = RONDO_F32;
};
struct NpyHeader {
  NpyType type;
  bool isFortran = false;
  std::vector<int64_t> sizes;
  size_t dataAt = 0;
};

/// Reads the header at the start of an npy image of `size` bytes, of which at least the header is
/// in `bytes`, and compares it with the size. Sizes of an array without elements are bounded.
Status parseNpyHeader(std::string_view bytes, uint64_t size, NpyHeader &header);
/// Reads one npy image. f32 and f64 keep their type, f16 becomes f32, bools stay, int32 stays i32
/// and all other integers become i64; what is big-endian is turned round and Fortran order is put
/// into row-major order.
Status parseNpy(std::string_view bytes, Array &array);
/// The npy image's header for an array; its bytes follow.
std::string npyHeader(const Array &array);

/// An npz file, stored or deflated, of which the names are known before any array is made. The file
/// may be hostile: members that overlap are refused, and what an array's header says is compared
/// with the member's size before the rest is expanded.
class NpzFile {
public:
  Status open(const std::string &path);
  /// From bytes, which must outlive this; `path` is for messages.
  Status parse(const std::string &path, std::string_view bytes);

  size_t size() const { return members.size(); }
  const std::string &name(size_t i) const { return members[i].name; }
  Status read(size_t i, Array &array) const;

private:
  struct Member {
    std::string name;
    uint64_t flags, method, crc, packedSize, size, offset;
    uint64_t start = 0; // of its packed bytes
  };
  Status parseMember(uint64_t end, uint64_t &at, Member &member) const;
  Status locate(uint64_t directory, Member &member) const;
  Status expand(const Member &member, std::string &storage, std::string_view &data) const;

  std::string file, owned; // its name for messages, and its bytes
  std::string_view bytes;
  std::vector<Member> members;
};

/// Reads all arrays of an npz file.
Status readNpz(const std::string &path, std::vector<NamedArray> &arrays);
/// The same from bytes; `path` is for messages.
Status parseNpz(const std::string &path, std::string_view bytes, std::vector<NamedArray> &arrays);
/// Writes an npz file, stored, byte for byte the same for the same arrays.
Status writeNpz(const std::string &path, const std::vector<TensorView> &arrays);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_NPZ_H
