// Selector: the field and label selectors of list and watch.
// Fields: =, ==, != joined by commas; only the labels that the type knows (as kube-apiserver). Labels: those, and in, notin, exists, !exists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sim/type.h"

namespace sim {

class Selector {
 public:
  // The error's text is that of the API server's 400.
  static base::Result<Selector> parse(const Type& type, std::string_view fields,
                                      std::string_view labels);

  bool empty() const { return terms_.empty(); }
  bool matches(base::json::Value object) const;
  // `members`: the JSON text of an object without its opening brace (store.h).
  bool matches_text(std::string_view members) const;

 private:
  struct Term {
    bool label;
    std::vector<std::string> path;
    bool negated;
    bool exists;  // only whether it is there counts
    std::vector<std::string> values;
  };
  static base::Result<Term> field_term(const Type& type, std::string_view text);
  static base::Result<Term> label_term(std::string_view text);
  std::vector<Term> terms_;
};

}  // namespace sim
