#include "monitor/kept.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace monitor {

using base::json::Member;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kMetadata[] = {"name",       "namespace",         "uid",
                                          "labels",     "creationTimestamp", "deletionTimestamp",
                                          "generation", "annotations"};
constexpr std::string_view kAnnotations[] = {"k0rdent.mirantis.com/service-set-paused"};
constexpr std::string_view kBulk[] = {"values", "valuesFrom", "history", "inventory"};
constexpr std::string_view kService[] = {"name", "namespace", "template", "disable", "dependsOn"};
// What region_of() and provider_of() read of it.
constexpr std::string_view kConfig[] = {
    "region", "location", "subscriptionID", "project", "identityRef", "clusterIdentity", "vsphere"};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

template <std::size_t N>
void write_some(Writer& w, Value object, const std::string_view (&names)[N]) {
  w.begin_object();
  for (const Member member : object.object()) {
    if (!among(names, member.key)) continue;
    w.key(member.key);
    if (member.key == "annotations") {
      write_some(w, member.value, kAnnotations);
    } else {
      w.raw(member.value.to_json());
    }
  }
  w.end_object();
}

void write_part(Writer& w, Value part) {
  w.begin_object();
  for (const Member member : part.object()) {
    if (among(kBulk, member.key)) continue;
    w.key(member.key);
    if (member.key == "config") {
      write_some(w, member.value, kConfig);
    } else if (member.key == "serviceSpec") {
      w.begin_object().key("provider").begin_object();
      w.field_if("name", member.value["provider"]["name"].str()).end_object();
      w.key("services").begin_array();
      for (const Value service : member.value["services"].array())
        write_some(w, service, kService);
      w.end_array().end_object();
    } else {
      w.raw(member.value.to_json());
    }
  }
  w.end_object();
}

}  // namespace

// Its services are in the ClusterDeployment's status; their values may be large.
static void write_set(Writer& w, Value set) {
  w.key("spec").begin_object().key("provider").begin_object();
  w.field_if("name", set["spec"]["provider"]["name"].str()).end_object().end_object();
  w.key("status").begin_object();
  const Value status = set["status"];
  if (const Value provider = status["provider"]) w.key("provider").raw(provider.to_json());
  // Whether there is a status at all counts, too.
  if (status.size() > 0) w.field("deployed", status["deployed"].bool_or(false));
  w.end_object();
}

std::string kept_json(Value object) {
  std::string out;
  Writer w(out);
  w.begin_object().field("kind", object["kind"].str()).key("metadata");
  write_some(w, object["metadata"], kMetadata);
  if (object["kind"].str() == "ServiceSet") {
    write_set(w, object);
    w.end_object();
    return out;
  }
  for (const std::string_view part : {"spec", "status"}) {
    if (!object[part]) continue;
    w.key(part);
    write_part(w, object[part]);
  }
  w.end_object();
  return out;
}

}  // namespace monitor
