// NamespacedPlanner: what the planners of serviceTemplates.install_from_catalog and .delete share:
// their arguments, and the namespaces that a call is about.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change/arguments.h"
#include "change/context.h"
#include "change/plan.h"
#include "cluster/gather.h"

namespace catalog {

// Each is two objects to try and to write; a chain distributed by AccessManagement serves more.
constexpr std::size_t kMostNamespaces = 50;

struct InstallArguments : change::CommonArguments {
  std::string app, chart, version, ns;
  bool all_namespaces = false;
};

class NamespacedPlanner : public change::Planner {
 public:
  // Lists the namespaces, with all_namespaces; then plans.
  void start(const mcp::Caller& caller, Fn fn) final;

 protected:
  NamespacedPlanner(change::Context& context, InstallArguments arguments);

  // With the namespaces: asks for what the plan needs. False: it has called fail() or done().
  virtual bool begin(cluster::Gather& gather) = 0;
  // When it is there.
  virtual void make() = 0;

  void fail(std::string what);
  void done(change::Plan plan);

  cluster::Cluster& cluster() const { return context_.cluster; }
  const std::vector<std::string>& namespaces() const { return namespaces_; }
  const InstallArguments arguments_;

 private:
  void on_gathered();
  bool take_namespaces();

  change::Context& context_;
  Fn fn_;
  bool listing_ = false;
  std::vector<std::string> namespaces_, notes_;
  cluster::Part* list_ = nullptr;
  std::optional<cluster::Gather> gather_;
};

struct Named {
  std::string_view kind;  // kinds::get() has it
  std::string ns, name;
};
// A step for the object, of which `before` is what was read (absent: nothing).
change::Step step_of(change::Verb verb, const Named& object, std::string body,
                     base::json::Value before);

}  // namespace catalog
