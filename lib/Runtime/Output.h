// Where results go: one policy for every file that the program writes.
//
// A device, a FIFO and a descriptor (/dev/stdout, /dev/fd/3) are written in place, and so is a file
// that is a mount point, which no rename can replace. Any other file is replaced at once by a
// temporary one beside it, so that a failure leaves the old file as it was: symlinks are followed,
// the mode and where possible the owner of the old file are kept, a file that is read-only stays as
// it is. The temporary file goes on every way out; one whose run was killed holds no lock any more,
// and is removed by the next run that writes into the folder.
//
// A command tries its outputs before it works, so that nothing is computed for a file that cannot
// be written. No output may be one of the command's inputs.
#ifndef RONDO_RUNTIME_OUTPUT_H
#define RONDO_RUNTIME_OUTPUT_H

#include "Runtime/Status.h"

#include <cstdio>
#include <vector>

namespace rondo::inline runtime {

/// Fails where `path` could not be written to now.
Status tryOutput(const std::string &path);
/// Fails where the file system of `path` or a limit has no room for a new file of so many bytes.
Status tryRoom(const std::string &path, uint64_t bytes);

/// Writes the pieces as the whole file.
Status writeFile(const std::string &path, const std::vector<std::string_view> &pieces);

/// Opens a file that grows line by line: in place, emptied first unless `append`.
Status openLines(const std::string &path, bool append, std::FILE *&file);

/// Whether both paths lead to one file, be it through links; they need not exist. Devices, which
/// keep nothing, are never the same.
bool isSameFile(const std::string &a, const std::string &b);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_OUTPUT_H
