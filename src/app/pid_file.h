// PidFile: holds the process id for as long as it lives. A file of another process that still runs,
// or one with other content, is not overwritten; only our own is removed.
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
  // Errc::conflict when the process named there is alive, or it names none.
  base::Result<void> write(const std::string& path);
  // Now, for who leaves without a destructor.
  void remove();

 private:
  std::string path_;
};

}  // namespace app
