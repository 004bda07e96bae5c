// The initialisers by name. The last two dims are the matrix, leading dims are copies of it.
#include "Runtime/Initialise.h"
#include "rondo/Philox.h"

using namespace rondo;

/// Makes the `count` vectors of `size` doubles at `vectors` orthonormal, count <= size, by modified
/// Gram and Schmidt; keeping each vector's own direction makes the factor's diagonal positive, so
/// the result is uniform among orthonormal sets.
static void orthonormalise(double *vectors, int64_t count, int64_t size) {
  for (int64_t i = 0; i < count; ++i) {
    double *v = vectors + i * size;
    double square = 0;
    for (int64_t k = 0; k < size; ++k)
      square += v[k] * v[k];
    double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (int64_t k = 0; k < size; ++k)
      v[k] *= scale;
    for (int64_t j = i + 1; j < count; ++j) {
      double *w = vectors + j * size;
      double dot = 0;
      for (int64_t k = 0; k < size; ++k)
        dot += v[k] * w[k];
      for (int64_t k = 0; k < size; ++k)
        w[k] -= dot * v[k];
    }
  }
}

static Status fillOrthogonal(uint64_t key, double gain, int64_t rows, int64_t columns,
                             Array &array) {
  bool byRows = rows <= columns;
  int64_t count = byRows ? rows : columns, size = byRows ? columns : rows;
  int64_t matrix = rows * columns;
  Buffer buffer;
  if (!buffer.reserve(static_cast<size_t>(matrix) * sizeof(double)))
    return error("no memory to initialise an array of sizes %s", sizesText(array.sizes()).c_str());
  double *vectors = static_cast<double *>(buffer.data());
  for (int64_t start = 0; start < array.elements(); start += matrix) {
    for (int64_t i = 0; i < matrix; ++i)
      vectors[i] = drawNormal(key, static_cast<uint64_t>(start + i));
    orthonormalise(vectors, count, size);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        array.set(start + r * columns + c, gain * vectors[byRows ? r * size + c : c * size + r]);
  }
  return {};
}

Status rondo::initialiseParameter(const RondoParameter &parameter, int64_t seed, int32_t element,
                                  Array &array) {
  std::vector<int64_t> sizes(parameter.sizes, parameter.sizes + parameter.rank);
  RONDO_TRY(array.allocate(element, sizes));
  int64_t rank = parameter.rank;
  int64_t rows = rank > 1 ? sizes[static_cast<size_t>(rank - 2)] : 1;
  int64_t columns = rank > 0 ? sizes[static_cast<size_t>(rank - 1)] : 1;
  uint64_t key =
      foldKey(foldKey(static_cast<uint64_t>(seed), siteNumber("init")), siteNumber(parameter.path));
  std::string_view kind = parameter.initialiser ? parameter.initialiser : "constant";
  auto given = [&](int64_t i, double otherwise) {
    return i < parameter.num_initialiser_arguments ? parameter.initialiser_arguments[i] : otherwise;
  };
  auto fillUniform = [&](double low, double high) {
    for (int64_t i = 0; i < array.elements(); ++i)
      array.set(i, low + (high - low) * drawUniform(key, static_cast<uint64_t>(i)));
  };
  auto fillNormal = [&](double deviation) {
    for (int64_t i = 0; i < array.elements(); ++i)
      array.set(i, deviation * drawNormal(key, static_cast<uint64_t>(i)));
  };
  // Of a matrix as in `W @ x` the input is the last dim. Empty dims draw nothing.
  double fanIn = given(0, static_cast<double>(columns)),
         fanOut = given(1, static_cast<double>(rows));
  if (kind == "constant") {
    array.fill(given(0, 0));
  } else if (array.elements() == 0) {
    return {};
  } else if (kind == "normal") {
    fillNormal(given(0, 1));
  } else if (kind == "uniform") {
    fillUniform(given(0, 0), given(1, 1));
  } else if (kind == "glorot") {
    double bound = std::sqrt(6 / (fanIn + fanOut));
    fillUniform(-bound, bound);
  } else if (kind == "he") {
    fillNormal(std::sqrt(2 / fanIn));
  } else if (kind == "orthogonal") {
    return fillOrthogonal(key, given(0, 1), rows, columns, array);
  } else {
    return error("the parameter %s has the unknown initialiser %s", quote(parameter.path).c_str(),
                 quote(kind).c_str());
  }
  return {};
}
