// Arrays in NumPy's npy and npz files: the inputs and outputs of `run`.
#ifndef RONDO_RUNTIME_NPZ_H
#define RONDO_RUNTIME_NPZ_H

#include "Runtime/Safetensors.h"

namespace rondo::inline runtime {

/// Reads one npy image. Little-endian floats keep their type (f16 is refused), bools too, int32
/// stays i32 and all other integers become i64; Fortran order is put into row-major order.
Status parseNpy(std::string_view bytes, Array &array);
/// The npy image's header for an array; its bytes follow.
std::string npyHeader(const Array &array);

/// Reads all arrays of an npz file, stored or deflated. The file may be hostile.
Status readNpz(const std::string &path, std::vector<NamedArray> &arrays);
/// The same from bytes; `path` is for messages.
Status parseNpz(const std::string &path, std::string_view bytes, std::vector<NamedArray> &arrays);
/// Writes an npz file, stored, byte for byte the same for the same arrays.
Status writeNpz(const std::string &path, const std::vector<TensorView> &arrays);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_NPZ_H
