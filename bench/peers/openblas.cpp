// OpenBLAS as a peer: sgemm for W6.
#include "peer.h"

#include <cblas.h>

int main(int argc, char **argv) {
  Arguments arguments(argc, argv);
  int m = arguments.number("M"), n = arguments.number("N"), k = arguments.number("K");
  std::string data = arguments.text("data");
  openblas_set_num_threads(arguments.number("threads"));
  Floats a = readFloats(data + "/inputs/xs.f32", size_t(m) * k);
  Floats b = readFloats(data + "/params/W.f32", size_t(k) * n);
  Floats c(size_t(m) * n);
  auto once = [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a.data(), k, b.data(), n, 0,
                c.data(), n);
  };
  return serve(std::string("sgemm, ") + openblas_get_config() + ", kernels for " +
                   openblas_get_corename(),
               once, [&] {
                 once();
                 writeFloats(arguments.text("out") + "/outputs.f32", c);
               });
}
