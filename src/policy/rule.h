// Rule: one rule of a policy file, and what it matches. doc/POLICY.md has the words of the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/attributes.h"

namespace policy {

// "deployments.apps/scale", "Secret", "*.k0rdent.mirantis.com": patterns of each part.
struct KindPattern {
  std::vector<std::string> resources;  // any of these; a kind has the plurals that it may have
  std::string group;                   // "*": any, "": core
  std::string subresource;             // "": the object and its subresources
  bool literal = false;                // it names one resource
  bool matches(const Attributes& a) const;
};

// An empty list means all.
struct Rule {
  bool allow = false;
  std::string name;
  int line = 0;
  std::uint16_t verbs = 0xff;
  bool names_verbs = false;  // `verbs` stood in the file, other than "*"
  std::vector<KindPattern> kinds;
  std::vector<std::string> namespaces, names, tools, identities, clusters;
  bool privileged = false;  // podSecurity: privileged
  std::string text;         // "rule 3 (no-secrets), line 12"

  // Whether the rule decides about the request. When a request covers many objects, an allow rule decides only if
  // it is about all of them, a deny rule if it is about some: in doubt nothing is allowed.
  bool matches(const Attributes& a, std::uint16_t verb) const;
  // Whether it has something to say about a tool and an identity, whatever the request.
  bool concerns(std::string_view tool, std::string_view identity, std::string_view cluster) const;
  // Whether every request of the verbs in `verbs` matches, if concerns().
  bool unconditional() const {
    return kinds.empty() && namespaces.empty() && names.empty() && !privileged;
  }

  // What an allow rule must name literally.
  bool names_kind(const Attributes& a) const;         // Secrets
  bool names_namespace(std::string_view ns) const;    // system namespaces
  bool names_subresource(const Attributes& a) const;  // other than scale
};

// An identity is "NAME/DIGEST" (auth/caller_identity.h), "self" or a peer's (net/peer_identity.h); patterns are of the name.
std::string_view user_of(std::string_view identity);

// Whether requests without a name or a namespace cover many of them.
bool covers_names(const Attributes& a, std::uint16_t verb);
bool covers_namespaces(const Attributes& a, std::uint16_t verb);

}  // namespace policy
