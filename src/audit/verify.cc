#include "audit/verify.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "audit/chain.h"
#include "audit/log.h"
#include "base/fd.h"

namespace audit {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kPieceBytes = 8 * kLineBytes;  // more was never left by a Log

}  // namespace

base::Result<void> Verifier::file(const std::string& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::errno_error("open " + path, errno);
  begin(path);
  std::string text, chunk(kReadBytes, '\0');
  while (problem_.empty()) {
    const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::errno_error("read " + path, errno);
    if (n == 0) break;
    text.append(chunk, 0, static_cast<std::size_t>(n));
    std::size_t from = 0;
    for (std::size_t at = 0; (at = text.find('\n', from)) != text.npos; from = at + 1)
      line(std::string_view(text).substr(from, at - from), true);
    text.erase(0, from);
    if (text.size() > kPieceBytes) wrong(number_ + 1, "is not a line of this audit log");
  }
  if (!text.empty() && problem_.empty()) line(text, false);
  return {};
}

void Verifier::begin(std::string name) {
  name_ = std::move(name);
  number_ = 0;
}

void Verifier::line(std::string_view text, bool whole) {
  if (!problem_.empty()) return;
  ++number_;
  const auto read = read_chain_line(key_, text);
  if (!read) {
    if (piece_.empty()) {
      piece_at_ = number_;
      piece_name_ = name_;
    }
    piece_.append(piece_.empty() ? "" : "\n").append(text);
    piece_whole_ = whole;
    if (text.empty() || piece_.size() > kPieceBytes)
      wrong(number_, "is not a line of this audit log");
    return;
  }
  if (!piece_.empty()) {
    if (read->torn != chain_hash(key_, piece_)) return end();
    piece_.clear();
    ++torn_;
  } else if (!read->torn.empty() && lines_ > 0) {
    return wrong(number_, "names a torn piece before it, which is missing");
  }
  if (lines_ > 0 && read->seq > last_ + 1) {
    const bool one = read->seq == last_ + 2;
    return wrong(number_, "follows a gap: line" + std::string(one ? " " : "s ") +
                              std::to_string(last_ + 1) +
                              (one ? " is" : " to " + std::to_string(read->seq - 1) + " are") +
                              " missing (by their seq)");
  }
  if (lines_ > 0 && (read->seq != last_ + 1 || read->prev != prev_)) {
    return wrong(number_, "does not follow the line before it: it has seq " +
                              std::to_string(read->seq) + " after " + std::to_string(last_) +
                              ", and another prev");
  }
  if (lines_ == 0) first_ = read->seq;
  last_ = read->seq;
  prev_ = read->hash;
  ++lines_;
}

void Verifier::end() {
  if (piece_.empty() || !problem_.empty()) return;
  name_ = piece_name_;
  wrong(piece_at_, piece_whole_ ? "was changed, or written with another key (its hash does not fit)"
                                : "is torn: it was cut short, and no later line says so");
}

void Verifier::wrong(std::uint64_t at, std::string_view what) {
  if (problem_.empty())
    problem_ = name_ + ":" + std::to_string(at) + ": the line " + std::string(what);
}

}  // namespace audit
