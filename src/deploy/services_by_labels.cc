#include "deploy/services_by_labels.h"

#include "base/text.h"
#include "graph/model/labels.h"

namespace deploy {

using base::json::Value;
using Names = std::vector<std::string>;

namespace {

constexpr std::size_t kNamesShown = 20;  // a confirmation is read by a person
constexpr std::size_t kNameBytes = 128;  // shown of each
// KCM's controller labels each ClusterDeployment so, and some selectors take all clusters by it.
constexpr std::string_view kComponent = "k0rdent.mirantis.com/component";

void say(Names& out, std::string_view cluster, std::string_view what, Names names) {
  if (names.empty()) return;
  const std::size_t more = names.size() > kNamesShown ? names.size() - kNamesShown : 0;
  names.resize(names.size() - more);
  std::string& text = out.emplace_back(cluster);
  text.append(what).append(base::join(names, ", "));
  if (more > 0) text.append(" and ").append(std::to_string(more)).append(" more");
}

}  // namespace

void Selectors::take(Value object, std::string& out) const {
  const Value spec = object["spec"];
  base::json::Writer w(out);
  w.begin_object().field("name", object["metadata"]["name"].str());
  if (const Value selector = spec["clusterSelector"])
    w.key("clusterSelector").raw(selector.to_json());
  w.field("stay", spec["keepServicesOnSelectorMismatch"].bool_or(false)).end_object();
}

Names services_by_labels(const LabelChange& change, const cluster::Part& part,
                         Selectors& services) {
  const std::string cluster(change.cluster);
  const bool is_new = !change.before;
  if (part.absent()) return {};
  if (!part.known() || services.full()) {
    return {std::string("The MultiClusterServices cannot ") + (part.failure() ? "" : "all ") +
            "be read: " + cluster +
            (is_new ? " may get services by its labels."
                    : " may get or lose services by these labels.")};
  }
  const graph::model::Labels was(change.before.value_or(Value()));
  graph::model::Labels is(change.after);
  if (is_new && !is.has(kComponent)) is.add(kComponent, "kcm");
  Names gets, loses, keeps;
  for (const Value each : services.objects().array()) {
    const graph::model::LabelSelector selector(each["clusterSelector"]);
    const bool before = !is_new && selector.matches(was), after = selector.matches(is);
    if (selector.empty() || before == after) continue;
    const bool stay = each["stay"].bool_or(false);
    (after  ? gets
     : stay ? keeps
            : loses)
        .push_back(base::printable(each["name"].str(), kNameBytes));
  }
  Names out;
  say(out, cluster, " gets the services of MultiClusterServices ", gets);
  say(out, cluster, " loses the services of MultiClusterServices ", loses);
  say(out, cluster, " keeps the services, but no updates, of MultiClusterServices ", keeps);
  if (!out.empty()) return out;
  if (!is_new) return {cluster + " gets and loses no MultiClusterService by these labels."};
  if (change.after.size() > 0) return {cluster + " gets no MultiClusterService by its labels."};
  return {};
}

}  // namespace deploy
