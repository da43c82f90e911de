#include "support/temp_dir.h"

#include <cstdio>
#include <filesystem>

#include <sys/stat.h>

#include "base/check.h"
#include "base/file.h"

namespace test {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "k0rdent-test-XXXXXX").string();
  CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(std::string_view name, std::string_view content, unsigned mode) const {
  const std::string to = path(name), beside = to + ".new";
  std::FILE* file = std::fopen(beside.c_str(), "we");
  CHECK(file != nullptr);
  CHECK(std::fwrite(content.data(), 1, content.size(), file) == content.size());
  CHECK(std::fclose(file) == 0);
  CHECK(::chmod(beside.c_str(), mode) == 0);
  CHECK(std::rename(beside.c_str(), to.c_str()) == 0);
  return to;
}

void TempDir::make_dir(std::string_view name) const {
  std::filesystem::create_directories(path(name));
}

void TempDir::remove(std::string_view name) const {
  std::filesystem::remove_all(path(name));
}

std::string TempDir::read(std::string_view name) const {
  const auto content = base::read_file(path(name), 1 << 20);
  return content ? *content : std::string();
}

}  // namespace test
