// The arguments of list tools and the two schemas of a ListRow's tool. list_tool.h says what each
// argument means.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "answer/list_row.h"
#include "mcp/schema.h"

namespace answer {

constexpr std::int64_t kDefaultRows = 100, kMostRows = 1000;
// maxBytes of a call. 32 KiB are some 10,000 tokens: a tenth of a small model's context.
constexpr std::int64_t kDefaultAnswerBytes = 32 * 1024, kMostAnswerBytes = 1024 * 1024;
constexpr std::int64_t kLeastAnswerBytes = 4 * 1024;
// What counts for a call that names none: kDefaultAnswerBytes, or the operator's choice
// (--answer-bytes), which is set once, before the first call.
std::int64_t default_answer_bytes();
void set_default_answer_bytes(std::int64_t bytes);
constexpr std::string_view kTable = "table", kJson = "json", kYaml = "yaml";

struct ListArguments {
  std::string kind, ns, label_selector, field_selector, selector, provider, scope, go_on, sort_by,
      format{kTable};
  std::vector<std::string> fields;
  bool wide = false;
  std::int64_t limit = kDefaultRows, max_bytes = default_answer_bytes();
  // Only rows with a source of their own take these; `first` is named limit.
  std::vector<std::string> types;
  std::string for_kind, for_name;
  std::int64_t since_seconds = 0, first = 0;
};

// Those that choose and order rows, by name: what a cursor is bound to (cursor.h).
std::map<std::string, std::string> selecting(const ListArguments& arguments);

// Only the arguments that the row takes.
mcp::Schema list_input(const ListRow& row);
// Only what clients check and models read: names and types.
mcp::Schema list_output(const ListRow& row);

}  // namespace answer
