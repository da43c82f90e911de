#include "deploy/identity_look.h"

#include "base/text.h"
#include "deploy/identity_kinds.h"
#include "kinds/credential_provider.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;
using cluster::Part;

namespace {

constexpr std::size_t kNameBytes = 128;  // shown of each

std::string text_of(std::string_view kind, std::string_view ns, std::string_view name) {
  return std::string(kind) + " " + (ns.empty() ? "" : std::string(ns) + "/") +
         base::printable(name, kNameBytes);
}

std::string_view group_of(std::string_view api) {
  return api.find('/') == api.npos ? std::string_view() : api.substr(0, api.find('/'));
}

// Providers look in k0rdent's own namespace, unless the identity names another.
std::string secret_namespace(Value identity, std::string_view system) {
  const Value spec = identity["spec"];
  for (const char* each : {"clientSecret", "secretRef"})
    if (const std::string_view ns = spec[each]["namespace"].str(); !ns.empty())
      return std::string(ns);
  return std::string(identity["metadata"]["namespace"].str(system));
}

}  // namespace

bool IdentityLook::ask(cluster::Gather& gather, Value credential, int round) {
  if (round == 0) *this = {};
  if (round > 0) return round == 1 && identity_ && ask_secret(gather, identity_->object());
  const Value spec = credential["spec"], ref = spec["identityRef"];
  const kinds::Kind* const kind = kinds::find(group_of(ref["apiVersion"].str()), ref["kind"].str());
  const std::string name(ref["name"].str());
  if (!kind || name.empty() || !spec["region"].str().empty()) return false;
  const std::string ns(kind->namespaced ? kinds::identity_namespace(credential)
                                        : std::string_view());
  identity_text_ = text_of(kind->kind, ns, name);
  const bool secret = kind->kind == "Secret";  // many callers may not see any
  identity_ = &gather.get(
      identity_text_, {*kind, ns, name, secret ? cluster::Form::metadata : cluster::Form::whole},
      secret ? Part::Need::silent : Part::Need::optional);
  return true;
}

bool IdentityLook::ask_secret(cluster::Gather& gather, Value identity) {
  const std::string_view kind = identity["kind"].str();
  const std::string name(has_secret(kind) ? secret_of(kind, identity) : std::string_view());
  if (name.empty()) return false;
  const std::string ns = secret_namespace(identity, gather.cluster().system_namespace);
  secret_text_ = text_of("Secret", ns, name);
  for (const std::string_view each : kinds::identity_secret_keys(identity))
    keys_.emplace_back(each);
  secret_ = &gather.get(secret_text_, {kinds::get("Secret"), ns, name, cluster::Form::metadata},
                        Part::Need::silent);
  contents_ = &gather.get(secret_text_, {kinds::get("Secret"), ns, name}, Part::Need::silent);
  return true;
}

std::vector<std::string> IdentityLook::problems() const {
  std::vector<std::string> out;
  if (identity_ && identity_->absent())
    out.push_back(identity_text_ +
                  ", which the credential names, is not there: without it no machine is made.");
  if (secret_ && secret_->absent())
    out.push_back(secret_text_ +
                  ", which the identity names, is not there: the provider cannot log in.");
  std::vector<std::string> missing;
  if (contents_ && contents_->object())
    for (const std::string& key : keys_)
      if (!contents_->object()["data"][key].present()) missing.push_back(key);
  if (!missing.empty())
    out.push_back(secret_text_ + " lacks " + base::join(missing, " and ") +
                  ": the provider cannot log in.");
  return out;
}

std::string IdentityLook::unread_text() const {
  if (keys_.empty() || !secret_ || secret_->absent() || contents_->object()) return {};
  const std::string why = contents_->failure() ? ": " + contents_->failure_text() : std::string();
  return secret_text_ + " must have " + base::join(keys_, " and ") +
         ", which could not be looked at" + why;
}

}  // namespace deploy
