// Tried: what a step of a plan would do, or did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "change/diff.h"
#include "kube/failure.h"

namespace change {

struct Tried {
  bool exists = false;  // the object was there before
  std::string uid, resource_version;
  std::string before;  // JSON, with its secrets; "": it was not there
  std::string after;   // as the dry run answered; "": it goes
  // A hash of everything that is confirmed: the object before, without what changes by itself
  // (status, resourceVersion, managedFields), the wish, and the object after. What the wish does
  // not mention and the API server or a webhook fills in counts by its place, not by its value: a
  // port that is chosen at random would be another one in each dry run.
  std::string digest;
  Diff diff;
  std::vector<std::string> warnings;
  // The fields that other managers own by server-side apply and that a merge patch would change: a
  // conflict, unless it is forced. (The API server finds those of an apply.)
  std::vector<kube::FieldConflict> conflicts;
  // Managers that own fields of the object by other ways than server-side apply: an apply does not
  // take away what they set.
  std::vector<std::string> updaters;
  // What a step before it makes and the API server needs to try it: "namespace team-a", "its kind
  // (things.example.test)"; `after` is the wish itself. "": it was tried.
  std::string waits_for;
  std::optional<kube::Failure> failure;  // the API server refuses it
  bool stale = false;                    // the plan is made of an older object
};

}  // namespace change
