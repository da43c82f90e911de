#include "objects/manifest.h"

#include <utility>

#include "base/json.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "change/clean.h"

namespace objects {

using base::json::Type;
using base::json::Value;

namespace {

base::Error no_manifest(std::string what) {
  return base::Error(base::Errc::invalid_argument, "'manifest': " + std::move(what));
}

class Reader {
 public:
  base::Result<void> add(Value object) {
    if (object.is(Type::array)) return add_all(object);
    if (!object.is(Type::object))
      return no_manifest("an object was expected, got " + std::string(object.type_name()));
    if (object["kind"].str().ends_with("List") && object["items"].is(Type::array))
      return add_all(object["items"]);
    const std::string api(object["apiVersion"].str()), kind(object["kind"].str());
    const Value metadata = object["metadata"];
    if (api.empty() || kind.empty()) return no_manifest("an object needs apiVersion and kind");
    if (metadata["name"].str().empty())
      return no_manifest(kind +
                         " has no metadata.name (generateName is not taken: a repeated call would "
                         "make another object)");
    if (out_.size() == kManifestObjects)
      return no_manifest("more than " + std::to_string(kManifestObjects) + " objects in one call");
    auto wish = change::clean_wish(object);
    if (!wish) return std::move(wish).error().within("'manifest'");
    out_.push_back({api + "/" + kind, std::string(metadata["namespace"].str()),
                    std::string(metadata["name"].str()), std::move(wish->json),
                    std::move(wish->dropped)});
    return {};
  }
  std::vector<ManifestObject> take() { return std::move(out_); }

 private:
  base::Result<void> add_all(Value list) {
    for (const Value each : list.array())
      if (auto ok = add(each); !ok) return ok;
    return {};
  }
  std::vector<ManifestObject> out_;
};

}  // namespace

base::Result<std::vector<ManifestObject>> read_manifest(std::string_view given) {
  if (given.size() > kManifestBytes) return no_manifest("larger than 1.5 MiB");
  base::json::Document doc;
  const auto root = doc.parse(given);
  if (!root) return no_manifest(root.error().what());
  Reader reader;
  if (root->is(Type::string)) {
    base::yaml::Bound bound{base::limits::kBodyValues, "send fewer objects in one call"};
    const auto documents = base::yaml::parse(root->str(), bound);
    if (!documents) return no_manifest(documents.error().what());
    base::json::Document each;
    for (const base::yaml::Node& node : *documents) {
      if (node.kind == base::yaml::Node::Kind::null) continue;
      const auto value = each.parse(base::yaml::to_json(node));
      if (!value) return no_manifest(value.error().what());
      if (auto ok = reader.add(*value); !ok) return std::move(ok).error();
    }
  } else if (auto once = change::check_twins(*root); !once) {
    return std::move(once).error().within("'manifest'");
  } else if (auto ok = reader.add(*root); !ok) {
    return std::move(ok).error();
  }
  std::vector<ManifestObject> all = reader.take();
  if (all.empty()) return no_manifest("there is no object in it");
  return all;
}

}  // namespace objects
