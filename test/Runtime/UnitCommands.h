// Commands as a user runs them: what the tests of commands share.
#ifndef RONDO_TEST_RUNTIME_UNITCOMMANDS_H
#define RONDO_TEST_RUNTIME_UNITCOMMANDS_H

#include "Unit.h"

/// Runs a command of the bigram model.
Outcome run(const std::vector<std::string> &words);
/// Status 1 and one line on stderr that contains `text`.
void refuses(const std::vector<std::string> &words, const char *text, const char *file, int line);
/// Status 0 and nothing on stderr.
Outcome works(const std::vector<std::string> &words, const char *file, int line);

#define REFUSES(text, ...) refuses({__VA_ARGS__}, text, __FILE__, __LINE__)
#define WORKS(...) works({__VA_ARGS__}, __FILE__, __LINE__)

std::string inScratch(const char *name);
std::string contents(const std::string &path);
/// A text that a bigram model can learn.
std::string writeText();

#endif // RONDO_TEST_RUNTIME_UNITCOMMANDS_H
