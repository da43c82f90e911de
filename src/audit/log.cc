#include "audit/log.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/chain.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"

namespace audit {
namespace {

// Pieces of lines that a disk which stays full may leave behind, when they cannot be taken back.
constexpr std::size_t kTornBytes = 4 * kLineBytes;
// Holds the last line and a piece of another.
constexpr std::size_t kTailBytes = 3 * kLineBytes;
// A text in a line that would be longer than kLineBytes otherwise.
constexpr std::size_t kShortBytes = 64;

constexpr std::string_view kStages[] = {"opened", "request", "result", "refused"};

base::Error damaged(const std::string& path) {
  return base::Error(base::Errc::invalid_argument,
                     path +
                         ": its last line is not one of this audit log: it was changed, or "
                         "written with another key; look with \"k0rdent-mcp audit verify\", "
                         "then move the file away");
}

// Writes an entry's members into a line.
class EntryText {
 public:
  EntryText(base::json::Writer& w, base::log::Filter* filter, bool shortened)
      : w_(w), filter_(filter), shortened_(shortened) {}

  // Left out when empty. Names of Kubernetes are never cut: none is longer than kFieldBytes.
  void name(std::string_view key, std::string_view text) { put(key, text, kFieldBytes); }
  void text(std::string_view key, std::string_view text, std::size_t most = kFieldBytes) {
    put(key, text, shortened_ ? kShortBytes : most);
  }

 private:
  void put(std::string_view key, std::string_view text, std::size_t most) {
    if (text.empty()) return;
    std::string changed;
    if (filter_ && filter_->change(key, text, changed)) text = changed;
    w_.field(key, base::printable(text, most));
  }
  base::json::Writer& w_;
  base::log::Filter* filter_;
  bool shortened_;
};

void write_entry(base::json::Writer& w, const Entry& e, EntryText out) {
  w.field("stage", kStages[static_cast<std::size_t>(e.stage)]);
  out.text("caller", e.caller);
  out.text("client", e.client);
  out.text("client_id", e.client_id);
  out.text("token_id", e.token_id);
  out.text("tool", e.tool);
  out.name("verb", e.verb);
  out.name("group", e.group);
  out.name("version", e.version);
  out.name("resource", e.resource);
  out.name("subresource", e.subresource);
  out.name("namespace", e.ns);
  out.name("name", e.name);
  out.text("cluster", e.cluster);
  if (e.stage == Entry::Stage::opened) return out.text("message", e.message, kMessageBytes);
  w.field("decision", e.allowed ? "allowed" : "refused");
  out.text("rule", e.rule);
  w.field("dry_run", e.dry_run);
  out.text("field_manager", e.field_manager);
  out.text("diff", e.diff_digest);
  out.text("result", e.result);
  out.text("message", e.message, kMessageBytes);
  if (e.stage == Entry::Stage::result) w.field("duration_ms", base::to_ms(e.duration));
  out.text("request", e.request_id);
  out.text("audit_id", e.audit_id);
}

base::Result<base::Fd> open_locked(const std::string& path) {
  // Nonblocking, for a pipe in the file's place; a regular file does not care.
  base::Fd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!fd) return base::errno_error("open " + path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return base::errno_error("stat " + path, errno);
  if (!S_ISREG(st.st_mode)) {
    return base::Error(base::Errc::invalid_argument,
                       path + " is not a regular file (\"-\" is the standard error)");
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return base::Error(base::Errc::conflict, path + ": another process writes to it");
  }
  return fd;
}

base::Result<std::string> read_tail(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return base::errno_error("stat", errno);
  const auto size = static_cast<std::size_t>(st.st_size);
  std::string tail(std::min(size, kTailBytes), '\0');
  const auto got =
      ::pread(fd, tail.data(), tail.size(), st.st_size - static_cast<off_t>(tail.size()));
  if (got != static_cast<ssize_t>(tail.size()))
    return base::errno_error("read", got < 0 ? errno : EIO);
  return tail;
}

}  // namespace

base::Result<std::unique_ptr<Log>> Log::open(loop::Loop& loop, std::string path, std::string key) {
  std::unique_ptr<Log> log(new Log(loop, std::move(path), std::move(key)));
  if (auto ok = log->attach(); !ok) return std::move(ok).error();
  return log;
}

// Opens the path, unless it is the file that is open already.
base::Result<void> Log::attach() {
  if (!to_stderr()) {
    struct stat ours {
    }, there{};
    const bool same = fd_ && ::fstat(fd_.get(), &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
                      ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
    if (same) return {};
    auto fd = open_locked(path_);
    if (!fd) return std::move(fd).error();
    auto tail = read_tail(fd->get());
    if (!tail) return std::move(tail).error().within(path_);
    if (!tail->empty()) {
      // A file with lines of its own: its chain goes on, and ours ends where it is.
      if (auto ok = go_on_from(*tail); !ok) return ok;
    } else {
      newline_due_ = false;
    }
    fd_ = *std::move(fd);
  }
  Entry opened;
  opened.stage = Entry::Stage::opened;
  if (!torn_.empty()) opened.message = "a line before this one was cut short";
  return write(opened);
}

base::Result<void> Log::reopen() {
  return attach();
}

// Finds the last line in the file's last bytes.
base::Result<void> Log::go_on_from(std::string_view tail) {
  const bool whole = tail.ends_with('\n');
  std::string_view lines = whole ? tail.substr(0, tail.size() - 1) : tail;
  const auto last_of = [](std::string_view text) { return text.substr(text.rfind('\n') + 1); };
  std::string_view last = last_of(lines), piece;
  auto line = read_chain_line(key_, last);
  if (!line && !whole) {
    piece = last;
    lines.remove_suffix(std::min(lines.size(), piece.size() + 1));
    if (!lines.empty()) line = read_chain_line(key_, last_of(lines));
    // A piece alone in its file: the chain begins after it.
    if (lines.empty() && piece.size() <= kLineBytes && tail.size() == piece.size()) line.emplace();
  }
  if (!line) return damaged(path_);
  last_hash_ = line->hash;
  stats_.seq = line->seq;
  torn_ = piece;
  newline_due_ = !whole;
  return {};
}

base::Result<void> Log::write(const Entry& entry) {
  std::string line;
  for (const bool shortened : {false, true}) {
    line.clear();
    base::json::Writer w(line);
    w.begin_object().field("seq", stats_.seq + 1);
    w.field("time", base::format_rfc3339(loop_.wall_now(), 3)).field("prev", last_hash_);
    if (!torn_.empty()) w.field("torn", chain_hash(key_, torn_));
    write_entry(w, entry, EntryText(w, filter_, shortened));
    if (line.size() + 128 <= kLineBytes) break;
  }
  const std::string hash = chain_hash(key_, line);
  line.append(hash_suffix(hash)).append("\n");
  if (newline_due_) line.insert(0, 1, '\n');
  if (auto ok = put(line); !ok) {
    ++stats_.failed;
    return std::move(ok).error().within("audit log " + path_);
  }
  last_hash_ = hash;
  torn_.clear();
  ++stats_.seq;
  ++stats_.written;
  return {};
}

base::Result<void> Log::put(std::string_view bytes) {
  if (torn_.size() > kTornBytes) {
    return base::Error(base::Errc::unavailable, "its end is damaged; rotate it");
  }
  const int fd = to_stderr() ? STDERR_FILENO : fd_.get();
  if (to_stderr()) {
    pollfd ready{fd, POLLOUT, 0};
    // A pipe whose reader has closed it reports POLLOUT|POLLERR: writing would raise SIGPIPE.
    if (::poll(&ready, 1, 0) != 1 || ready.revents != POLLOUT) {
      return base::Error(base::Errc::unavailable, "standard error has no reader that keeps up");
    }
  }
  ssize_t n = 0;
  do {
    n = ::write(fd, bytes.data(), bytes.size());
  } while (n < 0 && errno == EINTR);
  const bool whole = n == static_cast<ssize_t>(bytes.size());
  if (whole || n + 1 == static_cast<ssize_t>(bytes.size())) {
    newline_due_ = !whole;  // the next line brings it
    return {};
  }
  if (n < 0) return base::errno_error("write", errno);
  if (n > 0) take_back(bytes.substr(0, static_cast<std::size_t>(n)));
  return base::Error(base::Errc::unavailable, "short write: is the disk full?");
}

// Removes a piece that was written; if that is impossible, the next line says that it is there.
void Log::take_back(std::string_view written) {
  struct stat st {};
  const auto size = static_cast<off_t>(written.size());
  if (!to_stderr() && ::fstat(fd_.get(), &st) == 0 && st.st_size >= size &&
      ::ftruncate(fd_.get(), st.st_size - size) == 0) {
    return;
  }
  // After a newline that was due for the last line, not for a piece, the piece begins.
  if (newline_due_ && torn_.empty()) written.remove_prefix(1);
  torn_.append(written);
  newline_due_ = true;
}

std::string Log::new_request_id() {
  return base::hex(base::secure_bytes(8));
}

}  // namespace audit
