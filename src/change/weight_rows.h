// The table of changes that cost money, take machines away, or stop a controller, whichever tool makes
// them. Internal to the folder.
//
//   Cluster API   whatever its objects' specs say becomes machines; fewer replicas delete some
//   Flux          spec.suspend; the HelmReleases of KCM, which install clusters and components
//   k0rdent       clusters and what selects their services; Credentials and StateManagementProviders,
//                 on which many clusters hang; Management, Region, Release, AccessManagement
//   RBAC          rights: an agent could give itself, or others, what it was not given
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "change/dry_run.h"
#include "change/plan.h"

namespace change {

enum class When : unsigned char {
  always,
  made,      // the object was not there
  present,   // it was
  of_kcm,    // it was, and KCM handles it, by its label
  replaced,  // from one value to another
  to_zero,
  fewer,
  on,  // true
  off,
};

struct WeightRow {
  std::string_view group, kind;  // kind_match.h
  std::string_view path;         // and what is below it; "a*b": begins and ends so; "": each
  When when;
  Weight weight;
  // What follows, for the confirmation: {} is the object, {before} and {after} are the values. "":
  // the tool's plan says it.
  std::string_view says;
};

// The rows for the changes of one step, which is no removal. `step` and `tried` must outlive this.
class WeightRows {
 public:
  WeightRows(const Step& step, const Tried& tried) : step_(step), tried_(tried) {}
  // The first that matches; nullptr: the change is an ordinary one.
  const WeightRow* of(const Change& change);

 private:
  bool is_of_kcm();
  const Step& step_;
  const Tried& tried_;
  std::optional<bool> of_kcm_;  // not looked at yet
};
// WeightRow::says of it.
std::string effect_text(const WeightRow& row, const Step& step, const Change& change);

}  // namespace change
