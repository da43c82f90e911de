// What is linked into this program and which version of it: for `k0rdent-mcp version`, the bill of materials, and scanners, which
// find the name and version of OpenSSL in the file.
#pragma once

#include <string>
#include <vector>

namespace app {

struct Part {
  const char* name;
  std::string version;  // as the library itself says at run time, where it can
};

// In the order of names. A program that links shared libraries reports those that it was started with, except for simdjson and
// llhttp, which only tell what it was compiled with.
std::vector<Part> linked_parts();

}  // namespace app
