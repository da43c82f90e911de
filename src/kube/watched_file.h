// WatchedFile: a small local file that others rotate (token, CA, certificate, key). Its last good content is kept: a file that is missing, empty or
// not acceptable for a while changes nothing but a warning. Looked at by reading it again (projected volumes swap a symbolic link
// two directories up, which a watch on the file itself would miss).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace kube {

constexpr base::Duration kFileCheck = base::seconds(50);  // client-go's effective token re-read period
constexpr std::size_t kSecretFileBytes = 1024 * 1024;     // a CA bundle of some hundred certificates

// What a bearer token may hold: printable ASCII without spaces; anything else could end the header line.
bool is_bearer_token(std::string_view token);
// Trimmed; invalid_argument when empty or not is_bearer_token. The error never holds the token.
base::Result<std::string> accept_token(std::string_view content);
// As it is; invalid_argument when there is nothing in it.
base::Result<std::string> accept_pem(std::string_view content);

class WatchedFile {
 public:
  using AcceptFn = base::Result<std::string> (*)(std::string_view content);
  // `what` names it in warnings ("token file"). An empty path: never anything.
  WatchedFile(std::string what, std::string path, AcceptFn accept);

  // Reads it when `force`, or when the last look is older than kFileCheck. True: content() is another one than before.
  bool refresh(base::TimePoint now, bool force);
  bool has_path() const { return !path_.empty(); }
  // "" until it could be read once.
  const std::string& content() const { return content_; }
  // Why the last look gave nothing; "" when it did.
  const std::string& problem() const { return problem_; }

 private:
  std::string what_, path_, content_, problem_;
  AcceptFn accept_;
  std::optional<base::TimePoint> looked_;
};

}  // namespace kube
