// Files of named arrays in the safetensors format: weights, gradients, checkpoints.
#ifndef RONDO_RUNTIME_SAFETENSORS_H
#define RONDO_RUNTIME_SAFETENSORS_H

#include "Runtime/Array.h"

#include <map>
#include <set>

namespace rondo::inline runtime {

struct NamedArray {
  std::string name;
  Array array;
};

/// Which tensors of a file a reader wants. No array is made of any other.
struct TensorNames {
  std::set<std::string, std::less<>> names;
  std::string unread;              // what starts with this may be there too; empty: nothing
  uint64_t mostBytes = UINT64_MAX; // that their arrays can have, for a pipe, whose size is unknown
};

struct TensorFile {
  std::vector<NamedArray> tensors;
  std::vector<std::string> others; // names of those that are neither wanted nor unread
  std::map<std::string, std::string> metadata;

  const Array *find(std::string_view name) const;
};

/// Reads F32, F64, I32, I64 and BOOL tensors. The file may be hostile: every length and offset is
/// checked, tensors must cover the data without gap or overlap, and anything else is refused.
Status readSafetensors(const std::string &path, TensorFile &file,
                       const TensorNames *wanted = nullptr);
/// The same from bytes; `path` is for messages.
Status parseSafetensors(const std::string &path, std::string_view bytes, TensorFile &file,
                        const TensorNames *wanted = nullptr);

/// One tensor of a file to be written.
struct TensorView {
  std::string name;
  const Array *array;
};
Status writeSafetensors(const std::string &path, std::vector<TensorView> tensors,
                        const std::map<std::string, std::string> &metadata);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SAFETENSORS_H
