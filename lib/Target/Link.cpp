// From the program's object to an executable: the object, the prelinked runtime, libm and libc.
//
// ld.lld is called directly where the C library's start files are found, since that takes a tenth
// of a second; where either is missing, the system's `cc` links.
#include "Target/Link.h"
#include "Runtime/Object.h"
#include "Target/RunProgram.h"
#include "llvm/ADT/ScopeExit.h"
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
  std::string dynamicLinker;
};

std::optional<CLibrary> findCLibrary() {
  Triple triple(sys::getProcessTriple());
  std::string multiarch = (triple.getArchName() + "-linux-gnu").str();
  StringRef linker = triple.isX86()       ? "/lib64/ld-linux-x86-64.so.2"
                     : triple.isAArch64() ? "/lib/ld-linux-aarch64.so.1"
                                          : "";
  if (!triple.isOSLinux() || linker.empty() || !sys::fs::exists(linker))
    return std::nullopt;
  for (std::string folder : {"/usr/lib/" + multiarch, std::string("/usr/lib64"),
                             std::string("/lib64"), std::string("/usr/lib")}) {
    bool complete =
        llvm::all_of(ArrayRef<StringRef>{"Scrt1.o", "crti.o", "crtn.o", "libc.so"},
                     [&](StringRef file) { return sys::fs::exists(folder + "/" + file.str()); });
    if (complete)
      return CLibrary{folder, linker.str()};
  }
  return std::nullopt;
}

std::string findLinker() {
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

std::error_code makeExecutable(StringRef path) {
  // What a compiler gives its output: all permissions that the umask leaves.
  unsigned mask = sys::fs::getUmask();
  return sys::fs::setPermissions(path, static_cast<sys::fs::perms>(0777 & ~mask));
}

/// Why no file can be made at `output`, or none.
Error checkOutput(StringRef output) {
  if (sys::fs::is_directory(output))
    return createStringError("cannot write " + output + ": it is a directory");
  return Error::success();
}

/// Calls `write` with the name of a temporary beside `output`, then renames it.
Error replaceFile(StringRef output, function_ref<Error(StringRef)> write) {
  if (Error error = checkOutput(output))
    return error;
  SmallString<128> temporary;
  if (std::error_code error = sys::fs::createUniqueFile(output + ".%%%%%%.tmp", temporary))
    return createStringError(error, "cannot write " + output + ": " + error.message());
  llvm::scope_exit cleanup([&] { (void)sys::fs::remove(temporary); });
  if (Error error = write(temporary))
    return error;
  if (std::error_code error = sys::fs::rename(temporary, output))
    return createStringError(error, "cannot write " + output + ": " + error.message());
  cleanup.release();
  return Error::success();
}

} // namespace

Error rondo::link(StringRef object, StringRef output) {
  Scratch scratch;
  Expected<std::string> program = scratch.add("o", object);
  if (!program)
    return program.takeError();
  Expected<std::string> runtime = scratch.add("o", StringRef(runtimeObject()));
  if (!runtime)
    return runtime.takeError();

  std::optional<CLibrary> library = findCLibrary();
  std::string lld = findLinker();
  auto cc = sys::findProgramByName("cc");
  if ((lld.empty() || !library) && !cc)
    return createStringError(
        lld.empty() ? "no linker found: install lld or a C compiler"
                    : "no C library to link with: install its development files (libc6-dev)");
  return replaceFile(output, [&](StringRef temporary) -> Error {
    if (Error error =
            (lld.empty() || !library)
                ? runProgram(*cc, ccArguments(*program, *runtime, temporary), "linking", scratch)
                : runProgram(lld, lldArguments(*library, *program, *runtime, temporary), "linking",
                             scratch))
      return error;
    if (std::error_code error = makeExecutable(temporary))
      return createStringError(error, "cannot write " + output + ": " + error.message());
    return Error::success();
  });
}

Error rondo::writeFile(StringRef bytes, StringRef output) {
  if (output == "-") {
    outs() << bytes;
    outs().flush();
    if (!outs().has_error())
      return Error::success();
    std::error_code error = outs().error();
    outs().clear_error();
    return createStringError(error, "cannot write standard output: " + error.message());
  }
  sys::fs::file_status status;
  // Devices and pipes are written in place.
  bool isSpecial = !sys::fs::status(output, status) && !sys::fs::is_regular_file(status) &&
                   !sys::fs::is_directory(status);
  auto write = [&](StringRef path) -> Error {
    std::error_code error;
    raw_fd_ostream out(path, error);
    if (!error) {
      out << bytes;
      out.close();
      error = out.error();
      out.clear_error();
    }
    if (error)
      return createStringError(error, "cannot write " + output + ": " + error.message());
    return Error::success();
  };
  if (isSpecial)
    return write(output);
  return replaceFile(output, [&](StringRef temporary) -> Error {
    if (Error error = write(temporary))
      return error;
    unsigned mask = sys::fs::getUmask();
    if (std::error_code error =
            sys::fs::setPermissions(temporary, static_cast<sys::fs::perms>(0666 & ~mask)))
      return createStringError(error, "cannot write " + output + ": " + error.message());
    return Error::success();
  });
}
