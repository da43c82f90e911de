// Landlock (landlock(7)): the files that the process can reach from now on. What is open stays open.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace sandbox {

// Paths that are not there are left out. A directory stands for everything below it.
struct Paths {
  std::vector<std::string> read;
  std::vector<std::string>
      write;  // directories: files in them are read, made, written, renamed, removed
};

// Allows nothing else of the file system, no program to be executed and, where the kernel can, no new TCP
// listener and no signal to other processes. Holds for this thread and what it starts, for good. Returns
// the kernel's version of landlock; 0: it has none, and nothing is restricted. Errors: a call failed.
// Requires: allow_no_privileges() was called (seccomp.h).
base::Result<int> allow_paths(const Paths& paths);

}  // namespace sandbox
