// TemplateParts: a ClusterTemplate and its chart's JSON Schema, read in two rounds of a Gather.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "cluster/gather.h"

namespace deploy {

class TemplateParts {
 public:
  // Asks for what round `round` (from 0) needs; false: nothing more is needed. What cannot be read
  // counts as absent.
  bool ask(cluster::Gather& gather, const std::string& ns, std::string_view name, int round);
  base::json::Value object() const { return template_->object(); }
  base::json::Value schema();  // absent: it has none

 private:
  cluster::Part* template_ = nullptr;
  cluster::Part* map_ = nullptr;
  base::json::Document doc_;
};

}  // namespace deploy
