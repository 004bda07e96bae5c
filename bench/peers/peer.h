// What the peer programs share: their arguments (key=value), arrays in files of raw floats, and the
// protocol. A peer sets itself up, prints "ready" and a line about itself, then obeys lines of its
// standard input:
//   check         write its numbers to files in the folder `out`, print "done"
//   time SECONDS  repeat for that long, print {"best": s, "median": s, "count": n}
#ifndef RONDO_BENCH_PEER_H
#define RONDO_BENCH_PEER_H

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

using Floats = std::vector<float>;

[[noreturn]] inline void fail(const std::string &message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::exit(1);
}

/// The arguments: "kind=lstm", "T=25", "data=FOLDER".
class Arguments {
public:
  Arguments(int argc, char **argv) {
    for (int i = 1; i < argc; ++i)
      if (char *equals = std::strchr(argv[i], '='))
        values[std::string(argv[i], static_cast<size_t>(equals - argv[i]))] = equals + 1;
  }
  std::string text(const std::string &name) const {
    auto found = values.find(name);
    if (found == values.end())
      fail("the argument " + name + "= is missing");
    return found->second;
  }
  long number(const std::string &name) const { return std::atol(text(name).c_str()); }

private:
  std::map<std::string, std::string> values;
};

inline Floats readFloats(const std::string &path, size_t count) {
  Floats values(count);
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file || std::fread(values.data(), sizeof(float), count, file) != count)
    fail("cannot read " + std::to_string(count) + " floats from " + path);
  std::fclose(file);
  return values;
}

inline void writeFloats(const std::string &path, const Floats &values) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file || std::fwrite(values.data(), sizeof(float), values.size(), file) != values.size())
    fail("cannot write " + path);
  std::fclose(file);
}

inline double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

/// Repeats `once` for `seconds`, three times at least, and prints what it took.
inline void timeCalls(double seconds, const std::function<void()> &once) {
  std::vector<double> times;
  once();
  double start = now(), time = start;
  while (times.size() < 3 || time - start < seconds) {
    once();
    double end = now();
    times.push_back(end - time);
    time = end;
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"best\": %.9g, \"median\": %.9g, \"count\": %zu}\n", times[0],
              times[times.size() / 2], times.size());
}

inline int serve(const std::string &about, const std::function<void()> &once,
                 const std::function<void()> &check) {
  std::printf("ready %s\n", about.c_str());
  std::fflush(stdout);
  char line[256];
  while (std::fgets(line, sizeof(line), stdin)) {
    double seconds = 0;
    if (!std::strncmp(line, "check", 5)) {
      check();
      std::printf("done\n");
    } else if (std::sscanf(line, "time %lf", &seconds) == 1) {
      timeCalls(seconds, once);
    } else {
      fail(std::string("unknown command ") + line);
    }
    std::fflush(stdout);
  }
  return 0;
}

#endif // RONDO_BENCH_PEER_H
