// Rules for message heads that llhttp, as distributions build it, does not enforce: line ends,
// control characters, start lines, names, lengths. Pure functions over text, called by parser.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace http {

struct MessageHead;

// The reason for a refusal, for the peer (`status`, for requests) and the log. `what` is a literal.
struct ParseFailure {
  int status = 0;
  const char* what = "";
};

struct HeadScan {
  std::size_t size = 0;           // of the whole head with its empty line; 0: incomplete
  const char* problem = nullptr;  // set for a byte that is not allowed in a head
};
// Looks for the end of the head in `bytes`, of which the first `seen` were scanned before. A line
// must end in CRLF, must not begin with white space (obs-fold), and must not contain a control
// character other than TAB.
HeadScan scan_head(std::string_view bytes, std::size_t seen);

// nullopt: accepted.
using Verdict = std::optional<ParseFailure>;

// Checks of the start line, without its CRLF, before llhttp parses it.
Verdict check_request_line(std::string_view line);
Verdict check_status_line(std::string_view line);

// Checks after llhttp: names, count, lengths. Sets content_length and chunked.
Verdict check_headers(MessageHead& head, std::size_t max_headers);
// Checks Host, Expect, method and target. Sets expect_continue; the authority of an absolute target
// replaces Host.
Verdict check_request(MessageHead& head);

// "/a?b" → "/a", "b"; the same for "http://host/a?b", with path "/" when it has none.
void split_target(std::string_view target, std::string_view& path, std::string_view& query);

}  // namespace http
