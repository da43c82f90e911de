// One change of a watched resource as a line for people:
//
//   events           09:41:07  Warning  ClusterDeployment/aws-dev  Failed  no quota left
//   objects          MODIFIED  team-a/aws-dev  progressing
//     with ?fields=  MODIFIED  team-a/aws-dev  spec.template=aws-standalone-cp-1-0-43
//   cluster-monitor  09:41:07  Provisioning  25%  Cluster API has not acted yet
//   graph            added     ClusterDeployment:team-a/aws-dev  failed
//   podlogs          the line itself; with several resources, the pod's and container's names before it
//   about the watch  -- stale: the API server does not answer
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace cli {

class ChangeLines {
 public:
  struct Style {
    bool colours = false;
    bool wide = false;     // also when a log's line was written, and what reports an event
    bool several = false;  // more than one resource
  };
  explicit ChangeLines(Style style) : style_(style) {}

  // One or more lines, each with its end. Columns are as wide as their widest cell so far.
  std::string text(std::string_view uri, base::json::Value delta);

 private:
  struct Cell {
    std::string text;
    const char* colour = "";  // "": the terminal's own
  };
  std::string row(const std::vector<Cell>& cells);
  std::string of_event(base::json::Value delta);
  std::string of_object(base::json::Value delta);
  std::string of_log(std::string_view uri, base::json::Value delta);
  std::string of_graph(base::json::Value delta);
  std::string of_monitor(base::json::Value delta);
  std::string notice(std::string_view kind, base::json::Value delta) const;

  const Style style_;
  std::vector<std::size_t> widths_;
};

// What the change is about: "team-a/aws-dev", for -o name; "": the watch itself.
std::string name_of_change(base::json::Value delta);
// Nothing follows this change: a cluster is ready or gone, a log has ended.
bool is_last(base::json::Value delta);
// The same change once more, after a new subscription, has the same identity.
std::string identity_of(base::json::Value delta);

}  // namespace cli
