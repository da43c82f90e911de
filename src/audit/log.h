// Log: the audit log: a JSON object a line for each stage of a write to a cluster, and for each write that
// was refused. The lines are chained, so that a missing or changed one is found (verify.h):
//
//   {"seq":7,"time":"…","prev":"<hash of line 6>","stage":"request",…,"hash":"<hash of this line>"}
//
//   hash  SHA-256, in hex, of the line's bytes before ,"hash". Without a key the chain finds accidents
//         and careless edits only: one who can write the file can compute it anew. With a key (HMAC-SHA-256,
//         base/hash.h) only one who has the key can.
//   torn  in the first line after a piece of one, which a crash or a full disk cut short: the hash of that
//         piece, which stays in the file.
//
// No chain finds that the last lines are missing: compare `seq` with a copy kept elsewhere.
//
// A file is opened with O_APPEND and mode 0600, must be a regular one, and is locked: one process writes to it.
// The chain goes on where the last whole line ends, over restarts and over reopen(). Each line is one
// write(2), without fsync: a crash of the machine, not of the process, may lose the last lines.
//
// "-" is stderr: a line is written whole or not at all, and never waits for its reader; when it would have
// to, write() fails. "Written" then means that the kernel has it, not that a reader has read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/time.h"
#include "loop/loop.h"

namespace audit {

// A line is at most this long: a pipe takes it whole or not at all (PIPE_BUF).
constexpr std::size_t kLineBytes = 4096;
constexpr std::size_t kFieldBytes = 256;    // of one text; longer ones are cut with "…"
constexpr std::size_t kMessageBytes = 512;  // of `message`

struct Entry {
  enum class Stage : unsigned char {
    opened,   // the log itself: it was opened, or goes on in another file
    request,  // a write is about to be sent
    result,   // its outcome is known, or known to be unknown
    refused,  // a write that is not sent, because of policy
  };
  Stage stage = Stage::request;
  std::string caller;               // identity
  std::string client;               // its program's name and version, as it states them
  std::string client_id, token_id;  // of its access token
  std::string tool;
  std::string verb, group, version, resource, subresource, ns, name;
  std::string cluster;  // its name in answers
  bool allowed = true;  // "decision":"allowed" or "refused"
  std::string rule;     // which decided
  bool dry_run = false;
  std::string field_manager;  // of the write; "": a deletion has none
  std::string diff_digest;    // of what was shown for confirmation
  std::string result;         // "created", "changed", "failed", "ambiguous", …
  std::string message;        // why, for people
  base::Duration duration{};
  std::string request_id;  // joins the stages of one write
  std::string audit_id;    // the API server's
};

class Log {
 public:
  // `path`: a file, or "-" for stderr. `key`: for HMAC; "": none. Fails when the file cannot be opened or
  // locked, or its last line is not one of this log (another key, an edited file).
  // `loop`, whose wall clock dates the lines, must outlive the Log.
  static base::Result<std::unique_ptr<Log>> open(loop::Loop& loop, std::string path,
                                                 std::string key);

  // Appends a line. If it fails (disk full, closed pipe), make no write: nothing recorded it.
  base::Result<void> write(const Entry& entry);
  // Joins the stages of one write: 16 random hex digits.
  static std::string new_request_id();
  // For log rotation (SIGHUP): opens the path again. Another file there continues the chain, and its
  // first line holds the hash of the old file's last; the same file is kept. On failure the old
  // file stays in use.
  base::Result<void> reopen();

  // Changes texts before they are written, as it does for log lines. Must outlive its use.
  void set_filter(base::log::Filter* filter) { filter_ = filter; }

  struct Stats {
    std::uint64_t written = 0, failed = 0;  // lines
    std::uint64_t seq = 0;                  // of the last line
  };
  const Stats& stats() const { return stats_; }

 private:
  Log(loop::Loop& loop, std::string path, std::string key)
      : loop_(loop), path_(std::move(path)), key_(std::move(key)) {}
  base::Result<void> attach();
  base::Result<void> go_on_from(std::string_view tail);
  base::Result<void> put(std::string_view bytes);
  void take_back(std::string_view written);
  bool to_stderr() const { return path_ == "-"; }

  loop::Loop& loop_;
  const std::string path_, key_;
  base::Fd fd_;
  std::string last_hash_;     // of the last line; "" before the first
  std::string torn_;          // what follows the last line: pieces of others
  bool newline_due_ = false;  // the last line, or the piece, has no newline yet
  base::log::Filter* filter_ = nullptr;
  Stats stats_;
};

}  // namespace audit
