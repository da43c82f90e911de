// WatchedFile: a small local file that others rotate (token, CA, certificate, key). Its last good
// content stays in use: a file that is temporarily missing, empty or invalid only causes a warning.
// It is checked by reading it again, because projected volumes swap a symbolic link two directories
// up, which a watch on the file itself would miss.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace base {

constexpr Duration kFileCheck = seconds(50);           // client-go's effective token period
constexpr std::size_t kSecretFileBytes = 1024 * 1024;  // a CA bundle of some hundred certificates

// Returns the content unchanged; invalid_argument when it is empty.
Result<std::string> accept_pem(std::string_view content);

class WatchedFile {
 public:
  using AcceptFn = Result<std::string> (*)(std::string_view content);
  // `what` names it in warnings ("token file"). With an empty path it never has content.
  WatchedFile(std::string what, std::string path, AcceptFn accept);

  // Reads the file with `force`, or when the last check is older than kFileCheck. Returns true when
  // content() changed.
  bool refresh(TimePoint now, bool force);
  bool has_path() const { return !path_.empty(); }
  // "" until the file was read successfully once.
  const std::string& content() const { return content_; }
  // Why the last check failed; "" when it succeeded.
  const std::string& problem() const { return problem_; }

 private:
  std::string what_, path_, content_, problem_;
  AcceptFn accept_;
  std::optional<TimePoint> looked_;
};

}  // namespace base
