#include "answer/held.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "answer/fitted.h"
#include "answer/members.h"
#include "base/json.h"

namespace answer {

using base::json::Value;
using base::json::Writer;

namespace {

// What the words about the cut take, in the text and in the structured answer.
constexpr std::size_t kWordsBytes = 512;
// Less is not tried: the names of its members need as much.
constexpr std::size_t kLeastBytes = 256;
constexpr std::size_t kLongestLine = 4096, kShortestLine = 64;

std::size_t as_string(std::string_view text) {
  return text.size() +
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) {
           return c == '"' || c == '\\' || c < 0x20;
         }));
}

std::string with_lines_of(std::string_view text, std::size_t most, std::size_t room) {
  std::string out;
  std::size_t taken = 8;  // the last line
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = cut_text(text.substr(0, end), most);
    taken += as_string(line) + 2;
    if (taken > room) return out.append("…\n");
    out.append(line).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void hold_text(std::string& text, std::size_t room) {
  std::string out = text;
  for (std::size_t most = kLongestLine; as_string(out) > room && most >= kShortestLine; most /= 4)
    out = with_lines_of(text, most, text.size() * 6);
  if (as_string(out) > room) out = with_lines_of(text, kShortestLine, room);
  text = std::move(out);
}

// The object with `truncated` and one note more.
std::string marked(Value object, const std::string& note) {
  std::string out;
  Writer w(out);
  w.begin_object();
  for (const auto& [key, value] : object.object()) {
    if (key != "truncated" && key != "notes") w.key(key).raw(value.to_json());
  }
  w.field("truncated", true).key("notes").begin_array().string(note);
  for (const Value each : object["notes"].array())
    w.raw(each.to_json());
  w.end_array().end_object();
  return out;
}

}  // namespace

std::size_t sent_bytes(const mcp::ToolResult& result) {
  return result.structured_json.size() +
         as_string(result.content.empty() ? result.structured_json : result.content.front().text);
}

void hold(mcp::ToolResult& result, std::size_t max_bytes) {
  if (sent_bytes(result) <= max_bytes) return;
  const std::size_t room = max_bytes - std::min(max_bytes, kWordsBytes);
  std::string* text = result.content.empty() ? nullptr : &result.content.front().text;
  if (text) {
    hold_text(*text, std::max(room / 2, room - std::min(room, result.structured_json.size())));
    text->append("Note: the answer is cut; give a larger maxBytes\n");
  }
  const std::string whole = std::move(result.structured_json);
  base::json::Document doc, cut;
  const auto root = doc.parse(whole);
  const std::size_t taken = text ? as_string(*text) : room / 2;
  for (std::size_t most = room - std::min(room, taken);; most -= most / 4) {
    most = std::max(most, kLeastBytes);
    const Fitted fitted = root ? fitted_answer(*root, most) : Fitted{"{}", {}};
    const auto part = cut.parse(fitted.json);
    result.structured_json =
        marked(part ? *part : Value(),
               (fitted.cut.empty() ? std::string("lines of the text are cut") : fitted.cut) +
                   "; give a larger maxBytes");
    if (most == kLeastBytes || sent_bytes(result) <= max_bytes) return;
  }
}

}  // namespace answer
