// Standard output of the commands that print and end. What could not be written is never lost in
// silence: a full disk under `k0rdent-mcp rbac view > role.yaml` is an error of the command. The
// reader of a pipe that closes it (`| head -1`) has all that it wants, and is none.
#pragma once

#include <string_view>

namespace base {

// Opens /dev/null for each of the descriptors 0, 1 and 2 that the process was started without: the
// next file or connection would get its number, and be sent what is meant for standard output or
// error. Writing to a standard output that was missing still fails. Ignores SIGPIPE, so that write()
// reports a closed pipe. Requires: nothing was opened before.
void open_standard_descriptors();

// Writes the whole text, waiting where standard output does not block. After a failure nothing more
// is written. False: this text or one before it was not written.
bool write_output(std::string_view text);
bool output_is_lost();

// What a command exits with whose work ended with `code`. When output is lost, tells it on standard
// error and is 1, unless the reader of a pipe closed it.
int exit_code_with_output(int code);

}  // namespace base
