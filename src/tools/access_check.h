// AccessCheck: would the API server do this for a token now? Asked by SelfSubjectAccessReviews
// (authorization.k8s.io/v1, which everybody who is authenticated may make) with that token alone,
// one for each thing that is asked about.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "kube/client.h"
#include "kube/resource.h"
#include "tools/kube_context.h"

namespace tools {

struct Access {
  std::string verb;
  kube::Resource resource;
  std::string ns = {};  // "" : all of them, or cluster-scoped
  std::string name = {}, subresource = {};
  std::string text() const;  // "list events.events.k8s.io in namespace 'team-a'"
};

class AccessCheck {
 public:
  enum class Said : unsigned char {
    yes,      // to all
    no,       // to one at least, or the token itself is refused; `why` says which
    unknown,  // `why` it could not be asked
  };
  struct Outcome {
    Said said = Said::yes;
    std::string why = {};
  };
  using Fn = base::Delegate<void(Outcome)>;
  // `context` outlives it. `fn` once for each start, never inside it, as the last statement: the
  // object is freed there by retire() only.
  AccessCheck(KubeContext& context, Fn fn);
  ~AccessCheck();
  // Requires: not active, and something is asked about.
  void start(const kube::Credentials& credentials, std::vector<Access> asked);
  void cancel();

 private:
  class Question;
  void ask_next(Question& question);
  void on_answer(Question& question, const kube::ApiGet::Outcome& outcome);
  void finish(Outcome outcome);

  KubeContext& context_;
  Fn fn_;
  kube::Credentials credentials_ = kube::Credentials::none();
  std::vector<Access> asked_;
  std::size_t next_ = 0, answered_ = 0;
  std::vector<std::unique_ptr<Question>> questions_;  // under way side by side
};

}  // namespace tools
