// Findings: the lines of doctor, printed as they are found.
#pragma once

#include <string>
#include <string_view>

namespace app {

class Findings {
 public:
  void ok(std::string_view what, std::string_view found);
  // `todo`: what the operator can do, a sentence without its full stop.
  void warn(std::string_view what, std::string_view found, std::string_view todo);
  void fail(std::string_view what, std::string_view found, std::string_view todo);
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

}  // namespace app
