// Get: one object of a kind, by namespace and name, as a caller may see it. A large one is masked in
// turns of the loop, then parsed and handed over in one each: to parse a megabyte takes some 5 ms.
//
//   a namespace that is not allowed   refused before any request; a Namespace object, too
//   the kind's version                the first of the kind's that is served (served.h)
//   the kind is not served            Errc::not_found: "this cluster does not serve …"
//   a name that no object can have    Errc::invalid_argument
//   a 404 about something else        Errc::unavailable, as a foreign one (kube/absent.h)
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/delegate.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "cluster/cluster.h"
#include "cluster/collection.h"
#include "cluster/served.h"
#include "kube/client.h"
#include "loop/loop.h"

namespace redact {
class Masking;
}

namespace cluster {

// What of the object is asked for: all; apiVersion, kind and metadata only; or all with its secrets
// and managedFields, for a write that is made of it: nothing of it may be shown before clean().
enum class Form : unsigned char { whole, metadata, for_writing };

struct GetQuery {
  Collection what;
  std::string ns;  // "": the kind is cluster-scoped
  std::string name;
  Form form = Form::whole;
};

// One at a time; a member of its owner. The destructor cancels.
class Get {
 public:
  // Runs once, never inside start(), as the last statement: with a failure, or with the object,
  // which is valid inside the call only, or as long as its taken Document.
  using Fn = base::Delegate<void(const kube::Failure* failure, base::json::Value object)>;
  // `cluster` must outlive this. A body of more than `max_bytes` is Errc::too_large.
  Get(Cluster& cluster, Fn fn, std::size_t max_bytes = base::limits::kClientBodyBytes);
  ~Get();
  // Errors: the namespace is not allowed; Errc::invalid_argument. Requires: not active.
  base::Result<void> start(const mcp::Caller& caller, GetQuery query) {
    return start(credentials_of(caller), std::move(query));
  }
  base::Result<void> start(kube::config::Credentials credentials, GetQuery query);
  void cancel();
  bool active() const { return version_.active() || get_.active() || again_.scheduled(); }
  // The Document of the object, to be kept. Requires: called inside the callback, with no failure.
  base::json::Document take() { return std::move(*given_); }

 private:
  enum class Step : unsigned char { mask, parse, give };
  void on_version(const kube::Failure* failure, const kube::Resource& resource);
  void get(const kube::Resource& resource);
  void on_answer(kube::ApiGet::Outcome outcome);
  void take_step();
  bool mask();
  bool parse();
  void give();
  Cluster& cluster_;
  Fn fn_;
  GetQuery query_;
  kube::Resource asked_;  // with its version
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  VersionChoice version_;
  kube::ApiGet get_;
  int status_ = 0;
  Step step_ = Step::mask;
  bool small_ = true;
  std::string body_;
  std::unique_ptr<redact::Masking> masking_;  // of body_, while it is masked
  base::json::Document object_;
  base::json::Document* given_ = nullptr;
  loop::Deferred again_;
};

}  // namespace cluster
