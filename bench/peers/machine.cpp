// The machine's limits, measured: peak of fused multiply-adds, read bandwidth of each level of the
// memory, time of a barrier; for one thread and for all. Prints one JSON object.
#include "peer.h"

#include <atomic>
#include <immintrin.h>
#include <memory>
#include <sched.h>
#include <thread>

namespace {
constexpr int lanes = 16;
typedef float Vector __attribute__((vector_size(lanes * sizeof(float))));

/// Two threads or one, each on its own core, started together; the rate of all, the best of some.
template <typename Work> double bestRate(int threads, double unitsPerRun, int runs, Work work) {
  std::atomic<int> arrived{0};
  std::vector<std::vector<double>> begins(threads), ends(threads);
  auto body = [&](int id) {
    if (threads > 1) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(id, &set);
      sched_setaffinity(0, sizeof(set), &set);
    }
    for (int r = 0; r < runs; ++r) {
      arrived.fetch_add(1);
      while (arrived.load() < threads * (r + 1))
        _mm_pause();
      begins[id].push_back(now());
      work(id);
      ends[id].push_back(now());
    }
  };
  std::vector<std::thread> pool;
  for (int id = 1; id < threads; ++id)
    pool.emplace_back(body, id);
  cpu_set_t before;
  sched_getaffinity(0, sizeof(before), &before);
  body(0);
  sched_setaffinity(0, sizeof(before), &before);
  for (std::thread &thread : pool)
    thread.join();
  double best = 0;
  for (int r = 0; r < runs; ++r) {
    double begin = begins[0][r], end = ends[0][r];
    for (int id = 1; id < threads; ++id) {
      begin = std::min(begin, begins[id][r]);
      end = std::max(end, ends[id][r]);
    }
    best = std::max(best, unitsPerRun * threads / (end - begin));
  }
  return best;
}

float sink[64];

/// Sixteen chains of vectors that stay near 1.
void multiplyAdd(int id, long rounds) {
  Vector x[16], a = Vector{} + 0.999f, b = Vector{} + 0.001f;
  for (int i = 0; i < 16; ++i)
    x[i] = Vector{} + (1.0f + 0.01f * i);
  for (long r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
      x[i] = x[i] * a + b;
  }
  for (int i = 0; i < 16; ++i)
    sink[id] += x[i][0];
}

void readAll(int id, const float *data, size_t count) {
  Vector sum[8] = {};
  for (size_t i = 0; i + 8 * lanes <= count; i += 8 * lanes) {
#pragma GCC unroll 8
    for (int j = 0; j < 8; ++j)
      sum[j] += *reinterpret_cast<const Vector *>(data + i + j * lanes);
  }
  for (int j = 0; j < 8; ++j)
    sink[id] += sum[j][0];
}

/// GB/s of reading `bytes` in all, each thread its share, again and again.
double bandwidth(int threads, size_t bytes, double effort) {
  size_t count = bytes / threads / sizeof(float) / (8 * lanes) * (8 * lanes);
  std::vector<float *> data;
  for (int id = 0; id < threads; ++id) {
    data.push_back(static_cast<float *>(std::aligned_alloc(64, count * sizeof(float))));
    std::fill(data[id], data[id] + count, 1.0f);
  }
  long sweeps = std::max(1L, long(effort * 20e6 / double(bytes)));
  double rate = bestRate(threads, double(count * sizeof(float)) * sweeps, 15, [&](int id) {
    for (long s = 0; s < sweeps; ++s)
      readAll(id, data[id], count);
  });
  for (float *array : data)
    std::free(array);
  return rate * 1e-9;
}

/// Seconds of one barrier: a counter that all add to, a word that all spin on.
double barrier(int threads) {
  std::atomic<int> count{0}, phase{0};
  constexpr int rounds = 20000;
  double rate = bestRate(threads, rounds, 7, [&](int) {
    for (int r = 0; r < rounds; ++r) {
      int before = phase.load(std::memory_order_relaxed);
      if (count.fetch_add(1, std::memory_order_acq_rel) == threads - 1) {
        count.store(0, std::memory_order_relaxed);
        phase.store(before + 1, std::memory_order_release);
      } else {
        while (phase.load(std::memory_order_acquire) == before)
          _mm_pause();
      }
    }
  });
  return threads / rate;
}

long cacheBytes(int index) {
  char path[128], text[64] = "";
  std::snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
  if (std::FILE *file = std::fopen(path, "r")) {
    if (!std::fgets(text, sizeof(text), file))
      text[0] = 0;
    std::fclose(file);
  }
  return std::atol(text) * (std::strchr(text, 'M') ? 1 << 20 : 1 << 10);
}
} // namespace

int main(int argc, char **argv) {
  double effort = argc > 1 ? std::atof(argv[1]) : 1; // more effort, longer runs
  int cores = int(std::thread::hardware_concurrency());
  long l2 = cacheBytes(2), l3 = cacheBytes(3);
  if (!l2)
    l2 = 1 << 20;
  if (!l3)
    l3 = 8 << 20;
  std::printf("{\"cores\": %d, \"l2_bytes\": %ld, \"l3_bytes\": %ld, \"threads\": {", cores, l2,
              l3);
  for (int threads = 1; threads <= std::min(cores, 2); ++threads) {
    constexpr long rounds = 200000;
    double flops = bestRate(threads, 2.0 * lanes * 16 * rounds, int(20 * effort),
                            [&](int id) { multiplyAdd(id, rounds); });
    std::printf("%s\"%d\": {\"peak_gflops\": %.1f, \"l2_gbps\": %.1f, \"l3_gbps\": %.1f, "
                "\"dram_gbps\": %.1f, \"barrier_us\": %.3f}",
                threads > 1 ? ", " : "", threads, flops * 1e-9,
                bandwidth(threads, size_t(l2) * threads * 6 / 10, effort),
                bandwidth(threads, std::min(size_t(l3) / 2, size_t(12) << 20), 4 * effort),
                bandwidth(threads, size_t(l3) * 8, 4 * effort),
                threads > 1 ? barrier(threads) * 1e6 : 0.0);
  }
  std::printf("}}\n");
}
