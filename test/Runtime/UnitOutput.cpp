// Where results go: in place or replaced at once, tried before the work, and nothing left behind.
#include "Runtime/File.h"
#include "Runtime/Output.h"
#include "Unit.h"

#include <csignal>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rondo;

static std::string contents(const std::string &path) {
  std::string bytes;
  CHECK_OK(readFile(path, bytes));
  return bytes;
}

/// Temporary files in the folder.
static int leftovers(const std::string &folder) {
  int number = 0;
  DIR *directory = ::opendir(folder.c_str());
  while (dirent *entry = ::readdir(directory))
    number += std::string_view(entry->d_name).ends_with(".tmp");
  ::closedir(directory);
  return number;
}

static mode_t modeOf(const std::string &path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mode : 0;
}

/// What a child that does `work` ends with, as waitpid says it.
template <typename Work> static int inChild(Work work) {
  std::fflush(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

static void testReplacing(const std::string &folder) {
  std::string path = folder + "/text", link = folder + "/link", dangling = folder + "/dangling";
  CHECK_OK(writeFile(path, {"one ", "", "two"}));
  CHECK_OK(writeFile(path, {"three"}));
  CHECK(contents(path) == "three");
  // The target of a link is replaced, with its mode, and so is one that is not there yet.
  CHECK(::chmod(path.c_str(), 0640) == 0 && ::symlink("text", link.c_str()) == 0);
  CHECK_OK(tryOutput(link));
  CHECK_OK(writeFile(link, {"four"}));
  CHECK(contents(path) == "four" && S_ISLNK(modeOf(link)) && (modeOf(path) & 07777) == 0640);
  CHECK(::symlink("new", dangling.c_str()) == 0);
  CHECK_OK(writeFile(dangling, {"five"}));
  CHECK(contents(folder + "/new") == "five" && S_ISLNK(modeOf(dangling)));
  std::string loop = folder + "/loop";
  CHECK(::symlink("loop", loop.c_str()) == 0);
  CHECK_FAILS(tryOutput(loop), "Too many levels of symbolic links");
  // Read-only, for the superuser too.
  CHECK(::chmod(path.c_str(), 0444) == 0);
  CHECK_FAILS(tryOutput(link), "link': it is read-only");
  CHECK_FAILS(writeFile(link, {"x"}), "it is read-only");
  CHECK(contents(path) == "four" && ::chmod(path.c_str(), 0644) == 0);
  // A name as long as can be has a temporary file too.
  std::string longest = folder + "/" + std::string(255, 'n');
  CHECK_OK(writeFile(longest, {"x"}));
  CHECK_FAILS(tryOutput(longest + "n"), "File name too long");
  for (Status (*attempt)(const std::string &) :
       {+[](const std::string &name) { return tryOutput(name); },
        +[](const std::string &name) { return writeFile(name, {"x"}); }}) {
    CHECK_FAILS(attempt(folder + "/no/such/folder"), "No such file");
    CHECK_FAILS(attempt(folder), "it is a directory");
    CHECK_FAILS(attempt(folder + "/text/"), "Not a directory");
    CHECK_FAILS(attempt(""), "the name of a file to write is empty");
    CHECK_FAILS(attempt("/proc/nothing"), "No such file");
  }
  CHECK(leftovers(folder) == 0);

  CHECK(::link(path.c_str(), (folder + "/hard").c_str()) == 0);
  CHECK(isSameFile(path, link) && isSameFile(link, folder + "/hard"));
  CHECK(isSameFile(folder + "/later", folder + "/./later") && !isSameFile(path, longest));
  CHECK(!isSameFile(folder + "/later", path) && !isSameFile("/dev/null", "/dev/null"));
  CHECK_FAILS(tryRoom(path, uint64_t{1} << 60), "No space left on device, it would have 1152921");
}

/// Devices, FIFOs and descriptors stay what they are.
static void testInPlace(const std::string &folder) {
  CHECK_OK(tryOutput("/dev/null"));
  CHECK_OK(writeFile("/dev/null", {"gone"}));
  CHECK(S_ISCHR(modeOf("/dev/null")));
  CHECK_OK(tryOutput("/dev/full"));
  CHECK_FAILS(writeFile("/dev/full", {"x"}), "'/dev/full': No space left on device");
  std::string fifo = folder + "/fifo", path = folder + "/open";
  CHECK(::mkfifo(fifo.c_str(), 0600) == 0);
  int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  CHECK_OK(tryOutput(fifo));
  CHECK_OK(writeFile(fifo, {"through"}));
  char text[8] = "";
  CHECK(::read(reader, text, 7) == 7 && std::string(text) == "through" && S_ISFIFO(modeOf(fifo)));
  ::close(reader);
  // A descriptor goes on where it stands; the file behind it is not replaced.
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  struct stat before, after;
  CHECK(::fstat(file, &before) == 0 && ::write(file, "head ", 5) == 5);
  for (std::string name : {"/dev/fd/", "/proc/self/fd/", "/dev/../proc/self/fd/"})
    CHECK_OK(writeFile(name + std::to_string(file), {"x"}));
  CHECK(contents(path) == "head xxx" && ::stat(path.c_str(), &after) == 0 &&
        after.st_ino == before.st_ino);
  ::close(file);
  CHECK_FAILS(tryOutput("/dev/fd/" + std::to_string(file)), "No such file");
  file = ::open(path.c_str(), O_RDONLY);
  CHECK_FAILS(tryOutput("/dev/fd/" + std::to_string(file)), "it is open for reading only");
  ::close(file);
}

/// Every way out removes the temporary file.
static void testWaysOut(const std::string &folder) {
  std::string path = folder + "/kept";
  CHECK_OK(writeFile(path, {"old"}));
  // A file that may not grow that far.
  int status = inChild([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string large(5000, 'x');
    bool good =
        tryRoom(path, 5000).message().find("the limit of a file is 1000") != std::string::npos &&
        writeFile(path, {large}).message().find("File too large") != std::string::npos;
    ::_exit(good ? 0 : 1);
  });
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(contents(path) == "old" && leftovers(folder) == 0);

  // A large write that is interrupted some time into it, by what ends the program.
  static const std::string much(size_t{32} << 20, 'y');
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    std::fflush(nullptr);
    pid_t child = ::fork();
    if (child == 0) {
      std::signal(number, SIG_DFL);
      for (;;)
        if (writeFile(path, {much}).failed())
          ::_exit(1);
    }
    for (int i = 0; i < 5000 && leftovers(folder) == 0; ++i)
      ::usleep(1000);
    ::kill(child, number);
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == number);
    CHECK(leftovers(folder) == 0);
  }
  // A program that has its own handler goes on, and finishes the write.
  pid_t child = ::fork();
  if (child == 0) {
    static volatile std::sig_atomic_t seen = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { seen = 1; };
    ::sigaction(SIGINT, &action, nullptr);
    while (!seen)
      if (writeFile(path, {much}).failed())
        ::_exit(1);
    struct sigaction now;
    ::sigaction(SIGINT, nullptr, &now);
    ::_exit(now.sa_handler == action.sa_handler ? 7 : 1);
  }
  for (int i = 0; i < 5000 && leftovers(folder) == 0; ++i)
    ::usleep(1000);
  ::kill(child, SIGINT);
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7 && leftovers(folder) == 0);
  struct stat info;
  CHECK(::stat(path.c_str(), &info) == 0 && info.st_size == static_cast<off_t>(much.size()));
  ::unlink(path.c_str());

  // What a killed run leaves has no lock and goes with the next; what is being written stays.
  std::string dead = folder + "/.rondo-run-0123456789abcdef.tmp",
              alive = folder + "/.rondo-run-fedcba9876543210.tmp";
  ::close(::open(dead.c_str(), O_WRONLY | O_CREAT, 0600));
  int file = ::open(alive.c_str(), O_WRONLY | O_CREAT, 0600);
  CHECK(::flock(file, LOCK_EX) == 0);
  CHECK_OK(tryOutput(path));
  CHECK(modeOf(dead) == 0 && modeOf(alive) != 0);
  ::close(file);
  CHECK_OK(tryOutput(path));
  CHECK(leftovers(folder) == 0);
}

void testOutput() {
  std::string folder = scratchFolder() + "/output";
  CHECK(::mkdir(folder.c_str(), 0700) == 0);
  testReplacing(folder);
  testInPlace(folder);
  testWaysOut(folder);
  if (DIR *directory = ::opendir(folder.c_str())) {
    while (dirent *entry = ::readdir(directory))
      ::unlink((folder + "/" + entry->d_name).c_str());
    ::closedir(directory);
  }
  CHECK(::rmdir(folder.c_str()) == 0);
}
