// Pages: the pages of an answer as one (call --all), as JSON and as text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "cli/output.h"

namespace cli {

class Pages {
 public:
  // `more`: another page follows. False: the whole is too long for this program.
  bool add_json(base::json::Value structured, bool more);
  bool add_text(std::string_view text, bool more);
  // One page as it was. Of several the lists of objects have the rows of all, in order; other members
  // are the last page's, and what tells of a cut is left out. "": no page was added.
  std::string json() const;
  // Several tables become one, with columns as wide as the widest cell of all. Other texts follow one
  // another, without what each but the last says at its end of what is left.
  std::string text() const;

 private:
  struct Rows {
    std::string key, json;
  };
  Rows& rows(std::string_view key);
  std::size_t pages_ = 0;
  std::vector<Rows> rows_;
  std::size_t bytes_ = 0;
  std::string last_;  // the last page's JSON
  bool is_table_ = true;
  Table table_;
  std::string rest_, texts_;
};

}  // namespace cli
