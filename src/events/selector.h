// Selector: which events of one namespace are wanted, given as a tool's arguments or as a URI.
// One set of rules for both, for lists and for watches.
//
// The API server applies field and label selectors, and a single type that it knows. What a field
// selector cannot express (one of several types, case-insensitive comparison) is applied here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "cluster/kind_query.h"
#include "events/field_selector.h"
#include "events/view.h"

namespace events {

class Selector {
 public:
  struct Words {
    std::string ns;
    std::vector<std::string> types;  // Normal, Warning, case-insensitive; empty: all
    std::string for_kind, for_name;  // of the involved object, case-insensitive; "": all
    std::string field_selector, label_selector;
  };
  Selector() = default;
  // Errc::invalid_argument when a selector is malformed, or a type is none of events.
  static base::Result<Selector> parse(Words words);
  // k0rdent://events/{namespace}[?fieldSelector=…&forKind=…&forName=…&labelSelector=…&types=A,B]
  static base::Result<Selector> from_uri(std::string_view uri);

  const std::string& ns() const { return words_.ns; }
  // As the caller names it (cluster/kind_name.h), in lower case; "": all.
  const std::string& for_kind() const { return words_.for_kind; }
  // Takes the kind that for_kind() turned out to mean. An unknown name stays: a kind that was
  // uninstalled since, or that another cluster serves, has events, too. Errc::invalid_argument: the
  // name is misspelt, or means several kinds.
  base::Result<void> resolve(const cluster::KindAnswer& answer);
  // "" when all events are selected; equal for selectors that mean the same.
  std::string key() const;

  // The part that the API server applies.
  std::string field_selector(Api api) const { return fields_.text(api); }
  const std::string& label_selector() const { return words_.label_selector; }
  bool core_only() const { return fields_.core_only(); }
  // The part that is applied here.
  bool passes(base::json::Value event, Api api) const;

 private:
  Words words_;           // in lower case where case does not matter; selectors canonical
  FieldSelector fields_;  // with the type, where the API server knows it
};

}  // namespace events
