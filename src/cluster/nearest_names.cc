#include "cluster/nearest_names.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace cluster {

using base::json::Value;

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

std::size_t name_distance(std::string_view name, std::string_view asked) {
  if (name == asked) return 0;
  const bool part = name.find(asked) != name.npos || asked.find(name) != name.npos;
  return part ? 1 : edit_distance(name, asked);
}

bool NearestNames::Near::operator<(const Near& o) const {
  return std::tie(distance, elsewhere, name) < std::tie(o.distance, o.elsewhere, o.name);
}

NearestNames::NearestNames(Cluster& cluster, Fn fn)
    : fn_(fn), list_(cluster, static_cast<ListHandler&>(*this)) {}

void NearestNames::start(const mcp::Caller& caller, Collection what, std::string ns,
                         std::string name) {
  caller_ = caller;
  what_ = std::move(what);
  ns_ = std::move(ns);
  name_ = std::move(name);
  narrowed_ = ns_.empty();
  (void)list({});  // the filter refuses no list of all namespaces
}

bool NearestNames::list(std::string ns) {
  near_.clear();
  seen_ = 0;
  ListQuery query{what_, std::move(ns)};
  query.form = ListForm::metadata;
  return list_.start(caller_, std::move(query)).has_value();
}

void NearestNames::on_object(Value object) {
  ++seen_;
  const std::string_view name = object["metadata"]["name"].str();
  const std::string_view ns = object["metadata"]["namespace"].str();
  const bool elsewhere = ns != ns_;
  Near near{name_distance(name, name_), elsewhere, std::string(name)};
  if (elsewhere) near.name.insert(0, std::string(ns) + "/");
  near_.insert(std::upper_bound(near_.begin(), near_.end(), near), std::move(near));
  if (near_.size() > kNamesGiven) near_.pop_back();
}

void NearestNames::on_page(std::string_view, std::optional<std::int64_t>) {
  if (seen_ < kNamesCompared) return;
  list_.cancel();
  answer();
}

void NearestNames::on_done(const kube::Failure* failure) {
  if (!failure) return answer();
  near_.clear();
  if (narrowed_ || failure->code != base::Errc::forbidden) return answer();
  narrowed_ = true;
  if (!list(ns_)) answer();
}

void NearestNames::answer() {
  std::vector<std::string> out;
  for (Near& each : near_)
    out.push_back(std::move(each.name));
  fn_(std::move(out));
}

constexpr std::size_t kNameShown = 317;  // a namespace, "/" and the longest name of most kinds

std::string nearest_text(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string out = "; the nearest that are there: ";
  for (std::size_t i = 0; i < names.size(); ++i)
    out.append(i == 0 ? "" : ", ").append(base::printable(names[i], kNameShown));
  return out;
}

}  // namespace cluster
