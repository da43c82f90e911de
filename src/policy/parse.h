// Reads a policy file (doc/POLICY.md):
//
//   rules:
//     - name: no-secrets          # optional
//       effect: deny              # or allow; the only word that is required
//       verbs: [write]            # the API's verbs, read, write, *
//       kinds: [secrets]          # plurals, kinds; .GROUP, /SUBRESOURCE
//       namespaces: [prod-*]      # globs, as in all lists below
//       names: [...]
//       tools: [k0rdent.mgmt.objects.*]
//       identities: [ann@example.com]
//       clusters: [...]
//       podSecurity: privileged   # or default
//
// Whatever it does not know is refused, with the line and the nearest word that it knows.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "policy/rule.h"

namespace policy {

// 1,000 long rules need half of it; parsing holds the loop for some ten milliseconds.
constexpr std::size_t kFileBytes = 512 * 1024;
constexpr std::size_t kRules = 2048;        // decisions stay below 2 us with this many
constexpr std::size_t kPatterns = 256;      // in one list
constexpr std::size_t kPatternBytes = 512;  // the longest name that is matched has 253
constexpr std::size_t kNameBytes = 64;      // of a rule

base::Result<std::vector<Rule>> parse_rules(std::string_view text);

// The plurals that a kind or a plural may mean, in lower case; the last is the likeliest of a kind.
std::vector<std::string> plurals(std::string_view word);

}  // namespace policy
