#include "deploy/selected_clusters.h"

#include <algorithm>
#include <utility>

#include "graph/model/selection.h"

namespace deploy {

using base::json::Value;

namespace {

constexpr std::size_t kNamesShown = 20;  // a confirmation is read by a person

}  // namespace

void SelectedClusters::on_object(Value object) {
  const Value metadata = object["metadata"];
  std::string name =
      std::string(metadata["namespace"].str()) + "/" + std::string(metadata["name"].str());
  if (graph::model::is_selected(before_, object)) was_.push_back(name);
  if (graph::model::is_selected(after_, object)) is_.push_back(std::move(name));
}

void SelectedClusters::on_restart() {
  was_.clear();
  is_.clear();
}

std::vector<std::string> SelectedClusters::gone() const {
  std::vector<std::string> out;
  for (const std::string& each : was_)
    if (std::find(is_.begin(), is_.end(), each) == is_.end()) out.push_back(each);
  return out;
}

std::string listed(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string out = std::to_string(names.size()) + ": ";
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    out.append(i == 0 ? "" : ", ").append(names[i]);
  return names.size() > kNamesShown ? out + ", …" : out;
}

}  // namespace deploy
