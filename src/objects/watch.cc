#include "objects/watch.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "cluster/refusal.h"
#include "cluster/rpc_error.h"

namespace objects {

using base::json::Writer;
using kube::watch::Change;

std::string object_delta(Change change, std::string_view view_json) {
  std::string out;
  out.reserve(view_json.size() + 48);
  Writer w(out);
  w.begin_object();
  w.field("action", change == Change::added      ? "ADDED"
                    : change == Change::modified ? "MODIFIED"
                                                 : "DELETED");
  w.key("object").raw(view_json).end_object();
  return out;
}

std::string object_error_delta(std::string_view about, std::string_view message) {
  std::string out;
  Writer w(out);
  w.begin_object().field("action", "ERROR").field("about", about).field("message", message);
  w.end_object();
  return out;
}

Watch::Watch(fanout::Manager& manager, Spec spec, Request request)
    : CollectionWatch(manager, std::move(spec),
                      {object_delta, object_error_delta, request.text(), "objects"}),
      request_(std::move(request)),
      task_("watch " + request_.text()),
      lookup_(context().kube, KindLookup::Fn::bind<&Watch::on_kind>(this)),
      nearest_(context().kube, cluster::NearestNames::Fn::bind<&Watch::on_nearest>(this)) {}

void Watch::begin(kube::watch::Attempt attempt) {
  attempt_ = std::move(attempt);
  lookup_.start(credentials(), request_);
}

void Watch::close() {
  lookup_.cancel();
  nearest_.cancel();
  attempt_.drop();
  CollectionWatch::close();
}

std::vector<auth::Access> Watch::needs() const {
  const kube::Resource& resource = view_.kind().resource;
  return {{"list", resource, request_.ns, request_.name},
          {"watch", resource, request_.ns, request_.name}};
}

void Watch::on_kind(const kube::Failure* failure, const FoundKind& kind) {
  if (failure) {
    // The first request of the attempt: its failure counts as a failure of the list.
    attempt_.refused(*failure);
    return refuse_all(cluster::to_rpc(*failure, task()));
  }
  if (!kind.can("list") || !kind.can("watch")) {
    attempt_.drop();
    return refuse_all(cluster::to_rpc(
        base::Errc::invalid_argument,
        request_.kind_text() + " cannot be watched (verbs: " + base::join(kind.verbs, ", ") + ")"));
  }
  view_ = View(context().kube, kind, request_);
  cluster::WatchSpec spec;
  spec.resource = kind.resource;
  spec.ns = request_.ns;
  spec.kind = kind.kind;
  spec.field_selector =
      request_.name.empty() ? request_.field_selector : "metadata.name=" + request_.name;
  spec.label_selector = request_.label_selector;
  spec.events = kind.kind == "Event";
  follow(std::move(spec), std::move(attempt_));
}

void Watch::on_ready() {
  if (!request_.name.empty() && empty() && !present_) {
    return nearest_.start(first_caller(), cluster::Collection(view_.kind().resource), request_.ns,
                          request_.name);
  }
  present_ = true;
  CollectionWatch::on_ready();
}

void Watch::on_nearest(const std::vector<std::string>& names) {
  // It may have been made meanwhile.
  if (!empty()) return on_ready();
  refuse_all(cluster::to_rpc(base::Errc::not_found,
                             "there is no " + request_.text() + cluster::nearest_text(names)));
}

void Watch::on_denied(const kube::Failure& failure) {
  if (ready() || !failure.says(403)) return CollectionWatch::on_denied(failure);
  const cluster::Collection what(view_.kind().resource);
  refuse_all(cluster::to_rpc(failure.code,
                             task_ + ": " + failure.message +
                                 cluster::rule_text({"list, watch", what, request_.ns}, failure)));
}

}  // namespace objects
