// Check: asks the API server whether a token may do certain things now. Sends one
// SelfSubjectAccessReview (authorization.k8s.io/v1, which every authenticated user may create) for
// each access asked about, authenticated with that token alone; or, for a caller that is
// impersonated, made as that user with the server's credentials. That is the same question as a
// SubjectAccessReview, needs no right that the requests themselves do not need, and the API server
// fills in the groups that it adds to the user.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "kube/client.h"
#include "kube/resource.h"

namespace auth {

struct Access {
  std::string verb;
  kube::Resource resource;
  std::string ns = {};  // "": all namespaces, or cluster-scoped
  std::string name = {}, subresource = {};
  std::string text() const;  // "list events.events.k8s.io in namespace 'team-a'"
};

class Check {
 public:
  enum class Said : unsigned char {
    yes,      // every access is allowed
    no,       // at least one is denied, or the token itself is refused; `why` says which
    unknown,  // the check could not be made; `why` gives the reason
  };
  struct Outcome {
    Said said = Said::yes;
    std::string why = {};
  };
  using Fn = base::Delegate<void(Outcome)>;
  // `cluster` must outlive this. `fn` runs once for each start(), never inside it, and as the last
  // statement: it may free this, but only by Loop::retire().
  Check(cluster::Cluster& cluster, Fn fn);
  ~Check();
  // Requires: no check is active, and `asked` is not empty.
  void start(const kube::config::Credentials& credentials, std::vector<Access> asked);
  void cancel();

 private:
  class Question;
  void ask_next(Question& question);
  void on_answer(Question& question, const kube::ApiGet::Outcome& outcome);
  void finish(Outcome outcome);

  cluster::Cluster& cluster_;
  Fn fn_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::vector<Access> asked_;
  std::size_t next_ = 0, answered_ = 0;
  std::vector<std::unique_ptr<Question>> questions_;  // reviews in flight, side by side
};

}  // namespace auth
