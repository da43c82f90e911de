// Report: the answer about one object, built once as structured members and as lines for a model,
// within a number of bytes.
//
//   Report report(max_bytes);
//   report.text("name", "Name", name);          // a member and a line: always given
//   report.member("config", json);              // a member alone, if it has room
//   report.begin("services", "Services", "2/2 deployed");
//   if (!report.skips())
//     report.row(json, "cert-manager  Deployed"); // while there is room
//   report.end("services");                     // says how many were left out
//   report.note("machines: forbidden …");
//   reply.succeed(report.finish());
//
// What comes first has the first claim on the room: one list may take half of what is left. Once
// something had no room, `truncated` says so. What is always given and yet too large is cut at the
// end (held.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/tool.h"

namespace answer {

class Report {
 public:
  explicit Report(std::size_t max_bytes);
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  // Nothing when `value` is empty. `label` "": no line.
  void text(std::string_view key, std::string_view label, std::string_view value);
  void number(std::string_view key, std::int64_t value);
  void flag(std::string_view key, bool value);
  // "Label:   text", without a member. Nothing when `value` is empty.
  void line(std::string_view label, std::string_view value);
  // A line as it is.
  void raw_line(std::string_view line);
  // A member that is always given: short, or bounded by the caller. Nothing when `json` is empty.
  void required(std::string_view key, std::string_view json);
  bool fits(std::size_t bytes) const { return bytes <= room(); }
  std::size_t room() const;
  // False: no room; a note says that it was left out.
  bool member(std::string_view key, std::string_view json);

  // A list of rows, with a heading in the text. `heading` "": its rows have no lines.
  void begin(std::string_view key, std::string_view heading, std::string_view value = {});
  // Once a row had no room, none has. True: the next one is counted, and need not be made; a list may
  // have ten thousands of them.
  bool skips() {
    if (left_ > 0) ++left_;
    return left_ > 0;
  }
  // `line` "": none. False: no room.
  bool row(std::string_view json, std::string_view line = {});
  void end(std::string_view what);

  void note(std::string_view text);
  // The same of what had no room: the answer is `truncated`.
  void cut_note(std::string_view text) {
    cut_ = true;
    note(text);
  }
  mcp::ToolResult finish();

 private:
  std::size_t used() const;
  std::string json_, text_;
  base::json::Writer writer_{json_};
  std::vector<std::string> notes_;
  const std::size_t max_, notes_bytes_;
  bool cut_ = false;            // a member or a row had no room
  std::size_t escapes_ = 0;     // bytes that the text takes more inside a JSON string
  std::size_t list_limit_ = 0;  // of used(), for the list that is open
  std::size_t rows_ = 0, left_ = 0;
};

}  // namespace answer
