// FieldSelector: a field selector for events, written in the names of either event API and rendered
// in those of the API that is queried (Kubernetes "Field Selectors"; the labels that kube-apiserver
// supports for events):
//
//   core/v1                  events.k8s.io/v1
//   involvedObject.LEAF      regarding.LEAF         LEAF: kind, namespace, name, uid, apiVersion,
//                                                   resourceVersion, fieldPath
//   reportingComponent       reportingController
//   source                   -
//   reason                   reason
//   type                     type
//   metadata.name            metadata.name
//   metadata.namespace       metadata.namespace
//
// A selector is a list of comparisons with =, == or != joined by commas; all must hold. In values
// ',', '=' and '\' are escaped with a backslash.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "events/view.h"

namespace events {

class FieldSelector {
 public:
  FieldSelector() = default;
  // Errc::invalid_argument: what is wrong and what would be right.
  static base::Result<FieldSelector> parse(std::string_view text);

  bool empty() const { return terms_.empty(); }
  // The present selector in `api`'s names, its terms sorted: equal for equal selectors.
  std::string text(Api api) const;
  // One of its labels is not known to events.k8s.io/v1.
  bool core_only() const;
  // Adds type=`type`. Requires: a type without characters that need escapes.
  void add_type(std::string_view type);

 private:
  struct Term {
    std::size_t label;  // in the table
    std::string leaf;   // of involvedObject
    std::string op_and_value;
  };
  static base::Result<Term> parse_term(std::string_view text);
  std::vector<Term> terms_;
};

}  // namespace events
