#include "deployments/kinds.h"

#include <string>

#include "base/text.h"
#include "kinds/table.h"

namespace deployments {

using base::json::Value;

namespace {

constexpr std::string_view kUsualVersions = "v1beta2,v1beta1,v1alpha2,v1alpha1,v1";

std::string plural_of(std::string_view kind) {
  std::string out = base::to_lower(kind);
  if (out.ends_with('y')) return out.replace(out.size() - 1, 1, "ies");
  const bool hisses = out.ends_with('s') || out.ends_with('x') || out.ends_with("ch");
  return out.append(hisses ? "es" : "s");
}

}  // namespace

std::string_view group_of(Value reference) {
  const std::string_view group = reference["apiGroup"].str();
  if (!group.empty()) return group;
  const std::string_view version = reference["apiVersion"].str();
  const std::size_t slash = version.find('/');
  return slash == version.npos ? std::string_view() : version.substr(0, slash);
}

cluster::Collection collection_of(Value reference) {
  const std::string_view group = group_of(reference), written = reference["apiVersion"].str();
  const kinds::Kind* known = kinds::find(group, reference["kind"].str());
  const std::string plural =
      known ? std::string(known->plural) : plural_of(reference["kind"].str());
  std::string versions;
  if (!written.empty()) versions.append(written.substr(written.find('/') + 1)).append(",");
  versions.append(group.empty() ? "v1" : kUsualVersions);
  return cluster::ListedKind{plural, group, versions};
}

}  // namespace deployments
