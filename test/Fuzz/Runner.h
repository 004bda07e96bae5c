// What rondo-fuzz and a program for another machine say to one another, through its standard input
// and output: numbers of 64 bits, and bytes behind their number.
//
//   a call:   entry, workers, stale byte; for each symbol its dim and, behind their number, its
//             lengths; for each argument its bytes
//   an answer: a message, which is empty where the call is done; for each result its bytes then
#ifndef RONDO_TEST_FUZZ_RUNNER_H
#define RONDO_TEST_FUZZ_RUNNER_H

#include <cstdint>
#include <cstdio>

namespace rondo::fuzz {

inline bool put(FILE *file, const void *bytes, int64_t count) {
  return std::fwrite(&count, sizeof count, 1, file) == 1 &&
         (count == 0 || std::fwrite(bytes, static_cast<size_t>(count), 1, file) == 1);
}
inline bool put(FILE *file, int64_t number) {
  return std::fwrite(&number, sizeof number, 1, file) == 1;
}
inline bool get(FILE *file, int64_t &number) {
  return std::fread(&number, sizeof number, 1, file) == 1;
}
/// Bytes whose number is known.
inline bool get(FILE *file, void *bytes, int64_t expected) {
  int64_t count = 0;
  return get(file, count) && count == expected &&
         (count == 0 || std::fread(bytes, static_cast<size_t>(count), 1, file) == 1);
}

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_RUNNER_H
