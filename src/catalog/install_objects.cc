#include "catalog/install_objects.h"

#include <array>

#include "base/hash.h"
#include "base/names.h"
#include "base/text.h"
#include "catalog/index.h"

namespace catalog {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kEnterprise = "oci://registry.mirantis.com/k0rdent-enterprise-catalog";
constexpr std::string_view kManaged = "k0rdent.mirantis.com/managed";
constexpr std::size_t kDigestBytes = 4;  // of a URL: a namespace has a handful of repositories

bool is_oci(std::string_view url) {
  return base::to_lower(url.substr(0, 6)) == "oci://";
}

}  // namespace

std::string repository_name(std::string_view url) {
  while (url.ends_with('/'))
    url.remove_suffix(1);
  if (url == kUsualRepository) return "k0rdent-catalog";
  if (url == kEnterprise) return "k0rdent-enterprise-catalog";
  return "k0rdent-catalog-" + base::sha256_hex(url).substr(0, 2 * kDigestBytes);
}

std::string template_name(std::string_view chart, std::string_view version) {
  std::string name = base::to_lower(std::string(chart) + "-" + std::string(version));
  for (char& c : name)
    c = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  return base::is_dns_subdomain(name) ? name : std::string();
}

std::string repository_body(std::string_view url) {
  std::string out;
  Writer w(out);
  w.begin_object().key("metadata").begin_object().key("labels").begin_object();
  w.field(kManaged, "true").end_object().end_object();
  w.key("spec").begin_object();
  if (is_oci(url)) w.field("type", "oci");
  w.field("url", url).end_object().end_object();
  return out;
}

std::string template_body(std::string_view chart, std::string_view version,
                          std::string_view repository) {
  std::string out;
  Writer w(out);
  w.begin_object().key("metadata").begin_object().key("annotations").begin_object();
  w.field("helm.sh/resource-policy", "keep").end_object().end_object();
  w.key("spec").begin_object().key("helm").begin_object().key("chartSpec").begin_object();
  w.field("chart", chart).field("version", version).field("interval", "10m0s");
  w.key("sourceRef").begin_object().field("kind", "HelmRepository").field("name", repository);
  w.end_object().end_object().end_object().end_object().end_object();
  return out;
}

bool is_such_repository(Value object, std::string_view url) {
  return object["metadata"]["labels"][kManaged].str() == "true" &&
         object["spec"]["url"].str() == url &&
         object["spec"]["type"].str("default") == (is_oci(url) ? "oci" : "default");
}

std::string source_of(Value service_template) {
  const Value chart = service_template["spec"]["helm"]["chartSpec"];
  if (!chart) return "no chart of a repository";
  return "chart " + std::string(chart["chart"].str()) + " " + std::string(chart["version"].str()) +
         " of " + std::string(chart["sourceRef"]["kind"].str()) + " " +
         std::string(chart["sourceRef"]["name"].str());
}

}  // namespace catalog
