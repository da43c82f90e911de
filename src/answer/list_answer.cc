#include "answer/list_answer.h"

#include <cstddef>
#include <utility>

#include "base/json.h"
#include "base/yaml_write.h"

namespace answer {

namespace {

constexpr std::size_t kUsualWordsBytes = 256;  // beside the rows

std::vector<std::string> notes_of(const ListAnswer& answer, const Rows& rows) {
  std::vector<std::string> out = answer.notes;
  if (!rows.cut().empty()) {
    out.insert(out.begin(), "the first row has no room for all of it: " + rows.cut() +
                                "; a larger maxBytes or fewer fields give more");
  }
  return out;
}

std::string structured(const ListAnswer& answer, const Rows& rows) {
  std::string out;
  const std::string json = rows.json();
  out.reserve(json.size() + kUsualWordsBytes);
  base::json::Writer w(out);
  w.begin_object().key(answer.key).raw(json);
  if (answer.go_on.empty() && !rows.cut().empty()) w.field("truncated", true);
  if (!answer.go_on.empty()) {
    if (answer.omitted) w.field("omitted", answer.left);
    w.field("truncated", true).field("remaining", answer.left);
    if (answer.at_least) w.field("atLeast", true);
    w.field("continue", answer.go_on);
  }
  if (const auto notes = notes_of(answer, rows); !notes.empty()) {
    w.key("notes").begin_array();
    for (const std::string& note : notes)
      w.string(note);
    w.end_array();
  }
  w.end_object();
  return out;
}

std::string table(const ListAnswer& answer, const Rows& rows) {
  std::string out = rows.count() > 0 ? rows.table() : answer.nothing + ".\n";
  if (!answer.go_on.empty()) {
    out += "\n" + std::string(answer.at_least ? "at least " : "") + std::to_string(answer.left) +
           " more; go on with continue=" + answer.go_on + "\n";
  }
  for (const std::string& note : notes_of(answer, rows))
    out += "\nNote: " + note + "\n";
  return out;
}

}  // namespace

mcp::ToolResult list_result(const ListAnswer& answer, const Rows& rows) {
  mcp::ToolResult out;
  out.structured_json = structured(answer, rows);
  if (answer.format == Format::table)
    out.content.push_back(mcp::Content::of_text(table(answer, rows)));
  if (answer.format == Format::yaml) {
    std::string yaml;
    base::json::Document doc;
    if (const auto root = doc.parse(out.structured_json)) base::yaml::append_yaml(yaml, *root);
    out.content.push_back(mcp::Content::of_text(std::move(yaml)));
  }
  return out;
}

Format format_of(std::string_view word) {
  return word == "json" ? Format::json : word == "yaml" ? Format::yaml : Format::table;
}

}  // namespace answer
