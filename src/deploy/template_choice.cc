#include "deploy/template_choice.h"

#include <algorithm>

#include "base/semver.h"
#include "base/text.h"
#include "cluster/template_name.h"

namespace deploy {

using base::json::Value;

namespace {

constexpr std::size_t kNamesShown = 12;

std::string_view name_of(Value object) {
  return object["metadata"]["name"].str();
}

// "aws-standalone-cp-1-0-43" is of provider aws and kind standalone-cp.
bool is_of(std::string_view name, const Wanted& wanted) {
  const std::string prefix = wanted.provider + "-" + wanted.kind;
  return name == prefix || (name.starts_with(prefix) && name[prefix.size()] == '-');
}

// A release is taken before any pre-release.
bool is_newer(std::string_view a, std::string_view b) {
  const bool early = base::is_prerelease(a);
  if (early != base::is_prerelease(b)) return !early;
  return base::compare_versions(a, b) > 0;
}

std::string listed(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const std::size_t more = names.size() > kNamesShown ? names.size() - kNamesShown : 0;
  names.resize(names.size() - more);
  return base::join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

base::Error missing(Value templates, const Wanted& wanted, std::string_view ns) {
  std::vector<std::string_view> names;
  std::vector<std::string> all;
  for (const Value each : templates.array()) {
    names.push_back(name_of(each));
    const bool valid = each["status"]["valid"].bool_or(false);
    all.push_back(std::string(name_of(each)) + (valid ? "" : " (not valid)"));
  }
  std::string text = wanted.name.empty()
                         ? "no valid ClusterTemplate of provider " +
                               base::printable(wanted.provider, 64) + " and kind " +
                               base::printable(wanted.kind, 64)
                         : "no ClusterTemplate " + base::printable(wanted.name, 128);
  text.append(" in namespace ").append(ns);
  if (all.empty()) return base::Error(base::Errc::not_found, text + ": there is none at all");
  const std::string_view near = base::nearest(wanted.name, names);
  if (!wanted.name.empty() && !near.empty())
    text.append(" (did you mean ").append(near).append("?)");
  return base::Error(base::Errc::not_found, text + "; there are: " + listed(std::move(all)));
}

}  // namespace

std::string version_of(Value object) {
  for (const Value each :
       {object["status"]["chartVersion"], object["spec"]["helm"]["chartSpec"]["version"]})
    if (!each.str().empty()) return std::string(each.str());
  return cluster::version_in_name(name_of(object));
}

bool is_wanted(Value object, const Wanted& wanted) {
  return wanted.name.empty() ? is_of(name_of(object), wanted) : name_of(object) == wanted.name;
}

base::Result<Value> choose_template(Value templates, const Wanted& wanted, std::string_view ns) {
  Value best;
  for (const Value each : templates.array()) {
    if (!wanted.name.empty()) {
      if (name_of(each) != wanted.name) continue;
      const Value status = each["status"];
      if (status["valid"].bool_or(false)) return each;
      const std::string why = base::printable(status["validationError"].str(), 400);
      return base::Error(base::Errc::invalid_argument,
                         "ClusterTemplate " + wanted.name +
                             (status["valid"] ? " is not valid" + (why.empty() ? "" : ": " + why)
                                              : " has not been processed by k0rdent yet"));
    }
    if (!is_of(name_of(each), wanted) || !each["status"]["valid"].bool_or(false)) continue;
    if (!best || is_newer(version_of(each), version_of(best))) best = each;
  }
  if (best) return best;
  return missing(templates, wanted, ns);
}

std::string state_problem(std::string_view name, Value status) {
  if (status["valid"].bool_or(false)) return {};
  const std::string why = base::printable(status["validationError"].str(), 400);
  return "ServiceTemplate " + base::printable(name, 128) +
         (status["valid"] ? " is not valid" + (why.empty() ? "" : ": " + why)
                          : " has not been processed by k0rdent yet");
}

}  // namespace deploy
