#include "kube/answer_kind.h"

#include "base/text.h"

namespace kube {
namespace {

// Whether `plural` is that of `kind` (k8s.io/apimachinery, meta.UnsafeGuessKindToResource; it holds for
// each kind of the core group).
bool is_plural_of(std::string_view plural, std::string_view kind) {
  std::string singular = base::to_lower(kind);
  if (plural == singular) return true;  // endpoints
  if (singular.ends_with('s')) return plural == singular + "es";
  if (singular.ends_with('y')) {
    singular.pop_back();
    return plural == singular + "ies";
  }
  return plural == singular + "s";
}

bool is_list_kind(const Resource& resource, std::string_view accept, std::string_view kind,
                  std::string_view version) {
  if (kind == "List") return true;
  for (std::string_view form : {"Table", "PartialObjectMetadataList"}) {
    if (kind == form) return accept.find("as=" + std::string(form) + ";") != std::string_view::npos;
  }
  if (kind.empty() || kind == "Status") return false;
  const std::string wanted =
      resource.group.empty() ? resource.version : resource.group + "/" + resource.version;
  if (!version.empty() && version != wanted) return false;
  if (!resource.group.empty()) return true;
  return kind.ends_with("List") && is_plural_of(resource.plural, kind.substr(0, kind.size() - 4));
}

}  // namespace

std::optional<std::string> why_not_list_of(const Resource& resource, std::string_view accept,
                                           base::json::Value root) {
  const std::string_view kind = root["kind"].str(), version = root["apiVersion"].str();
  if (is_list_kind(resource, accept, kind, version)) return std::nullopt;
  if (kind.empty()) return "the answer is not a list: it has no kind";
  return "the answer is not this list but of kind '" + base::printable(kind, 100) + "'" +
         (version.empty() ? "" : " in " + base::printable(version, 100));
}

bool is_object_named(base::json::Value root, std::string_view name) {
  return root["kind"].str() != "Status" && root["metadata"]["name"].str() == name;
}

}  // namespace kube
