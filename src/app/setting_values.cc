#include "app/setting_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/names.h"
#include "base/seal.h"
#include "base/text.h"
#include "cluster/namespace_filter.h"
#include "net/socket.h"
#include "tools/toolsets.h"

namespace app {

using base::Result;

base::Error bad(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

namespace {

std::vector<std::string> list_of(std::string_view value) {
  std::vector<std::string> out;
  for (std::string_view part : base::split(value, ',')) {
    if (part = base::trim(part); !part.empty()) out.push_back(base::to_lower(part));
  }
  return out;
}

}  // namespace

// Several are separated by spaces, for the variable; the flag may be repeated, too.
Result<void> set_listen(Settings& s, std::string_view value) {
  if (!std::exchange(s.listen_said, true)) s.listens.clear();
  for (const std::string_view each : base::split(base::trim(value), ' ')) {
    if (each.empty() && !value.empty()) continue;
    auto listen = parse_listen(each);
    if (!listen) return std::move(listen).error();
    s.listens.push_back(*std::move(listen));
  }
  return {};
}

Result<void> set_ops_listen(Settings& s, std::string_view value) {
  auto listen = parse_listen(value);
  if (!listen) return std::move(listen).error();
  if (listen->auth || listen->tls.value_or(false))
    return bad("must have neither auth= nor tls=on: health and metrics need no identity");
  listen->tls = false;
  s.ops_listen = *std::move(listen);
  return {};
}

Result<void> set_tls_client_user(Settings& s, std::string_view value) {
  using net::UserField;
  constexpr std::pair<std::string_view, UserField> kFields[] = {{"cn", UserField::common_name},
                                                                {"uri", UserField::uri},
                                                                {"dns", UserField::dns},
                                                                {"email", UserField::email}};
  for (const auto& [name, field] : kFields) {
    if (value != name) continue;
    s.tls.user = field;
    return {};
  }
  return bad("must be cn, uri, dns or email");
}

Result<void> set_duration(base::Duration& to, std::string_view value, base::Duration least,
                          base::Duration most) {
  auto d = base::parse_duration(value);
  if (!d) return bad("must be a duration (" + d.error().what() + ")");
  if (*d < least) return bad("must be at least " + base::format_duration(least));
  if (*d > most) return bad("must be at most " + base::format_duration(most));
  to = *d;
  return {};
}

Result<void> set_count(std::size_t& to, std::string_view value, std::int64_t least,
                       std::int64_t most) {
  auto n = base::parse_int(value);
  if (!n || *n < least || *n > most) {
    return bad("must be a whole number from " + std::to_string(least) + " to " +
               std::to_string(most));
  }
  to = static_cast<std::size_t>(*n);
  return {};
}

Result<void> set_number(double& to, std::string_view value, double least, double most) {
  value = base::trim(value);
  double n = 0;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), n, std::chars_format::fixed);
  // Not "n < least": that is false for a NaN.
  if (error != std::errc() || end != value.data() + value.size() || !(n >= least && n <= most)) {
    return bad("must be a number from " + std::to_string(static_cast<int>(least)) + " to " +
               std::to_string(static_cast<int>(most)) + ", e.g. " + (most > 1 ? "1.5" : "0.2"));
  }
  to = n;
  return {};
}

// CLASS=RATE[:AT_ONCE]; a class that is not named keeps its default.
Result<void> set_rates(Settings& s, std::string_view value) {
  constexpr std::string_view kForm =
      "must be none or parts like read=200:128, with the classes read, logs, write and other: calls a "
      "second, and after the colon calls at once";
  s.rates = Settings{}.rates;
  if (value == "none") return s.rates = {}, Result<void>();
  std::array<bool, std::tuple_size_v<mcp::shared::Rates>> given{};
  for (const std::string& part : list_of(value)) {
    const std::size_t equals = part.find('=');
    const auto& names = mcp::shared::kClassNames;
    const auto at = std::find(names.begin(), names.end(), part.substr(0, equals));
    if (at == names.end() || equals == std::string::npos) return bad(std::string(kForm));
    const auto which = static_cast<std::size_t>(at - names.begin());
    if (std::exchange(given[which], true)) return bad("must have each class once");
    mcp::shared::Rate& rate = s.rates[which];
    const std::string_view limits = std::string_view(part).substr(equals + 1);
    const std::size_t colon = limits.find(':');
    if (!set_number(rate.per_second, limits.substr(0, colon), 0, 1000000))
      return bad(std::string(kForm));
    if (colon != std::string_view::npos &&
        !set_count(rate.at_once, limits.substr(colon + 1), 0, 1000000))
      return bad(std::string(kForm));
  }
  return {};
}

Result<void> set_memory_limit(Settings& s, std::string_view value) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30},
      {"k", 1000},     {"M", 1000000},  {"G", 1000000000}};
  // Below kLeast the program itself does not fit.
  constexpr std::int64_t kLeast = std::int64_t{16} << 20, kMost = std::int64_t{1} << 50;
  s.memory_limit_said = true;
  if (value == "none") return s.memory_limit = base::Budget::kNone, Result<void>();
  std::int64_t unit = 1;
  for (const auto& [name, factor] : kUnits) {
    if (unit != 1 || value.size() <= name.size() ||
        value.substr(value.size() - name.size()) != name)
      continue;
    unit = factor;
    value.remove_suffix(name.size());
  }
  const auto n = base::parse_int(value);
  if (!n || *n < 0 || *n > kMost / unit || *n * unit < kLeast)
    return bad("must be a size of at least 16Mi, e.g. 134217728 or 128Mi, or none");
  s.memory_limit = static_cast<std::size_t>(*n * unit);
  return {};
}

Result<void> set_connections_per_peer(Settings& s, std::string_view value) {
  return set_count(s.max_connections_per_peer, value, 1, 1000000);
}

Result<void> set_on_off(bool& to, std::string_view value) {
  if (value != "on" && value != "off") return bad("must be on or off");
  to = value == "on";
  return {};
}

Result<void> set_tool_names(Settings& s, std::string_view value) {
  if (value != "dots" && value != "underscores") return bad("must be dots or underscores");
  s.tool_names = value == "dots" ? mcp::ToolNames::dots : mcp::ToolNames::underscores;
  return {};
}

// An empty name is a variable that was not set: without the file the server would do more than it
// should.
Result<void> set_file(std::string& file, std::string_view value) {
  if (value.empty()) return bad("must name a file");
  file = value;
  return {};
}

Result<void> set_confirm(Settings& s, std::string_view value) {
  using change::Confirm;
  constexpr std::pair<std::string_view, Confirm> kModes[] = {{"always", Confirm::always},
                                                             {"destructive", Confirm::destructive},
                                                             {"never", Confirm::never}};
  for (const auto& [name, mode] : kModes) {
    if (value != name) continue;
    s.confirm = mode;
    return {};
  }
  return bad("must be always, destructive or never");
}

Result<void> set_field_owner(Settings& s, std::string_view value) {
  if (value.empty() || value.size() > kube::kFieldManagerBytes ||
      base::printable(value, kube::kFieldManagerBytes) != value)
    return bad("must be 1 to 128 printable characters");
  s.field_owner = value;
  return {};
}

Result<void> set_toolsets(Settings& s, std::string_view value) {
  s.toolsets = list_of(value);
  const std::vector<std::string_view>& all = tools::toolsets();
  for (const std::string& each : s.toolsets) {
    if (std::find(all.begin(), all.end(), each) != all.end()) continue;
    std::string names;
    for (const std::string_view name : all)
      names.append(names.empty() ? "" : ", ").append(name);
    const std::string_view near = base::nearest(each, all);
    return bad("must be some of " + names + "; there is no " + base::printable(each, 64) +
               (near.empty() ? "" : " (did you mean " + std::string(near) + "?)"));
  }
  return {};
}

Result<void> set_log_level(Settings& s, std::string_view value) {
  auto level = base::log::parse_level(base::trim(value));
  if (!level) return bad("must be debug, info, warn or error");
  s.log_level = *level;
  return {};
}

Result<void> set_log_format(Settings& s, std::string_view value) {
  if (value == "json") return s.log_format = base::log::Format::json, Result<void>();
  if (value == "text") return s.log_format = base::log::Format::text, Result<void>();
  return bad("must be json or text");
}

Result<void> set_auth_mode(Settings& s, std::string_view value) {
  const auto mode = parse_auth_mode(value);
  if (!mode) return bad("must be " + std::string(auth_mode_names()));
  s.auth_mode = *mode;
  s.auth_mode_said = true;
  return {};
}

Result<void> set_namespace_filter(Settings& s, std::string_view value) {
  if (auto parsed = cluster::NamespaceFilter::parse(value); !parsed) {
    return bad("must be a POSIX extended regular expression (" + parsed.error().what() + ")");
  }
  s.namespace_filter = value;
  return {};
}

Result<void> set_system_namespace(Settings& s, std::string_view value) {
  if (!base::is_dns_label(value)) return bad("must be a namespace name (a DNS label)");
  s.system_namespace = value;
  return {};
}

Result<void> set_catalog_url(Settings& s, std::string_view value) {
  if (auto source = catalog::parse_source(value); !source) return std::move(source).error();
  s.catalog.url = value;
  return {};
}

Result<void> set_catalog_cache_dir(Settings& s, std::string_view value) {
  if (value != "none" && !value.starts_with('/')) return bad("must be an absolute path or none");
  s.catalog.cache_dir = value == "none" ? std::string_view() : value;
  return {};
}

Result<void> set_hosts(Settings& s, std::string_view value) {
  s.allowed_hosts = list_of(value);
  for (const std::string& host : s.allowed_hosts) {
    const bool v6 = net::parse_address(host, 0).has_value();
    if (v6 || host.find_first_of("/:*[] ") == std::string::npos) continue;
    return bad("must be host names without scheme and port, separated by commas");
  }
  return {};
}

Result<void> set_origins(Settings& s, std::string_view value) {
  s.allowed_origins = list_of(value);
  for (const std::string& origin : s.allowed_origins) {
    const std::size_t scheme = origin.find("://");
    if (scheme != 0 && scheme != std::string::npos && scheme + 3 < origin.size() &&
        origin.find_first_of("/*?@ ", scheme + 3) == std::string::npos) {
      continue;
    }
    return bad("must be origins like https://host or https://host:port, separated by commas");
  }
  return {};
}

Result<void> set_audit_key(Settings& s, std::string_view file) {
  auto key = base::Seal::read_key(std::string(file));
  if (!key) return bad("must name a readable file with a key: " + key.error().what());
  s.audit_key = *std::move(key);
  return {};
}

Result<void> set_seal_key(Settings& s, std::string_view file) {
  auto key = base::Seal::read_key(std::string(file));
  if (!key) return bad("must name a readable file with a key: " + key.error().what());
  s.seal_key = *std::move(key);
  return {};
}

}  // namespace app
