#include "answer/report.h"

#include <algorithm>
#include <utility>

#include "answer/held.h"
#include "base/counted.h"
#include "base/text.h"

namespace answer {

namespace {

// What is kept for the notes: a sixth of the answer, so that a small one is not all reserve. They
// take what is left beside.
constexpr std::size_t kNotesBytes = 3 * 1024;
constexpr std::size_t kNotesShare = 6;
// An answer is of some thirty requests, each with a note or two.
constexpr std::size_t kNotes = 100, kNoteBytes = 600;
// The member's name, `truncated`, and the note that says how many are left out.
constexpr std::size_t kNotesFrame = 160;
constexpr std::size_t kLabelWidth = 14;

std::size_t escapes(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](unsigned char c) { return c == '"' || c == '\\' || c < 0x20; }));
}

// What a note takes: a text in quotes, with a comma, and its line, which is inside a JSON string.
std::size_t sent_bytes(const std::string& note) {
  return 2 * (note.size() + escapes(note)) + sizeof(R"("",Note: \n)");
}

// One line, for a model or a terminal.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return out;
}

}  // namespace

Report::Report(std::size_t max_bytes)
    : max_(max_bytes), notes_bytes_(std::min(kNotesBytes, max_bytes / kNotesShare)) {
  writer_.begin_object();
}

std::size_t Report::used() const {
  return json_.size() + text_.size() + escapes_;
}

std::size_t Report::room() const {
  const std::size_t taken = used() + notes_bytes_;
  return taken < max_ ? max_ - taken : 0;
}

void Report::raw_line(std::string_view line) {
  const std::string one = one_line(line);
  text_.append(one).append("\n");
  escapes_ += escapes(one) + 1;
}

void Report::line(std::string_view label, std::string_view value) {
  if (value.empty()) return;
  std::string out(label);
  out += ':';
  if (out.size() < kLabelWidth) out.resize(kLabelWidth, ' ');
  raw_line(out.append(" ").append(value));
}

void Report::text(std::string_view key, std::string_view label, std::string_view value) {
  if (value.empty()) return;
  writer_.field(key, value);
  if (!label.empty()) line(label, value);
}

void Report::number(std::string_view key, std::int64_t value) {
  writer_.key(key).integer(value);
}

void Report::flag(std::string_view key, bool value) {
  writer_.key(key).boolean(value);
}

void Report::required(std::string_view key, std::string_view json) {
  if (!json.empty()) writer_.key(key).raw(json);
}

bool Report::member(std::string_view key, std::string_view json) {
  if (json.empty()) return true;
  if (json.size() + key.size() + 4 > room()) {
    note("'" + std::string(key) + "' has " + std::to_string(json.size()) +
         " bytes and was left out; give a larger maxBytes");
    cut_ = true;
    return false;
  }
  writer_.key(key).raw(json);
  return true;
}

void Report::begin(std::string_view key, std::string_view heading, std::string_view value) {
  writer_.key(key).begin_array();
  if (!heading.empty()) {
    const std::string label = std::string(heading) + ":";
    value.empty() ? raw_line(label) : line(heading, value);
  }
  list_limit_ = used() + room() / 2;
  rows_ = left_ = 0;
}

bool Report::row(std::string_view json, std::string_view line) {
  const std::size_t more = json.size() + 1 + line.size() + escapes(line) + 1;
  if (left_ > 0 || used() + more > list_limit_) {
    ++left_;
    return false;
  }
  ++rows_;
  writer_.raw(json);
  if (!line.empty()) raw_line(line);
  return true;
}

void Report::end(std::string_view what) {
  writer_.end_array();
  if (left_ == 0) return;
  cut_ = true;
  note(std::to_string(left_) + " of " + std::to_string(rows_ + left_) + " " + std::string(what) +
       " were left out; give a larger maxBytes");
}

void Report::note(std::string_view text) {
  if (notes_.size() < kNotes) notes_.push_back(base::printable(text, kNoteBytes));
}

mcp::ToolResult Report::finish() {
  const std::size_t taken = used() + kNotesFrame;
  const std::size_t most = std::max(notes_bytes_, taken < max_ ? max_ - taken : 0);
  std::size_t given = 0, bytes = 0;
  for (; given < notes_.size(); ++given) {
    bytes += sent_bytes(notes_[given]);
    if (given > 0 && bytes > most) break;
  }
  if (const std::size_t left = notes_.size() - given; left > 0) {
    notes_.resize(given);
    notes_.push_back(base::counted(left, "more note") + " left out; give a larger maxBytes");
    cut_ = true;
  }
  if (cut_) writer_.field("truncated", true);
  if (!notes_.empty()) {
    writer_.key("notes").begin_array();
    for (const std::string& each : notes_) {
      writer_.string(each);
      raw_line("Note: " + each);
    }
    writer_.end_array();
  }
  writer_.end_object();
  mcp::ToolResult result;
  result.content.push_back(mcp::Content::of_text(std::move(text_)));
  result.structured_json = std::move(json_);
  hold(result, max_);
  return result;
}

}  // namespace answer
