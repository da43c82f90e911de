// EventSelector: which events of one namespace are meant, as a tool's arguments or a URI say it.
// One set of rules for both, for lists and for watches.
//
// Field and label selectors are the API server's to apply; so is a single type that it knows. What
// a field selector cannot say (one of several types, spelling that ignores case) is applied here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "tools/event_fields.h"
#include "tools/event_view.h"

namespace tools {

class EventSelector {
 public:
  struct Words {
    std::string ns;
    std::vector<std::string> types;  // ignoring case; empty: all
    std::string for_kind, for_name;  // of the involved object, ignoring case; "": all
    std::string field_selector, label_selector;
  };
  EventSelector() = default;
  // Errc::invalid_argument for a selector that is none.
  static base::Result<EventSelector> parse(Words words);
  // k0rdent://events/{namespace}[?fieldSelector=…&forKind=…&forName=…&labelSelector=…&types=A,B]
  static base::Result<EventSelector> from_uri(std::string_view uri);

  const std::string& ns() const { return words_.ns; }
  // "" for all; otherwise the same for all selectors that mean the same.
  std::string key() const;

  // For the API server.
  std::string field_selector(EventApi api) const { return fields_.text(api); }
  const std::string& label_selector() const { return words_.label_selector; }
  bool core_only() const { return fields_.core_only(); }
  // What is left to be looked at here.
  bool passes(base::json::Value event, EventApi api) const;

 private:
  Words words_;         // in lower case where case does not matter
  EventFields fields_;  // with the type, where the API server knows it
};

}  // namespace tools
