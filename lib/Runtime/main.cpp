// The produced program's main. Its descriptor is the generated code's.
#include "Runtime/Commands.h"

// GNU ld wants this where no crtbegin.o gives it; nothing is ever unloaded.
extern "C" __attribute__((weak, visibility("hidden"))) void *__dso_handle = nullptr;

int main(int argc, char **argv) { return rondo::runProgram(rondo_program, argc, argv); }
