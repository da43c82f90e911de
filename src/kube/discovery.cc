#include "kube/discovery.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/json.h"
#include "base/names.h"
#include "base/text.h"
#include "kube/api_catalog.h"

namespace kube {
namespace {

using Key = std::tuple<std::string, std::string, config::Credentials::Kind>;

struct Kept {
  ServedGroup group;
  base::TimePoint until;
};

base::Result<std::string> path_of(const std::string& group, const std::string& version) {
  for (const std::string* part : {&group, &version}) {
    const bool absent_group = part == &group && part->empty();
    if (!absent_group && !base::is_dns_subdomain(*part)) {
      return base::Error(base::Errc::invalid_argument,
                         "\"" + base::printable(*part, 80) + "\" is not an API group or version");
    }
  }
  return group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
}

// Returns "group/version" of each group, or the versions of the core group.
base::Result<std::set<std::string>> parse_groups(const std::string& body) {
  base::json::Document doc;
  const auto root = doc.parse(body);
  const std::string_view kind = root ? (*root)["kind"].str() : std::string_view();
  if (kind != "APIGroupList" && kind != "APIVersions") {
    return base::Error(base::Errc::protocol, "discovery: not a list of API groups");
  }
  std::set<std::string> out;
  for (const base::json::Value version : (*root)["versions"].array())
    out.insert("/" + std::string(version.str()));
  for (const base::json::Value group : (*root)["groups"].array()) {
    for (const base::json::Value version : group["versions"].array())
      out.emplace(version["groupVersion"].str());
  }
  return out;
}

base::Result<ServedGroup> parse_list(const std::string& body) {
  base::json::Document doc;
  const auto root = doc.parse(body);
  if (!root) return base::Error(base::Errc::protocol, "discovery: not JSON");
  if ((*root)["kind"].str() != "APIResourceList") {
    return base::Error(base::Errc::protocol, "discovery: not an APIResourceList");
  }
  ServedGroup group;
  group.served = true;
  for (const base::json::Value item : (*root)["resources"].array()) {
    ServedResource resource = served_resource(item);
    if (resource.plural.find('/') != std::string::npos) continue;  // a subresource
    group.resources.push_back(std::move(resource));
  }
  return group;
}

}  // namespace

std::vector<std::string> strings_of(base::json::Value list) {
  std::vector<std::string> out;
  for (const base::json::Value each : list.array())
    out.emplace_back(each.str());
  return out;
}

ServedResource served_resource(base::json::Value resource) {
  return {std::string(resource["name"].str()),         std::string(resource["kind"].str()),
          resource["namespaced"].bool_or(false),       strings_of(resource["verbs"]),
          std::string(resource["singularName"].str()), strings_of(resource["shortNames"])};
}

bool ServedResource::can(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

const ServedResource* ServedGroup::find(std::string_view plural) const {
  const auto at = std::find_if(resources.begin(), resources.end(),
                               [plural](const ServedResource& r) { return r.plural == plural; });
  return at == resources.end() ? nullptr : &*at;
}

struct Discovery::Impl {
  Impl(loop::Loop& loop_in, Client& client_in) : loop(loop_in), client(client_in) {}

  const ServedGroup* find(const Key& key) {
    const auto at = kept.find(key);
    if (at == kept.end()) return nullptr;
    if (at->second.until <= loop.now()) {
      kept.erase(at);
      return nullptr;
    }
    return &at->second.group;
  }
  void keep(const Key& key, const ServedGroup& group) {
    if (kept.size() >= kDiscoveryEntries) kept.clear();
    kept[key] = {group, loop.now() + (group.served ? kDiscoveryTtl : kDiscoveryMissTtl)};
  }

  // Whether the cached list of groups contains it; nullopt: there is no fresh list.
  std::optional<bool> listed(const Key& key) const {
    const auto at = lists.find({std::get<0>(key).empty(), std::get<2>(key)});
    if (at == lists.end() || at->second.until <= loop.now()) return std::nullopt;
    return at->second.groups.count(std::get<0>(key) + "/" + std::get<1>(key)) > 0;
  }
  void keep_list(const Key& key, std::set<std::string> groups) {
    lists[{std::get<0>(key).empty(), std::get<2>(key)}] = {std::move(groups),
                                                           loop.now() + kGroupListTtl};
  }

  void forget(const std::string& group, const std::string& version) {
    for (const auto kind :
         {config::Credentials::Kind::none, config::Credentials::Kind::configured,
          config::Credentials::Kind::bearer, config::Credentials::Kind::impersonated,
          config::Credentials::Kind::exchanged}) {
      kept.erase({group, version, kind});
    }
  }

  // Whether to ask afresh for `plural`, which the cached answer lacks; then it is forgotten.
  bool forget_lacking(const Key& key, const std::string& plural) {
    const auto& [group, version, kind] = key;
    std::erase_if(afresh,
                  [now = loop.now()](const auto& each) { return each.second.until <= now; });
    if (afresh.size() >= kDiscoveryEntries && !afresh.contains({group, version})) return false;
    Afresh& at = afresh[{group, version}];
    if (at.plurals.empty()) at.until = loop.now() + kDiscoveryMissTtl;
    if (at.plurals.size() >= kDiscoveryAfresh || !at.plurals.insert(plural).second) return false;
    forget(group, version);
    return true;
  }

  struct List {
    std::set<std::string> groups;
    base::TimePoint until;
  };
  struct Catalog {
    ApiCatalog catalog;
    base::TimePoint since;
  };
  // The resources of one group/version that were looked for afresh.
  struct Afresh {
    std::set<std::string> plurals;
    base::TimePoint until;
  };
  loop::Loop& loop;
  Client& client;
  std::map<Key, Kept> kept;
  std::map<std::pair<std::string, std::string>, Afresh> afresh;
  std::map<config::Credentials::Kind, Catalog> catalogs;
  std::map<std::pair<bool, config::Credentials::Kind>, List> lists;  // true: of the core group
};

struct DiscoveryQuery::Impl {
  Impl(Discovery::Impl& discovery_in, Fn fn_in)
      : discovery(discovery_in),
        fn(fn_in),
        get(discovery_in.client, ApiGet::Fn::bind<&Impl::on_answer>(this), kDiscoveryBytes),
        list(discovery_in.client, ApiGet::Fn::bind<&Impl::on_list>(this), kDiscoveryBytes),
        known_task(discovery_in.loop, "discovery known",
                   loop::Deferred::Fn::bind<&Impl::on_known>(this)) {}

  void start(std::string group, std::string version, config::Credentials credentials) {
    CHECK(!active());
    outcome = {};
    const auto path = path_of(group, version);
    key = {std::move(group), std::move(version), credentials.kind()};
    if (!path) {
      outcome.failure = Failure::from_error(path.error());
      outcome.failure->status = 400;
      return known_task.schedule();
    }
    if (const ServedGroup* known = discovery.find(key)) {
      outcome.group = *known;
      outcome.remembered = true;
      return known_task.schedule();
    }
    ApiRequest request;
    request.path = *path;
    who = credentials;
    request.credentials = std::move(credentials);
    get.start(std::move(request));
  }

  void cancel() {
    get.cancel();
    list.cancel();
    known_task.cancel();
  }
  bool active() const { return get.active() || list.active() || known_task.scheduled(); }

  void on_known() { tell(); }

  void on_answer(ApiGet::Outcome answer) {
    if (!answer.failure) {
      auto group = parse_list(answer.body);
      if (group) {
        outcome.group = *std::move(group);
        discovery.keep(key, outcome.group);
      } else {
        outcome.failure =
            Failure::from_bad_answer(answer.status, group.error().what(), answer.body);
      }
      return tell();
    }
    if (answer.failure->status == 404 && answer.failure->foreign) return on_page(*answer.failure);
    if (!answer.failure->says(404) && !answer.failure->says(403)) {
      outcome.failure = std::move(answer.failure);
      return tell();
    }
    outcome.group.hidden = answer.failure->says(403);
    const bool his_own = outcome.group.hidden && who.of_caller();
    if (!his_own) discovery.keep(key, outcome.group);
    tell();
  }

  // "404 page not found" comes from an API server that does not know the group, or from a proxy in
  // front of it. The list of groups distinguishes them.
  void on_page(const Failure& failure) {
    page = failure;
    if (const auto known = discovery.listed(key)) return judge(*known);
    ApiRequest request;
    request.path = std::get<0>(key).empty() ? "/api" : "/apis";
    request.credentials = who;
    list.start(std::move(request));
  }

  void on_list(ApiGet::Outcome answer) {
    if (answer.failure && answer.failure->says(403)) {
      outcome.group.hidden = true;
      return tell();
    }
    if (answer.failure) {
      outcome.failure = std::move(answer.failure);
      return tell();
    }
    auto groups = parse_groups(answer.body);
    if (!groups) {
      outcome.failure = Failure::from_bad_answer(answer.status, groups.error().what(), answer.body);
      return tell();
    }
    discovery.keep_list(key, *std::move(groups));
    judge(*discovery.listed(key));
  }

  void judge(bool listed) {
    if (listed) {
      outcome.failure = page;  // the group is served, so the page is not the API server's
    } else {
      discovery.keep(key, outcome.group);
    }
    tell();
  }

  void tell() { fn(std::move(outcome)); }

  Discovery::Impl& discovery;
  Fn fn;
  Key key;
  Outcome outcome;
  config::Credentials who = config::Credentials::none();
  Failure page;
  ApiGet get, list;
  loop::Deferred known_task;
};

DiscoveryQuery::DiscoveryQuery(Discovery& discovery, Fn fn)
    : impl_(std::make_unique<Impl>(*discovery.impl_, fn)) {}

DiscoveryQuery::~DiscoveryQuery() {
  impl_->cancel();
}

void DiscoveryQuery::start(std::string group, std::string version,
                           config::Credentials credentials) {
  impl_->start(std::move(group), std::move(version), std::move(credentials));
}
bool DiscoveryQuery::look_again(const Outcome& outcome, const std::string& plural,
                                config::Credentials credentials) {
  const auto [group, version, kind] = impl_->key;
  if (!outcome.remembered || !impl_->discovery.forget_lacking(impl_->key, plural)) return false;
  start(group, version, std::move(credentials));
  return true;
}
void DiscoveryQuery::cancel() {
  impl_->cancel();
}
bool DiscoveryQuery::active() const {
  return impl_->active();
}

Discovery::Discovery(loop::Loop& loop, Client& client)
    : impl_(std::make_unique<Impl>(loop, client)) {}
Discovery::~Discovery() = default;

const ApiCatalog* Discovery::catalog(config::Credentials::Kind kind, base::Duration max_age) {
  const auto at = impl_->catalogs.find(kind);
  if (at == impl_->catalogs.end()) return nullptr;
  const base::Duration age = impl_->loop.now() - at->second.since;
  return age <= std::min(max_age, kDiscoveryTtl) ? &at->second.catalog : nullptr;
}

// A part that is down now may have been known before.
void Discovery::keep(config::Credentials::Kind kind, ApiCatalog catalog) {
  const auto at = impl_->catalogs.find(kind);
  if (at != impl_->catalogs.end()) catalog.keep_known(at->second.catalog);
  impl_->catalogs[kind] = {std::move(catalog), impl_->loop.now()};
}

void Discovery::forget(const std::string& group, const std::string& version) {
  impl_->forget(group, version);
}

}  // namespace kube
