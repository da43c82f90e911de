// The rules for message heads that llhttp, as distributions build it, does not enforce: line ends,
// controls, start lines, names, lengths. Pure functions over text; parser.cc is their caller.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace http {

struct MessageHead;

// What to tell a peer (requests: the status) and the log. `what` is a literal.
struct ParseFailure {
  int status = 0;
  const char* what = "";
};

struct HeadScan {
  std::size_t size = 0;           // of the whole head, its empty line included; 0: not whole yet
  const char* problem = nullptr;  // a byte that no head may have
};
// Looks for the end of the head in `bytes`, of which the first `seen` were looked at before. A line
// must end in CRLF, must not begin with white space (obs-fold), and holds no control character but
// TAB.
HeadScan scan_head(std::string_view bytes, std::size_t seen);

// nullopt: nothing wrong.
using Verdict = std::optional<ParseFailure>;

// The start line without its CRLF; before llhttp sees it.
Verdict check_request_line(std::string_view line);
Verdict check_status_line(std::string_view line);

// After llhttp: names, count, lengths. Fills content_length and chunked.
Verdict check_headers(MessageHead& head, std::size_t max_headers);
// Host, Expect, method and target. Fills expect_continue; an absolute target's authority replaces
// Host.
Verdict check_request(MessageHead& head);

// "/a?b" → "/a", "b"; the same of "http://host/a?b" ("/" when it has no path).
void split_target(std::string_view target, std::string_view& path, std::string_view& query);

}  // namespace http
