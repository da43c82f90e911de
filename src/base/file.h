// Small local files, read whole.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace base {

// The content of the file, at most `max` bytes (Errc::too_large beyond). Blocks; for small local
// files only.
Result<std::string> read_file(const std::string& path, std::size_t max);
// The same of what is read from standard input until its end. It may be a socket, which /dev/stdin
// cannot be opened as.
Result<std::string> read_standard_input(std::size_t max);
// The same while serving, where nothing may block: refuses anything but a regular file, such as a
// pipe, a terminal or a directory (invalid_argument).
Result<std::string> read_regular_file(const std::string& path, std::size_t max);
// The same for a secret of ours: refuses a file that anyone but its owner can change, or that
// everyone can read. Its group may read it, as a pod's fsGroup requires.
Result<std::string> read_secret_file(const std::string& path, std::size_t max);

}  // namespace base
