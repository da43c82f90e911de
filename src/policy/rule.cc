#include "policy/rule.h"

#include <algorithm>
#include <iterator>

#include "policy/glob.h"

namespace policy {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& each) { return policy::matches(each, text); });
}

bool fits(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || any_matches(patterns, text);
}

// Resources that are in no namespace: a list of one of them covers no namespaces. A kind that is missing here
// only makes deny rules with `namespaces` match its lists, too.
constexpr std::string_view kClusterScoped[] = {"accessmanagements",
                                               "apiservices",
                                               "certificatesigningrequests",
                                               "clusterissuers",
                                               "clusterprofiles",
                                               "clusterrolebindings",
                                               "clusterroles",
                                               "componentstatuses",
                                               "csidrivers",
                                               "csinodes",
                                               "customresourcedefinitions",
                                               "flowschemas",
                                               "ingressclasses",
                                               "managements",
                                               "multiclusterservices",
                                               "mutatingwebhookconfigurations",
                                               "namespaces",
                                               "nodes",
                                               "persistentvolumes",
                                               "priorityclasses",
                                               "providerinterfaces",
                                               "providertemplates",
                                               "regions",
                                               "releases",
                                               "runtimeclasses",
                                               "storageclasses",
                                               "validatingadmissionpolicies",
                                               "validatingadmissionpolicybindings",
                                               "validatingwebhookconfigurations",
                                               "volumeattachments"};

constexpr std::uint16_t kOfMany = kList | kWatch | kDeleteCollection;

}  // namespace

std::uint16_t verb_bit(std::string_view verb) {
  const auto& words = verb_words();
  const auto at = std::find(words.begin(), words.end(), verb);
  return at == words.end() ? 0 : static_cast<std::uint16_t>(1U << (at - words.begin()));
}

const std::vector<std::string_view>& verb_words() {
  static const std::vector<std::string_view> words = {
      "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"};
  return words;
}

std::string_view user_of(std::string_view identity) {
  return identity.substr(0, identity.rfind('/'));
}

bool covers_names(const Attributes& a, std::uint16_t verb) {
  return a.name.empty() && (verb & kOfMany) != 0;
}

bool covers_namespaces(const Attributes& a, std::uint16_t verb) {
  return a.ns.empty() && (verb & kOfMany) != 0 &&
         !std::binary_search(std::begin(kClusterScoped), std::end(kClusterScoped), a.resource);
}

bool KindPattern::matches(const Attributes& a) const {
  if (!policy::matches(group, a.group)) return false;
  if (!subresource.empty() && !policy::matches(subresource, a.subresource)) return false;
  return any_matches(resources, a.resource);
}

bool Rule::matches(const Attributes& a, std::uint16_t verb) const {
  if ((verbs & verb) == 0) return false;
  if (!concerns(a.tool, a.identity, a.cluster)) return false;
  if (privileged && !allow && a.node_field.empty()) return false;
  const bool some = !allow;  // a part of what the request covers is enough
  if (!fits(namespaces, a.ns) && !(some && covers_namespaces(a, verb))) return false;
  if (!fits(names, a.name) && !(some && covers_names(a, verb))) return false;
  return kinds.empty() || std::any_of(kinds.begin(), kinds.end(),
                                      [&](const KindPattern& each) { return each.matches(a); });
}

bool Rule::concerns(std::string_view tool, std::string_view identity,
                    std::string_view cluster) const {
  return fits(tools, tool) && fits(clusters, cluster) && fits(identities, user_of(identity));
}

bool Rule::names_kind(const Attributes& a) const {
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](const KindPattern& each) { return each.literal && each.matches(a); });
}

bool Rule::names_namespace(std::string_view ns) const {
  return std::find(namespaces.begin(), namespaces.end(), ns) != namespaces.end();
}

bool Rule::names_subresource(const Attributes& a) const {
  return std::any_of(kinds.begin(), kinds.end(), [&](const KindPattern& each) {
    return each.subresource == a.subresource && each.matches(a);
  });
}

}  // namespace policy
