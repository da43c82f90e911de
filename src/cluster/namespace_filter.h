// NamespaceFilter: the operator's allow-list of namespaces: one POSIX extended regular expression
// that the whole name must match: "team-a" does not allow "xteam-abc". It applies to every tool,
// resource and caller; it narrows what RBAC allows and never widens it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cluster {

class NamespaceFilter {
 public:
  // "": everything is allowed. Errors: the expression is invalid, or has constructs of another
  // dialect that POSIX would misread (\d, (?:…), [a\-z]).
  static base::Result<NamespaceFilter> parse(std::string_view pattern);
  NamespaceFilter();
  NamespaceFilter(NamespaceFilter&&) noexcept;
  NamespaceFilter& operator=(NamespaceFilter&&) noexcept;
  ~NamespaceFilter();

  // With an expression, only DNS labels are allowed (Kubernetes accepts no other namespace names).
  bool allows(std::string_view ns) const;
  // Errc::forbidden, with a message that names the namespace and the filter.
  base::Result<void> check(std::string_view ns) const;
  const std::string& pattern() const { return pattern_; }

 private:
  struct Compiled;
  std::string pattern_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace cluster
