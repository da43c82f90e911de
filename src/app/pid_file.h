// PidFile: a file that holds the process id while this object lives. A file that names another
// running process, or that has other content, is not overwritten; only a file with our own id is
// removed.
#pragma once

#include <string>

#include "base/error.h"

namespace app {

class PidFile {
 public:
  PidFile() = default;
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  // Errc::conflict when the existing file names a running process or holds no process id.
  base::Result<void> write(const std::string& path);
  // Removes the file now, for an exit without destructors.
  void remove();

 private:
  std::string path_;
};

}  // namespace app
