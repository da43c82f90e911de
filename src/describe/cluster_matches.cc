#include "describe/cluster_matches.h"

#include <algorithm>

#include "cluster/nearest_names.h"

namespace describe {

using base::json::Document;
using base::json::Value;
using base::json::Writer;
using graph::model::Labels;
using graph::model::LabelSelector;

namespace {

// Label values have 63 bytes at most: one that is absent is farther than any.
constexpr std::size_t kAbsent = 100;

}  // namespace

void ClusterMatches::select(Value selector) {
  for (const auto& [key, value] : selector["matchLabels"].object()) {
    Document doc;
    std::string json;
    Writer(json).begin_array().string(value.str()).end_array();
    (void)doc.parse(json);
    add_term(key, "In", doc.root());
  }
  for (const Value each : selector["matchExpressions"].array())
    add_term(each["key"].str(), each["operator"].str(), each["values"]);
}

void ClusterMatches::add_term(std::string_view key, std::string_view op, Value values) {
  std::string json;
  Writer w(json);
  w.begin_object().key("matchExpressions").begin_array().begin_object();
  w.field("key", key).field("operator", op).key("values").raw(values ? values.to_json() : "[]");
  w.end_object().end_array().end_object();
  Document doc;
  const auto made = doc.parse(json);
  Term term{std::string(key), {}, {}, LabelSelector(made ? *made : Value())};
  for (const Value each : values.array())
    term.wanted.append(term.wanted.empty() ? "" : ", ").append(each.str());
  if (op == "In") term.value = values.at(0).str();
  if (op != "In") {
    term.wanted =
        std::string(op) + (term.wanted.empty() ? std::string() : " [" + term.wanted + "]");
  } else if (values.size() > 1) {
    term.wanted = "one of " + term.wanted;
  }
  terms_.push_back(std::move(term));
}

void ClusterMatches::on_object(Value object) {
  if (terms_.empty()) return;
  const bool going = object["metadata"]["deletionTimestamp"].present();
  const Labels labels(object["metadata"]["labels"]);
  if (std::all_of(terms_.begin(), terms_.end(),
                  [&](const Term& each) { return each.selector.matches(labels); })) {
    const Value metadata = object["metadata"];
    (going ? going_ : matches_).emplace(metadata["namespace"].str(), metadata["name"].str());
  } else if (!going && matches_.empty()) {
    weigh(object, labels);
  }
}

void ClusterMatches::weigh(Value object, const Labels& labels) {
  const Labels in_config(object["spec"]["config"]["clusterLabels"]);
  Nearest found;
  std::size_t far = 0;
  bool is_near = false;
  for (const Term& each : terms_) {
    if (each.selector.matches(labels)) {
      is_near = is_near || labels.has(each.key);
      continue;
    }
    Miss miss{each.key, each.wanted, std::string(labels.get(each.key)),
              each.selector.matches(in_config)};
    is_near = is_near || labels.has(each.key) || miss.in_cluster_labels;
    far += !labels.has(each.key) ? kAbsent
           : each.value.empty()  ? 0
                                 : cluster::name_distance(miss.has, each.value);
    found.misses.push_back(std::move(miss));
  }
  const std::pair<std::size_t, std::size_t> least{found.misses.size(), far};
  if (!is_near || (!nearest_.misses.empty() && !(least < least_))) return;
  found.place = {std::string(object["metadata"]["namespace"].str()),
                 std::string(object["metadata"]["name"].str())};
  least_ = least;
  nearest_ = std::move(found);
}

void ClusterMatches::on_restart() {
  matches_.clear();
  going_.clear();
  nearest_ = {};
}

}  // namespace describe
