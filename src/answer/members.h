// The values of a row's members (list_row.h), and members that objects of many kinds have.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "answer/list_row.h"
#include "base/json.h"
#include "base/time.h"

namespace answer {

// A condition's message may be a page of Helm's output; the whole one is in the object.
constexpr std::size_t kMessageBytes = 512;

// A text as it is, or its first `most` bytes at most, at a whole character, and "…". It may have several
// lines: what shows it on one makes it one (Report, Table).
std::string cut_text(std::string_view text, std::size_t most);

// "string", "boolean", …, as JSON Schema names it.
std::string_view schema_type(MemberType type);
// The member of an object, as JSON; "": it has none.
std::string member_json(const RowMember& member, base::json::Value object, base::WallTime now);
// The same into `out`, whose memory serves the next member, too.
void member_json(const RowMember& member, base::json::Value object, base::WallTime now,
                 std::string& out);

// The value as a JSON string; nothing when it is empty.
void append_text(std::string& out, std::string_view value);
// {"name":…,"namespace":…,"version":…}; nothing without a name.
void append_reference(std::string& out, std::string_view name, std::string_view ns,
                      std::string_view version = {});

// For RowMember::write: they append the value as JSON, or nothing when the object has none.
void age_seconds(base::json::Value object, base::WallTime now, std::string& out);
void is_ready(base::json::Value object, base::WallTime now, std::string& out);
void ready_message(base::json::Value object, base::WallTime now, std::string& out);

}  // namespace answer
