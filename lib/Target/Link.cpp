// From the program's object to an executable: the object, the prelinked runtime, libm and libc.
//
// ld.lld is called directly where the C library's start files are found, since that takes a tenth
// of a second; where either is missing, the system's `cc` links.
#include "Target/Link.h"
#include "Runtime/Object.h"
#include "Target/RunProgram.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <optional>
#include <string>
#include <vector>

using namespace llvm;

namespace {

/// Where the C library's start files and its development files are.
struct CLibrary {
  std::string folder;
  std::string dynamicLinker; // where it is on the machine that runs the program
};

bool isOfThisMachine(const Triple &triple) {
  return triple.getArch() == Triple(sys::getProcessTriple()).getArch();
}

/// Another architecture's are where the distribution's cross compilers have them.
std::optional<CLibrary> findCLibrary(const Triple &triple) {
  std::string multiarch = (triple.getArchName() + "-linux-gnu").str();
  StringRef linker = triple.isX86()       ? "/lib64/ld-linux-x86-64.so.2"
                     : triple.isAArch64() ? "/lib/ld-linux-aarch64.so.1"
                                          : "";
  bool isNative = isOfThisMachine(triple);
  if (!triple.isOSLinux() || linker.empty() || (isNative && !sys::fs::exists(linker)))
    return std::nullopt;
  std::vector<std::string> folders = {"/usr/lib/" + multiarch};
  if (isNative)
    folders.insert(folders.end(), {"/usr/lib64", "/lib64", "/usr/lib"});
  else
    folders.push_back("/usr/" + multiarch + "/lib");
  for (const std::string &folder : folders) {
    bool complete =
        llvm::all_of(ArrayRef<StringRef>{"Scrt1.o", "crti.o", "crtn.o", "libc.so"},
                     [&](StringRef file) { return sys::fs::exists(folder + "/" + file.str()); });
    if (complete)
      return CLibrary{folder, linker.str()};
  }
  return std::nullopt;
}

std::string findLld() {
#ifdef RONDO_LLVM_BIN
  if (auto path = sys::findProgramByName("ld.lld", {RONDO_LLVM_BIN}))
    return *path;
#endif
  for (StringRef name : {"ld.lld", "ld.lld-22"})
    if (auto path = sys::findProgramByName(name))
      return *path;
  return "";
}

std::vector<std::string> lldArguments(const CLibrary &library, StringRef object, StringRef runtime,
                                      StringRef output) {
  return {"ld.lld",
          "-pie",
          "--gc-sections",
          "--icf=safe",
          "--no-mmap-output-file", // a full disk is an error then, not a SIGBUS
          "-s",
          "--build-id=none",
          "--hash-style=gnu",
          "-z",
          "now",
          "-z",
          "relro",
          "--as-needed",
          "-dynamic-linker",
          library.dynamicLinker,
          "-o",
          output.str(),
          library.folder + "/Scrt1.o",
          library.folder + "/crti.o",
          object.str(),
          runtime.str(),
          "-L",
          library.folder,
          "-lm",
          "-lc",
          library.folder + "/crtn.o"};
}

std::vector<std::string> ccArguments(StringRef object, StringRef runtime, StringRef output) {
  return {"cc", "-pie",       "-s",         "-Wl,--gc-sections", "-Wl,--as-needed",
          "-o", output.str(), object.str(), runtime.str(),       "-lm"};
}

/// lld and a C library, or else the system's `cc`.
struct Linker {
  std::string lld, cc;
  std::optional<CLibrary> library;
  bool usesLld() const { return !lld.empty() && library; }
};

Expected<Linker> findLinker(StringRef given) {
  Triple triple(given.empty() ? sys::getProcessTriple() : Triple::normalize(given));
  if (rondo::runtimeObject(Triple::getArchTypeName(triple.getArch())).empty())
    return createStringError("this build of rondoc has no runtime for " + triple.getArchName() +
                             ": its cross compiler's libraries were not there");
  Linker linker{findLld(), "", findCLibrary(triple)};
  if (linker.usesLld())
    return linker;
  if (!isOfThisMachine(triple))
    return createStringError(linker.lld.empty()
                                 ? "no linker found for " + triple.getArchName() + ": install lld"
                                 : "no C library of " + triple.getArchName() +
                                       " to link with: install its development files");
  if (auto cc = sys::findProgramByName("cc")) {
    linker.cc = *cc;
    return linker;
  }
  return createStringError(
      linker.lld.empty() ? "no linker found: install lld or a C compiler"
                         : "no C library to link with: install its development files (libc6-dev)");
}

} // namespace

Error rondo::checkLinker(StringRef triple) { return findLinker(triple).takeError(); }

Error rondo::link(StringRef object, StringRef triple, Output &output) {
  Expected<Linker> linker = findLinker(triple);
  if (!linker)
    return linker.takeError();
  Expected<Scratch *> scratch = output.scratch();
  if (!scratch)
    return scratch.takeError();
  Expected<std::string> program = (*scratch)->add("program.o", object);
  if (!program)
    return program.takeError();
  Expected<std::string> runtime = (*scratch)->add(
      "runtime.o",
      StringRef(rondo::runtimeObject(Triple::getArchTypeName(Triple(triple).getArch()))));
  if (!runtime)
    return runtime.takeError();
  std::string made = (*scratch)->path("program");
  std::vector<std::string> arguments =
      linker->usesLld() ? lldArguments(*linker->library, *program, *runtime, made)
                        : ccArguments(*program, *runtime, made);
  if (Error error =
          runProgram(linker->usesLld() ? linker->lld : linker->cc, arguments, "linking", **scratch))
    return error;
  return output.take(made, /*isExecutable=*/true);
}
