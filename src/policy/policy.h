// Policy: decides whether a request to a cluster may be made. Immutable; a changed file makes another one.
//
// In this order, of which the first that has something to say decides:
//
//   1  a review (authentication.k8s.io, authorization.k8s.io) is allowed: it changes nothing
//   2  what is no resource: reading is allowed (/version, discovery), all else refused
//   3  a write under --read-only, or without --allow-writes, is refused
//   4  a write to the subresources status and finalize, and a verb that Kubernetes has not, is refused
//   5  delete and deletecollection under --no-destructive are refused
//   6  the rules of the file: the first that matches decides (rule.h). An allow rule matches
//        a write of Secrets                            only if `kinds` names secrets
//        a write in a system namespace                 only if `namespaces` names it
//        deletecollection                              only if `verbs` names it
//        a write to a subresource other than scale     only if `kinds` names it
//        a write that gives a node away (pod_fields.h) only with podSecurity: privileged
//        a read of what is in Secrets                  only if `kinds` names secrets
//      where "names" excludes globs; otherwise the next rule is looked at. Who may write a Secret
//      may read it for the write (Attributes::writing)
//   7  reads are allowed, but for those of Secrets; writes are refused if there is a file; without
//      one they are allowed, but for the five cases above
//
// A dry run is judged like the write itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "policy/attributes.h"
#include "policy/rule.h"
#include "policy/rule_index.h"

namespace policy {

// What the flags say.
struct Mode {
  bool allow_writes = false, read_only = false, no_destructive = false;
  bool operator==(const Mode&) const = default;
};

struct Decision {
  bool allowed = false;
  std::string rule;  // what decided: "--read-only", "rule 3 (no-secrets), line 12", "default"
  std::string why;   // for a refusal: a sentence's end, "is refused: …"; else ""
};

// What is known of a tool before it is called.
struct ToolTraits {
  bool writes = false, destroys = false;  // destroys: each of its calls removes something
};

class Policy {
 public:
  // Without a file.
  explicit Policy(Mode mode) : mode_(mode), index_(rules_) {}
  // `text`: the file's content. An error names the line.
  static base::Result<Policy> parse(Mode mode, std::string_view text);

  // Whether the request may change something: each verb but get, list and watch, and the subresources
  // exec, attach, portforward and proxy with any verb.
  static bool is_write(const Attributes& a);
  // Requires: the request is one of a resource.
  Decision decide(const Attributes& a) const;
  // Decides about a request for no resource; `reads`: its method is GET or HEAD.
  static Decision decide_other(bool reads);
  // Why no call of the tool by this caller can do what the tool is for; nullopt: some may.
  std::optional<std::string> refuses_tool(std::string_view tool, ToolTraits traits,
                                          std::string_view identity,
                                          std::string_view cluster) const;

  // Why nothing is written, whatever the rules say; nullopt: something may be.
  std::optional<std::string> writes_off() const;

  const Mode& mode() const { return mode_; }
  void set_mode(Mode mode) { mode_ = mode; }
  std::size_t rules() const { return rules_.size(); }
  bool has_file() const { return has_file_; }

 private:
  Policy(Mode mode, std::vector<Rule> rules)
      : mode_(mode), has_file_(true), rules_(std::move(rules)), index_(rules_) {}
  bool allows_write_of(const Attributes& a) const;
  std::optional<Decision> by_mode(const Attributes& a, std::uint16_t verb) const;
  Mode mode_;
  bool has_file_ = false;
  std::vector<Rule> rules_;
  RuleIndex index_;
};

}  // namespace policy
