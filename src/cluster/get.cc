#include "cluster/get.h"

#include <utility>

#include "cluster/upstream.h"
#include "kube/absent.h"
#include "kube/answer_kind.h"
#include "redact/masking.h"

namespace cluster {

// An object up to which all is done in one turn: less than a millisecond.
constexpr std::size_t kSmallBytes = 64 * base::limits::kKiB;

constexpr const char* kMetadataOnly =
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

Get::Get(Cluster& cluster, Fn fn, std::size_t max_bytes)
    : cluster_(cluster),
      fn_(fn),
      version_(cluster, VersionChoice::Fn::bind<&Get::on_version>(this)),
      get_(Upstream::client(cluster), kube::ApiGet::Fn::bind<&Get::on_answer>(this), max_bytes),
      again_(cluster.loop, "get", loop::Deferred::Fn::bind<&Get::take_step>(this)) {}

Get::~Get() = default;

base::Result<void> Get::start(kube::config::Credentials credentials, GetQuery query) {
  if (query.what.resource().namespaced == query.ns.empty()) {
    return base::Error(base::Errc::invalid_argument,
                       query.what.text() + (query.ns.empty() ? " are in a namespace: give it"
                                                             : " are not in a namespace"));
  }
  if (query.name.empty())
    return base::Error(base::Errc::invalid_argument, "the object's name is missing");
  if (auto ok = cluster_.check(query.what.resource(), query.ns, query.name); !ok) return ok;
  // Any version has the same path but for itself.
  if (auto path = query.what.in("v1").path(query.ns, query.name); !path)
    return std::move(path).error();
  query_ = std::move(query);
  credentials_ = std::move(credentials);
  if (query_.form == Form::for_writing) {
    kube::config::Origin origin = credentials_.origin();
    origin.writing = true;
    (void)std::move(credentials_).from(std::move(origin));  // in place
  }
  if (!version_.start(query_.what, credentials_)) get(query_.what.in(query_.what.versions()[0]));
  return {};
}

void Get::cancel() {
  version_.cancel();
  get_.cancel();
  again_.cancel();
  masking_.reset();
}

void Get::on_version(const kube::Failure* failure, const kube::Resource& resource) {
  failure ? fn_(failure, {}) : get(resource);
}

void Get::get(const kube::Resource& resource) {
  kube::ApiRequest request;
  asked_ = resource;
  // A path that the API's names spoil is "", which the client refuses through on_answer().
  if (auto path = resource.path(query_.ns, query_.name)) request.path = *std::move(path);
  if (query_.form == Form::metadata) request.accept = kMetadataOnly;
  request.credentials = credentials_;
  get_.start(std::move(request));
}

void Get::on_answer(kube::ApiGet::Outcome outcome) {
  if (outcome.failure) {
    kube::Failure& failure = *outcome.failure;
    const auto gone = maybe_gone(cluster_, asked_, failure);
    // A 404 about something else is no statement about the object.
    if (failure.says(404) && !kube::says_absent(failure, asked_, query_.ns, query_.name)) {
      failure.foreign = true;
      failure.code = base::Errc::unavailable;
    }
    return fn_(gone ? &*gone : &failure, {});
  }
  status_ = outcome.status;
  body_ = std::move(outcome.body);
  small_ = body_.size() <= kSmallBytes;
  step_ = query_.form == Form::for_writing ? Step::parse : Step::mask;
  small_ ? take_step() : again_.schedule();
}

void Get::take_step() {
  switch (step_) {
    case Step::mask:
      if (mask()) step_ = Step::parse;
      break;
    case Step::parse:
      if (!parse()) return;
      step_ = Step::give;
      break;
    case Step::give:
      return give();
  }
  small_ ? take_step() : again_.schedule();
}

// True: the body is masked.
bool Get::mask() {
  if (small_) return clean(cluster_, body_), true;
  if (!cluster_.redactor) return true;
  if (!masking_) {
    masking_ = std::make_unique<redact::Masking>(*cluster_.redactor);
    masking_->start(body_);
  }
  if (!masking_->step(redact::kWorkOfTurn)) return false;
  if (masking_->found()) body_ = masking_->take();
  masking_.reset();
  return true;
}

// False: it failed, which is told.
bool Get::parse() {
  const std::string body = std::exchange(body_, {});
  const auto object = object_.parse(body);
  if (object && kube::is_object_named(*object, query_.name)) return true;
  object_.release();
  const kube::Failure failure =
      kube::Failure::from_bad_answer(status_, "the answer is not the object", body);
  fn_(&failure, {});
  return false;
}

// The callback may destroy this.
void Get::give() {
  base::json::Document doc = std::move(object_);
  given_ = &doc;
  fn_(nullptr, doc.root());
}

}  // namespace cluster
