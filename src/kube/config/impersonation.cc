#include "kube/config/impersonation.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/names.h"
#include "base/text.h"

namespace kube::config {
namespace {

using base::Result;

constexpr std::string_view kSystem = "system:";
constexpr std::string_view kAccount = "system:serviceaccount:";
constexpr std::size_t kShown = 64;  // bytes of a value that an error repeats

// Whether it is an RFC 9110 tchar other than '%', which starts an escape here.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$&'*+-.^_`|~").find(c) != std::string_view::npos;
}

base::Error bad(std::string_view what, std::string_view value, std::string_view why) {
  std::string text = "the ";
  text.append(what).append(" \"").append(base::printable(value, kShown)).append("\" ").append(why);
  return base::Error(base::Errc::invalid_argument, std::move(text));
}

Result<void> add(std::string& to, std::string_view name, std::string_view what,
                 std::string_view value) {
  if (!base::is_identity_name(value))
    return bad(
        what, value,
        "cannot be sent: it is empty, begins or ends with a blank, or has a control character");
  to.append(name).append(": ").append(value).append("\n");
  return {};
}

Result<void> add_groups(std::string& to, std::vector<std::string> groups) {
  if (groups.size() > kImpersonationGroups) {
    return base::Error(base::Errc::invalid_argument,
                       "the user has " + std::to_string(groups.size()) + " groups; at most " +
                           std::to_string(kImpersonationGroups) + " can be sent");
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  for (const std::string& group : groups) {
    if (group.starts_with(kSystem)) return bad("group", group, "belongs to the cluster itself");
    if (auto ok = add(to, "Impersonate-Group", "group", group); !ok) return ok;
  }
  return {};
}

Result<void> add_extra(std::string& to,
                       const std::map<std::string, std::vector<std::string>>& extra) {
  for (const auto& [key, values] : extra) {
    if (key.empty()) return bad("extra key", key, "is empty");
    for (const std::string& value : values) {
      if (auto ok = add(to, impersonate_extra_name(key), "extra value", value); !ok) return ok;
    }
  }
  return {};
}

}  // namespace

std::string impersonate_extra_name(std::string_view key) {
  std::string name = "Impersonate-Extra-";
  for (const char c : base::to_lower(key)) {
    if (is_plain(c)) {
      name += c;
    } else {
      name.append("%").append(base::hex(std::string_view(&c, 1)));
    }
  }
  return name;
}

bool is_service_account(std::string_view user) {
  if (!user.starts_with(kAccount)) return false;
  const auto parts = base::split(user.substr(kAccount.size()), ':');
  return parts.size() == 2 && base::is_dns_label(parts[0]) && base::is_dns_subdomain(parts[1]);
}

Result<base::Payload> impersonation_lines(const Impersonation& who) {
  const bool account = is_service_account(who.user);
  if (who.user.starts_with(kSystem) && !account)
    return bad("user", who.user, "belongs to the cluster itself");
  std::string out;
  if (auto ok = add(out, "Impersonate-User", "user", who.user); !ok) return std::move(ok).error();
  if (!who.uid.empty()) {
    if (auto ok = add(out, "Impersonate-Uid", "uid", who.uid); !ok) return std::move(ok).error();
  }
  if (auto ok = add_groups(out, who.groups); !ok) return std::move(ok).error();
  if (auto ok = add_extra(out, who.extra); !ok) return std::move(ok).error();
  if (out.size() > kImpersonationBytes) {
    return bad("user", who.user, "has more groups and extra values than fit into a request");
  }
  return base::Payload(out);
}

void add_impersonation(std::string_view lines, HeaderList& to) {
  for (const std::string_view line : base::split(lines, '\n')) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      to.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
}

}  // namespace kube::config
