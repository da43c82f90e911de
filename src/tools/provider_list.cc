#include "tools/provider_list.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer/held.h"
#include "answer/list_arguments.h"
#include "answer/members.h"
#include "answer/table.h"
#include "base/counted.h"
#include "cluster/gather.h"
#include "cluster/template_name.h"
#include "kinds/need.h"
#include "kinds/table.h"

namespace tools {

using base::json::Value;

namespace {

// Providers in one answer: Cluster API knows some thirty.
constexpr std::size_t kMostProviders = 200;
// A description is cut to no less: a few words.
constexpr std::size_t kLeastDescription = 32;

struct Provider {
  std::string name, title, description;
  bool available = false;
  std::int64_t templates = 0;
  static mcp::Fields fields() {
    return {mcp::field<&Provider::name>({.name = "name", .required = true}),
            mcp::field<&Provider::title>({.name = "title", .required = true}),
            mcp::field<&Provider::description>({.name = "description"}),
            mcp::field<&Provider::available>(
                {.name = "available", .description = "its components are ready", .required = true}),
            mcp::field<&Provider::templates>({.name = "clusterTemplates", .required = true})};
  }
};
struct Providers {
  std::vector<Provider> providers;
  bool truncated = false;
  std::vector<std::string> notes;
  static mcp::Fields fields() {
    return {mcp::field<&Providers::providers>({.name = "providers", .required = true}),
            mcp::field<&Providers::truncated>({.name = "truncated"}),
            mcp::field<&Providers::notes>({.name = "notes"})};
  }
};
struct Arguments {
  std::int64_t max_bytes = answer::default_answer_bytes();
  static mcp::Fields fields() {
    return {mcp::field<&Arguments::max_bytes>({.name = "maxBytes",
                                               .minimum = answer::kLeastAnswerBytes,
                                               .maximum = answer::kMostAnswerBytes,
                                               .show_limits = false})};
  }
};
using Call = mcp::TypedCall<Providers>;

// Providers in the words of users.
struct Known {
  std::string_view name, title;
};
constexpr Known kKnown[] = {
    {"adopted", "Existing clusters that k0rdent adopts"},
    {"aws", "Amazon Web Services"},
    {"azure", "Microsoft Azure"},
    {"docker", "Docker, for tests"},
    {"gcp", "Google Cloud Platform"},
    {"kubevirt", "KubeVirt"},
    {"openstack", "OpenStack"},
    {"remote", "Remote machines over SSH"},
    {"vsphere", "VMware vSphere"},
};

class ProvidersRun final : public mcp::ToolRun, private cluster::Part::Reader {
 public:
  ProvidersRun(cluster::Cluster& cluster, std::int64_t max_bytes, const Call& call)
      : max_bytes_(static_cast<std::size_t>(max_bytes)),
        call_(call),
        gather_(cluster, call->caller(), cluster::Gather::Fn::bind<&ProvidersRun::on_done>(this)) {
    using Need = cluster::Part::Need;
    const auto list = [this](const char* what, std::string_view kind, Need need) {
      return &gather_.list(what, {kinds::get(kind), ""}, need, this);
    };
    parts_ = {list("Managements", "Management", Need::noted),
              list("provider interfaces", "ProviderInterface", Need::optional),
              list("cluster templates", "ClusterTemplate", Need::noted)};
    list("Regions", "Region", Need::optional);
  }

 private:
  // nullptr: it is no infrastructure provider, or there are too many.
  Provider* find(std::string_view full) {
    constexpr std::string_view kPrefix = "infrastructure-";
    if (!full.starts_with(kPrefix)) return nullptr;
    const std::string_view kcm = full.substr(kPrefix.size());
    const std::string name(cluster::provider_name(kcm));
    const auto* known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                     [&](const Known& each) { return each.name == name; });
    if (providers_.size() >= kMostProviders && !providers_.contains(name)) return nullptr;
    Provider& out = providers_[name];
    out.name = name;
    out.title = known == std::end(kKnown) ? name : std::string(known->title);
    // KCM has the code for adopted clusters itself.
    out.available = out.available || kcm == "internal";
    return &out;
  }

  // Which of the lists it is of shows in what it has.
  void on_object(Value object) override {
    const Value status = object["status"], metadata = object["metadata"];
    for (const Value each : status["availableProviders"].array()) {
      if (Provider* found = find(each.str())) found->available = true;
    }
    for (const Value each : status["providers"].array()) {
      if (Provider* found = find(each.str())) ++found->templates;
    }
    if (Provider* found = find(metadata["labels"]["cluster.x-k8s.io/provider"].str()))
      found->description = object["spec"]["description"].str();
  }
  // A list that begins again would count templates twice.
  void on_restart() override {
    for (auto& [name, provider] : providers_)
      provider.templates = 0;
  }

  void on_done() {
    const bool nothing = std::all_of(parts_.begin(), parts_.end(), [](const cluster::Part* part) {
      return part->failure() != nullptr;
    });
    if (nothing) return call_.fail(mcp::ToolError{parts_.front()->failure_text()});
    Providers out;
    for (auto& [name, provider] : providers_)
      out.providers.push_back(std::move(provider));
    out.notes = gather_.notes();
    fit(out);
    call_.succeed(out, text_of(out));
  }

  static std::string text_of(const Providers& out) {
    answer::Table table({"NAME", "TITLE", "AVAILABLE", "TEMPLATES", "DESCRIPTION"});
    for (const Provider& each : out.providers) {
      std::vector<std::string> cells = {each.name, each.title, each.available ? "true" : "false",
                                        std::to_string(each.templates), each.description};
      answer::Table::fit(cells);
      table.add(std::move(cells));
    }
    std::string text = out.providers.empty() ? "No providers found.\n" : table.text();
    for (const std::string& note : out.notes)
      text += "\nNote: " + note + "\n";
    return text;
  }

  // First descriptions are shortened, then the last providers left out.
  void fit(Providers& out) const {
    const auto fits = [&] {
      return answer::sent_bytes({.content = {mcp::Content::of_text(text_of(out))},
                                 .structured_json = mcp::to_json(out)}) <= max_bytes_;
    };
    if (fits()) return;
    out.truncated = true;
    std::string& note = out.notes.emplace_back("descriptions are cut; give a larger maxBytes");
    for (std::size_t most = answer::kMessageBytes; most >= kLeastDescription; most /= 2) {
      for (Provider& each : out.providers)
        each.description = answer::cut_text(each.description, most);
      if (fits()) return;
    }
    for (std::size_t left = 1; !out.providers.empty(); ++left) {
      out.providers.pop_back();
      note = base::counted(left, "provider") + " left out; give a larger maxBytes";
      if (fits()) return;
    }
  }

  const std::size_t max_bytes_;
  Call call_;
  std::map<std::string, Provider> providers_;
  std::vector<const cluster::Part*> parts_;
  cluster::Gather gather_;
};

class ProvidersTool final : public mcp::TypedTool<Arguments, Providers> {
 public:
  explicit ProvidersTool(cluster::Cluster& cluster)
      : TypedTool({.name = "k0rdent.mgmt.providers.list",
                   .title = "List providers",
                   .description =
                       "Lists the infrastructure providers of this cluster: whether k0rdent has "
                       "them available, and how many ClusterTemplates use them. Credentials: "
                       "providers.listCredentials.",
                   .meta_json = R"({"plane":"mgmt","category":"providers","action":"list"})",
                   .open_world = false,
                   .needs = kinds::need(
                       "list", {"Management", "ProviderInterface", "ClusterTemplate", "Region"})}),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, Call call) override {
    return std::make_unique<ProvidersRun>(cluster_, arguments.max_bytes, call);
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_providers_tool(cluster::Cluster& cluster) {
  return std::make_unique<ProvidersTool>(cluster);
}

}  // namespace tools
