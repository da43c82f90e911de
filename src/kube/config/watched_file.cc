#include "kube/config/watched_file.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace kube::config {

bool is_bearer_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

base::Result<std::string> accept_token(std::string_view content) {
  const std::string_view token = base::trim(content);
  if (token.empty()) return base::Error(base::Errc::invalid_argument, "is empty");
  if (!is_bearer_token(token)) {
    return base::Error(base::Errc::invalid_argument,
                       "holds a space, a control or a non-ASCII character, which a token must not");
  }
  return std::string(token);
}

base::Result<std::string> accept_pem(std::string_view content) {
  if (base::trim(content).empty()) return base::Error(base::Errc::invalid_argument, "is empty");
  return std::string(content);
}

WatchedFile::WatchedFile(std::string what, std::string path, AcceptFn accept)
    : what_(std::move(what)), path_(std::move(path)), accept_(accept) {}

bool WatchedFile::refresh(base::TimePoint now, bool force) {
  if (path_.empty()) return false;
  if (!force && looked_ && now - *looked_ < kFileCheck) return false;
  looked_ = now;
  const auto read = base::read_regular_file(path_, kSecretFileBytes);
  const auto accepted = read ? accept_(*read) : read;
  if (!accepted) {
    // The reader's error already names the path.
    std::string problem = what_ + (read ? " " + path_ + " " : ": ") + accepted.error().what();
    if (problem != problem_) {
      LOG_WARN(content_.empty() ? "a file cannot be used"
                                : "a file cannot be used, its last good content is kept",
               {"error", problem});
    }
    problem_ = std::move(problem);
    return false;
  }
  problem_.clear();
  if (*accepted == content_) return false;
  content_ = *accepted;
  return true;
}

}  // namespace kube::config
