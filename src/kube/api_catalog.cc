#include "kube/api_catalog.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/names.h"
#include "base/text.h"

namespace kube {

using base::json::Value;

namespace {

constexpr const char* kAccept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

// Reads items[] of an APIGroupDiscoveryList.
void add_aggregated(Value list, ApiCatalog& to) {
  for (const Value group : list["items"].array()) {
    for (const Value version : group["versions"].array()) {
      CatalogEntry entry;
      entry.group = group["metadata"]["name"].str();
      entry.version = version["version"].str();
      if (version["freshness"].str() == "Stale") {
        entry.problem = "the API server behind it cannot be reached";
      }
      for (const Value one : version["resources"].array()) {
        entry.resources.push_back(
            {std::string(one["resource"].str()), std::string(one["responseKind"]["kind"].str()),
             one["scope"].str() == "Namespaced", strings_of(one["verbs"]),
             std::string(one["singularResource"].str()), strings_of(one["shortNames"])});
      }
      to.entries.push_back(std::move(entry));
    }
  }
}

// Reads resources[] of an APIResourceList; subresources are left out.
void add_resources(Value list, CatalogEntry& to) {
  for (const Value one : list["resources"].array()) {
    if (one["name"].str().find('/') != std::string_view::npos) continue;
    to.resources.push_back(served_resource(one));
  }
}

}  // namespace

const ServedResource* CatalogEntry::find(std::string_view plural) const {
  const auto at = std::find_if(resources.begin(), resources.end(),
                               [plural](const ServedResource& r) { return r.plural == plural; });
  return at == resources.end() ? nullptr : &*at;
}

const CatalogEntry* ApiCatalog::find(std::string_view group, std::string_view version) const {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const CatalogEntry& e) {
    return e.group == group && e.version == version;
  });
  return at == entries.end() ? nullptr : &*at;
}

void ApiCatalog::keep_known(const ApiCatalog& before) {
  for (CatalogEntry& entry : entries) {
    if (entry.problem.empty() || !entry.resources.empty()) continue;
    const CatalogEntry* known = before.find(entry.group, entry.version);
    if (known) entry.resources = known->resources;
  }
}

bool is_aggregated_discovery(std::string_view content_type) {
  const std::vector<std::string_view> parts = base::split(content_type, ';');
  if (!base::iequals(base::trim(parts[0]), "application/json")) return false;
  const auto says = [&](std::string_view name, std::string_view value) {
    return std::any_of(parts.begin() + 1, parts.end(), [&](std::string_view part) {
      part = base::trim(part);
      const std::size_t equal = part.find('=');
      if (equal == std::string_view::npos) return false;
      std::string_view is = base::trim(part.substr(equal + 1));
      if (is.size() >= 2 && is.front() == '"' && is.back() == '"') is = is.substr(1, is.size() - 2);
      return base::iequals(base::trim(part.substr(0, equal)), name) && is == value;
    });
  };
  return says("g", "apidiscovery.k8s.io") && says("v", "v2") && says("as", "APIGroupDiscoveryList");
}

// Step 1: /api and /apis, aggregated if the server supports it. Step 2, if one was not aggregated:
// /api/V and /apis/G/V in turn.
struct ApiCatalogCall::Impl final : ApiHandler {
  Impl(Client& client, Fn fn_in) : fn(fn_in), call(client, *this) {}

  void start(config::Credentials who) {
    credentials = std::move(who);
    outcome = {};
    left.clear();
    core.clear();
    step = Step::core;
    ask("/api");
  }
  void ask(std::string path) {
    ApiRequest request;
    request.path = std::move(path);
    request.accept = kAccept;
    request.credentials = credentials;
    request.total_time = kCatalogTime;
    body.clear();
    aggregated = false;
    call.start(std::move(request));
  }

  void on_content_type(std::string_view type) override {
    aggregated = is_aggregated_discovery(type);
  }
  void on_open(int) override {}
  void on_data(std::string_view bytes) override {
    if (body.size() <= base::limits::kWatchFrameBytes) body.append(bytes);
  }
  void on_end(const Failure* failure) override {
    const auto root = doc.parse(failure ? std::string_view("{}") : body);
    std::string problem;
    if (failure) problem = failure->message;
    if (!root) problem = "discovery: no JSON";
    if (step == Step::core) return on_core(failure, root ? *root : Value());
    if (step == Step::groups) return on_groups(failure, root ? *root : Value());
    // Copied: the next request may begin in here.
    CatalogEntry& entry = outcome.catalog.entries[left.front()];
    left.pop_front();
    entry.problem = std::move(problem);
    if (entry.problem.empty()) add_resources(*root, entry);
    next();
  }
  // A server of aggregated APIs alone has no core group, and some callers may not read it.
  void on_core(const Failure* failure, Value root) {
    const bool none = failure && (failure->says(404) || failure->says(403));
    if (failure && !none) return tell(*failure);
    outcome.catalog.aggregated = none || aggregated;
    if (!none && aggregated) add_aggregated(root, outcome.catalog);
    for (const CatalogEntry& entry : outcome.catalog.entries)
      core.push_back(entry.version);
    for (const Value version : root["versions"].array())
      core.emplace_back(version.str());
    step = Step::groups;
    ask("/apis");
  }
  void on_groups(const Failure* failure, Value root) {
    if (failure) return tell(*failure);
    if (!root.present()) return tell(Failure::from_bad_answer(200, "discovery: no JSON", body));
    if (aggregated && outcome.catalog.aggregated) {
      add_aggregated(root, outcome.catalog);
      return tell(std::nullopt);
    }
    // Only one was aggregated: use legacy discovery for both.
    outcome.catalog = {};
    step = Step::resources;
    for (const std::string& version : core)
      add("", version);
    for (const Value group : root["groups"].array()) {
      const std::string_view first = group["preferredVersion"]["version"].str();
      if (!first.empty()) add(group["name"].str(), first);
      for (const Value version : group["versions"].array())
        if (version["version"].str() != first) add(group["name"].str(), version["version"].str());
    }
    next();
  }
  void add(std::string_view group, std::string_view version) {
    if (outcome.catalog.entries.size() == kCatalogGroups) return;
    if (!base::is_dns_subdomain(version) || (!group.empty() && !base::is_dns_subdomain(group)))
      return;
    left.push_back(outcome.catalog.entries.size());
    outcome.catalog.entries.push_back({std::string(group), std::string(version), {}, {}});
  }
  void next() {
    if (left.empty()) return tell(std::nullopt);
    const CatalogEntry& entry = outcome.catalog.entries[left.front()];
    ask(entry.group.empty() ? "/api/" + entry.version
                            : "/apis/" + entry.group + "/" + entry.version);
  }
  void tell(std::optional<Failure> failure) {
    outcome.failure = std::move(failure);
    step = Step::idle;
    doc.release();
    fn(std::exchange(outcome, {}));
  }

  enum class Step : unsigned char { idle, core, groups, resources };
  Fn fn;
  config::Credentials credentials = config::Credentials::none();
  Step step = Step::idle;
  bool aggregated = false;  // the current answer is aggregated
  std::string body;
  base::json::Document doc;
  std::vector<std::string> core;  // versions of the core group, for legacy discovery
  std::deque<std::size_t> left;   // entries still to be requested
  Outcome outcome;
  ApiCall call;
};

ApiCatalogCall::ApiCatalogCall(Client& client, Fn fn) : impl_(std::make_unique<Impl>(client, fn)) {}
ApiCatalogCall::~ApiCatalogCall() = default;
void ApiCatalogCall::start(config::Credentials credentials) {
  impl_->start(std::move(credentials));
}
void ApiCatalogCall::cancel() {
  impl_->step = Impl::Step::idle;
  impl_->call.cancel();
}
bool ApiCatalogCall::active() const {
  return impl_->step != Impl::Step::idle;
}

CatalogQuery::CatalogQuery(Client& client, Discovery& discovery, Fn fn)
    : discovery_(discovery),
      fn_(fn),
      call_(client, ApiCatalogCall::Fn::bind<&CatalogQuery::on_catalog>(this)),
      known_(client.loop(), "catalog known",
             loop::Deferred::Fn::bind<&CatalogQuery::on_known>(this)) {}

void CatalogQuery::start(config::Credentials credentials, base::Duration max_age) {
  kind_ = credentials.kind();
  max_age_ = max_age;
  if (discovery_.catalog(kind_, max_age_)) return known_.schedule();
  call_.start(std::move(credentials));
}

void CatalogQuery::cancel() {
  call_.cancel();
  known_.cancel();
}

void CatalogQuery::on_known() {
  // One time a turn: it is no older than it was.
  fn_(discovery_.catalog(kind_, kDiscoveryTtl), nullptr);
}

void CatalogQuery::on_catalog(ApiCatalogCall::Outcome outcome) {
  if (outcome.failure) return fn_(nullptr, &*outcome.failure);
  discovery_.keep(kind_, std::move(outcome.catalog));
  fn_(discovery_.catalog(kind_, kDiscoveryTtl), nullptr);
}

}  // namespace kube
