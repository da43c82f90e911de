#include "objects/kind_lookup.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace objects {

using base::Errc;

bool FoundKind::can(std::string_view verb) const {
  return verbs.empty() || std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

KindLookup::KindLookup(cluster::Cluster& cluster, Fn fn)
    : fn_(fn), query_(cluster, kube::DiscoveryQuery::Fn::bind<&KindLookup::on_answer>(this)) {}

void KindLookup::start(kube::config::Credentials credentials, const Request& request) {
  request_ = request;
  credentials_ = std::move(credentials);
  query_.start(request_.group, request_.version, credentials_);
}

void KindLookup::fail(Errc code, std::string message) {
  kube::Failure failure;
  failure.code = code;
  failure.message = std::move(message);
  fn_(&failure, {});
}

void KindLookup::on_answer(kube::DiscoveryQuery::Outcome outcome) {
  if (outcome.failure) return fn_(&*outcome.failure, {});
  FoundKind found;
  found.resource = {request_.group, request_.version, request_.resource, !request_.ns.empty()};
  if (outcome.group.hidden) return fn_(nullptr, found);
  const kube::ServedResource* served = outcome.group.find(request_.resource);
  if (!served) {
    if (query_.look_again(outcome, request_.resource, credentials_)) return;
    return fail(Errc::not_found, not_served(outcome.group));
  }
  if (served->namespaced && request_.ns.empty() && !request_.name.empty()) {
    return fail(Errc::invalid_argument,
                request_.kind_text() + " are in namespaces: give one instead of '-'");
  }
  if (!served->namespaced && !request_.ns.empty()) {
    return fail(
        Errc::invalid_argument,
        request_.kind_text() + " are not in namespaces: give '-' instead of '" + request_.ns + "'");
  }
  found.resource.namespaced = served->namespaced;
  found.kind = served->kind;
  found.verbs = served->verbs;
  fn_(nullptr, found);
}

// A kind or a short name in place of the plural is the likeliest mistake.
std::string KindLookup::not_served(const kube::ServedGroup& group) const {
  const std::string version =
      request_.group.empty() ? request_.version : request_.group + "/" + request_.version;
  std::string out = "this cluster does not serve ";
  if (group.resources.empty()) {
    return out + version + "; objects.kinds lists what it serves";
  }
  out += base::printable(request_.resource, 128) + " in " + version;
  std::vector<std::string_view> plurals;
  std::string_view near;
  for (const kube::ServedResource& each : group.resources) {
    plurals.push_back(each.plural);
    const auto is_named = [&](std::string_view name) {
      return base::iequals(name, request_.resource);
    };
    if (is_named(each.kind) || is_named(each.singular) || is_named(each.plural) ||
        std::any_of(each.short_names.begin(), each.short_names.end(), is_named)) {
      near = each.plural;
    }
  }
  if (near.empty()) near = base::nearest(request_.resource, plurals);
  if (!near.empty()) out.append(" (nearest: ").append(near).append(")");
  return out + "; objects.kinds lists what it serves";
}

}  // namespace objects
