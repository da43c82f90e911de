// Conditions (metav1.Condition, and Cluster API's older ones with a severity) in order of weight:
// what is wrong comes first, what is as it should be last.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace answer {

enum class Weight : unsigned char {
  failure,  // wrong, and it will not pass by itself as far as the condition tells
  warning,  // wrong, or under way
  unknown,
  notable,  // as it should be, but worth a look: Deleting True
  good,
};

struct Weighed {
  base::json::Value condition;
  Weight weight = Weight::good;
};

// By Kubernetes' convention True is good, except for the types that say that something is wrong or
// under way (Paused, Stalled, Deleting, Reconciling, …Creating, …). A severity Info or Warning is a
// warning.
Weight weight_of(base::json::Value condition, base::WallTime now);

using Weigh = Weight (*)(base::json::Value condition, base::WallTime now);
// The condition Ready first, then by weight; of one weight in the object's order. Where Ready is
// True, a False of severity Info is as it should be: what is optional or done (BastionHostReady).
std::vector<Weighed> by_weight(base::json::Value conditions, base::WallTime now,
                               Weigh weigh = weight_of);

// {"type":…,"status":…,"reason":…,"message":…,"lastTransitionTime":…[,"severity":…]}
std::string condition_json(base::json::Value condition);
// "  Ready  False  Failed: no quota left", the message cut.
std::string condition_line(base::json::Value condition);

}  // namespace answer
