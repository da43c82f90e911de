#include "base/watched_file.h"

#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

namespace base {

Result<std::string> accept_pem(std::string_view content) {
  if (trim(content).empty()) return Error(Errc::invalid_argument, "is empty");
  return std::string(content);
}

WatchedFile::WatchedFile(std::string what, std::string path, AcceptFn accept)
    : what_(std::move(what)), path_(std::move(path)), accept_(accept) {}

bool WatchedFile::refresh(TimePoint now, bool force) {
  if (path_.empty()) return false;
  if (!force && looked_ && now - *looked_ < kFileCheck) return false;
  looked_ = now;
  const auto read = read_regular_file(path_, kSecretFileBytes);
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

}  // namespace base
