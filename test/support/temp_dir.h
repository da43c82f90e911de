// A directory of a test's own, removed with all in it at the end.
#pragma once

#include <string>
#include <string_view>

namespace test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  // Replaces the file as Kubernetes and careful programs do: written beside it, then renamed.
  // Returns its path.
  std::string write(std::string_view name, std::string_view content, unsigned mode = 0600) const;
  void make_dir(std::string_view name) const;
  void remove(std::string_view name) const;
  // "" when there is none.
  std::string read(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace test
