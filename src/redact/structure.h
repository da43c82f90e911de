// Structure: what the surroundings of a value say about it, in an object as in a text of YAML or
// JSON. The name of a map or a list says it about all that is in it, however deep:
//
//   passwords: {admin: x}    secretEnv: {DB: x}    apiKeys: [x]    encryption: {keys: [x]}
//   {name: DB_PASSWORD, value: x}    {key: api-key, type: string, default: x}
//   password: {type: string, default: x, enum: [x]}
//
// What stays: what describes it (secretName, length, description), a reference ({name, key}), and
// what a schema has besides values.
#pragma once

#include <string_view>

#include "redact/key_words.h"

namespace redact {

// What a value is.
enum class Kind : unsigned char { text, number, other, list, map };

struct Around {
  Holds holds = Holds::nothing;  // of a value, or of all that is in it
  std::string_view name;         // of a map or a list
  bool given = false;   // its name does not say that by itself: that of a map around it does
  bool many = false;    // it has a secret for each of its names
  bool labels = false;  // names in it say nothing about values
};

// What the members of an object say together.
class Facts {
 public:
  Facts() = default;
  // `members`: calls what it is given with the name, the kind and the text of each member.
  template <class Members>
  Facts(const Around& around, Members members) {
    members(
        [&](std::string_view key, Kind kind, std::string_view value) { add(key, kind, value); });
    if (needs_more(around)) {
      members([&](std::string_view key, Kind kind, std::string_view value) {
        add_more(key, kind, value);
      });
    }
  }

  bool is_schema() const { return schema_; }
  bool is_reference() const { return named_object_ && !others_; }
  Holds named() const { return named_; }  // the name in {"name": …, "value": …}
  Holds keys() const { return keys_; }    // what its members `key` and `keys` are

 private:
  void add(std::string_view key, Kind kind, std::string_view value);
  bool needs_more(const Around& around);
  void add_more(std::string_view key, Kind kind, std::string_view value);

  std::string_view name_, other_name_;
  Holds named_ = Holds::nothing, keys_ = Holds::nothing;
  bool has_value_ = false, has_key_ = false;
  bool schema_ = false, named_object_ = false, others_ = false;
};

// What stands around the member `key` of an object. `before`: the key of the member before it.
Around member_of(const Around& around, const Facts& facts, std::string_view key, Kind kind,
                 std::string_view before);
// What stands around an element of a list.
Around element_of(const Around& around, Kind kind);

// Is it what a Secret has as its type: Opaque, kubernetes.io/tls?
bool is_secret_type(std::string_view type);

// Is a value that is no string a secret? `text`: as it is written.
bool is_secret_number(const Around& around, std::string_view text);

}  // namespace redact
