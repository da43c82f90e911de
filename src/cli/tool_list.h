// ToolList: what the server offers, read page by page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/session.h"

namespace cli {

// A server that offers more pages than this gives cursors that do not end.
constexpr int kToolPages = 100;

class ToolList {
 public:
  // Asks the server. The Outcome of the request that failed; nullopt: all is read.
  std::optional<client::Outcome> load(Session& session);

  // "k0rdent.mgmt.events.list", with underscores, or the end of one name alone: "events.list". Absent:
  // there is none, or several.
  base::json::Value find(std::string_view name) const;
  // Those with `text` in their name.
  std::vector<base::json::Value> with(std::string_view text) const;
  // Why find() has none, with the nearest name.
  std::string problem(std::string_view name) const;
  std::vector<base::json::Value> all() const;

 private:
  std::vector<base::json::Document> pages_;
};

}  // namespace cli
