#include "auth/token/issuer_settings.h"

#include <algorithm>
#include <iterator>

#include "auth/token/own_names.h"
#include "base/names.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "base/yaml_error.h"

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::yaml::error_at;
using base::yaml::Member;
using base::yaml::Node;
using base::yaml::quoted;
using base::yaml::unknown_word;
using Words = std::vector<std::string_view>;

constexpr std::size_t kPrefixBytes = 64;  // each group has it

Result<std::string> read_text(std::string_view key, const Node& node) {
  if (node.kind != Node::Kind::scalar || node.scalar.empty())
    return error_at(node.line, std::string(key) + " must be a text that is not empty");
  if (node.scalar.size() > kSettingBytes) {
    return error_at(node.line, std::string(key) + " may have at most " +
                                   std::to_string(kSettingBytes) + " bytes");
  }
  return node.scalar;
}

// A list of texts, or one text.
Result<std::vector<std::string>> read_list(std::string_view key, const Node& node,
                                           std::size_t most) {
  std::vector<std::string> texts;
  if (node.kind != Node::Kind::sequence) {
    auto text = read_text(key, node);
    if (!text) return std::move(text).error();
    texts.push_back(*std::move(text));
    return texts;
  }
  if (node.items.empty() || node.items.size() > most) {
    return error_at(node.line,
                    std::string(key) + " must have 1 to " + std::to_string(most) + " entries");
  }
  for (const Node& item : node.items) {
    auto text = read_text(key, item);
    if (!text) return std::move(text).error();
    texts.push_back(*std::move(text));
  }
  return texts;
}

Result<std::string> read_url(std::string_view key, const Node& node, const UrlRules& rules) {
  auto text = read_text(key, node);
  if (!text) return text;
  if (auto url = checked_url(*text, rules); !url)
    return error_at(node.line, std::string(key) + " " + url.error().what());
  return text;
}

// What is wrong with a prefix; "": nothing. Any claim may follow it.
std::string prefix_problem(std::string_view prefix) {
  constexpr std::string_view kReserved = "system:";
  const std::size_t common = std::min(prefix.size(), kReserved.size());
  if (base::iequals(prefix.substr(0, common), kReserved.substr(0, common)))
    return "a claim could make a name of system: with it";
  if (prefix.size() > kPrefixBytes)
    return "it may have at most " + std::to_string(kPrefixBytes) + " bytes";
  if (prefix != base::printable(prefix, kPrefixBytes) || prefix.front() == ' ')
    return "it has a character that is not fit for a name";
  return {};
}

// {claim: NAME or [PATH], prefix: TEXT}, or NAME or [PATH] alone.
Result<void> read_prefixed(std::string_view key, const Node& node, ClaimPath& claim,
                           std::string& prefix) {
  if (node.kind != Node::Kind::mapping) {
    auto path = read_list(key, node, kClaimPath);
    if (!path) return std::move(path).error();
    claim = *std::move(path);
    return {};
  }
  for (const Member& member : node.members) {
    const Node& value = member.second;
    if (member.first == "claim") {
      auto path = read_list("claim", value, kClaimPath);
      if (!path) return std::move(path).error();
      claim = *std::move(path);
    } else if (member.first == "prefix") {
      if (value.kind != Node::Kind::scalar) return error_at(value.line, "prefix must be a text");
      std::string problem = prefix_problem(value.scalar);
      if (problem.empty() && key == "user" && begins_as_own(value.scalar))
        problem = "policy rules name other callers so";
      if (!problem.empty())
        return error_at(value.line, "prefix " + quoted(value.scalar) + ": " + problem);
      prefix = value.scalar;
    } else {
      return unknown_word(value.line, "key", member.first, {"claim", "prefix"});
    }
  }
  return {};
}

// Kubernetes' rule for keys that are its own (authentication.k8s.io, userextras): lower case, with
// a domain that is not its own.
bool is_extra_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == key.npos || slash + 1 == key.size()) return false;
  const std::string_view domain = key.substr(0, slash);
  for (const std::string_view own : {"kubernetes.io", "k8s.io"})
    if (domain == own || domain.ends_with("." + std::string(own))) return false;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  const std::string_view path = key.substr(slash + 1);
  return base::is_dns_subdomain(domain) && std::all_of(path.begin(), path.end(), fits);
}

Result<void> read_extra(const Node& node, IssuerSettings& settings) {
  if (node.kind != Node::Kind::mapping || node.members.size() > kExtraClaims) {
    return error_at(node.line, "extra must be a mapping with at most " +
                                   std::to_string(kExtraClaims) + " keys to claims");
  }
  for (const Member& member : node.members) {
    if (!is_extra_key(member.first)) {
      return error_at(member.second.line,
                      "extra key " + quoted(member.first) +
                          " must be DOMAIN/NAME in lower case, of another domain "
                          "than kubernetes.io and k8s.io");
    }
    auto path = read_list(member.first, member.second, kClaimPath);
    if (!path) return std::move(path).error();
    settings.extra.emplace_back(member.first, *std::move(path));
  }
  return {};
}

Result<void> read_claims(const Node& node, IssuerSettings& settings) {
  if (node.kind != Node::Kind::mapping) return error_at(node.line, "claims must be a mapping");
  for (const Member& member : node.members) {
    const Node& value = member.second;
    Result<void> ok;
    if (member.first == "user") {
      ok = read_prefixed("user", value, settings.user_claim, settings.user_prefix);
    } else if (member.first == "groups") {
      ok = read_prefixed("groups", value, settings.groups_claim, settings.groups_prefix);
    } else if (member.first == "extra") {
      ok = read_extra(value, settings);
    } else if (member.first == "uid" || member.first == "scopes") {
      auto path = read_list(member.first, value, kClaimPath);
      if (!path) return std::move(path).error();
      (member.first == "uid" ? settings.uid_claim : settings.scopes_claim) = *std::move(path);
    } else {
      ok = unknown_word(value.line, "key", member.first,
                        {"user", "groups", "uid", "scopes", "extra"});
    }
    if (!ok) return ok;
  }
  return {};
}

Result<void> read_algorithms(const Node& node, IssuerSettings& settings) {
  auto names = read_list("algorithms", node, kAlgorithms);
  if (!names) return std::move(names).error();
  settings.algorithms = 0;
  for (const std::string& name : *names) {
    const auto found = algorithm(name);
    if (!found) return unknown_word(node.line, "algorithm", name, algorithm_names());
    settings.algorithms |= bit(*found);
  }
  return {};
}

Result<void> read_typ(const Node& node, IssuerSettings& settings) {
  auto word = read_text("typ", node);
  if (!word) return std::move(word).error();
  if (*word != "at+jwt" && *word != "any")
    return unknown_word(node.line, "typ", *word, {"at+jwt", "any"});
  settings.typ = *word == "any" ? TypRule::any : TypRule::at_jwt;
  return {};
}

Result<void> read_into(std::string& out, Result<std::string> text) {
  if (!text) return std::move(text).error();
  out = *std::move(text);
  return {};
}

Result<void> read_exchange(const Node& node, const UrlRules& rules, IssuerSettings& settings) {
  if (node.kind != Node::Kind::mapping) return error_at(node.line, "exchange must be a mapping");
  ExchangeSettings& out = settings.exchange.emplace();
  for (const Member& member : node.members) {
    const auto& [key, value] = member;
    Result<void> ok;
    if (key == "clientId") {
      ok = read_into(out.client_id, read_text(key, value));
    } else if (key == "clientSecretFile") {
      ok = read_into(out.secret_file, read_text(key, value));
    } else if (key == "audience") {
      ok = read_into(out.audience, read_text(key, value));
    } else if (key == "scope") {
      ok = read_into(out.scope, read_text(key, value));
    } else if (key == "tokenEndpoint") {
      ok = read_into(out.endpoint, read_url(key, value, rules));
    } else {
      ok = unknown_word(value.line, "key", key,
                        {"clientId", "clientSecretFile", "audience", "scope", "tokenEndpoint"});
    }
    if (!ok) return ok;
  }
  if (out.client_id.empty() || out.secret_file.empty() || out.audience.empty())
    return error_at(node.line, "exchange needs clientId, clientSecretFile and audience");
  return {};
}

Result<void> read_issuer_url(const Node& node, IssuerSettings& settings, const UrlRules& rules) {
  auto text = read_url("issuer", node, rules);
  if (!text) return std::move(text).error();
  if (text->find('?') != text->npos) return error_at(node.line, "issuer must have no query");
  settings.issuer = *std::move(text);
  return {};
}

Result<void> read_member(std::string_view key, const Node& value, const UrlRules& rules,
                         IssuerSettings& settings) {
  if (key == "issuer") return read_issuer_url(value, settings, rules);
  if (key == "jwksUri") return read_into(settings.jwks_uri, read_url(key, value, rules));
  if (key == "caFile") return read_into(settings.ca_file, read_text(key, value));
  if (key == "algorithms") return read_algorithms(value, settings);
  if (key == "typ") return read_typ(value, settings);
  if (key == "claims") return read_claims(value, settings);
  if (key == "exchange") return read_exchange(value, rules, settings);
  if (key == "audiences") {
    auto texts = read_list(key, value, kAudiences);
    if (!texts) return std::move(texts).error();
    settings.audiences = *std::move(texts);
    return {};
  }
  return unknown_word(
      value.line, "key", key,
      {"issuer", "audiences", "caFile", "jwksUri", "algorithms", "typ", "claims", "exchange"});
}

Result<IssuerSettings> read_issuer(const Node& node, const UrlRules& rules) {
  if (node.kind != Node::Kind::mapping)
    return error_at(node.line, "an issuer must be a mapping with the key issuer");
  IssuerSettings settings;
  for (const Member& member : node.members)
    if (auto ok = read_member(member.first, member.second, rules, settings); !ok)
      return std::move(ok).error();
  if (settings.issuer.empty()) return error_at(node.line, "the issuer has no key issuer");
  return settings;
}

}  // namespace

Result<std::vector<IssuerSettings>> parse_issuers(std::string_view yaml, const UrlRules& rules) {
  if (yaml.size() > kIssuersFileBytes) {
    return Error(Errc::too_large, "a file of issuers may have at most " +
                                      std::to_string(kIssuersFileBytes) + " bytes");
  }
  auto documents = base::yaml::parse(yaml);
  if (!documents) return std::move(documents).error();
  if (documents->size() != 1 || documents->front().kind != Node::Kind::mapping)
    return error_at(1, "a file of issuers must be one YAML mapping with issuers");
  const Node& root = documents->front();
  for (const Member& member : root.members)
    if (member.first != "issuers")
      return unknown_word(member.second.line, "key", member.first, {"issuers"});
  const Node* const list = root.find("issuers");
  if (!list || list->kind != Node::Kind::sequence || list->items.empty() ||
      list->items.size() > kIssuers) {
    return error_at(list ? list->line : 1,
                    "issuers must be a list of 1 to " + std::to_string(kIssuers) + " issuers");
  }
  std::vector<IssuerSettings> out;
  for (const Node& item : list->items) {
    auto settings = read_issuer(item, rules);
    if (!settings) return std::move(settings).error();
    out.push_back(*std::move(settings));
  }
  return out;
}

Result<IssuerSettings> parse_issuer_url(std::string_view url, const UrlRules& rules) {
  auto parsed = checked_url(url, rules);
  if (!parsed) return std::move(parsed).error();
  if (url.find('?') != url.npos) return Error(Errc::invalid_argument, "must have no query");
  IssuerSettings settings;
  settings.issuer = url;
  return settings;
}

Result<void> check_issuers(const std::vector<IssuerSettings>& issuers) {
  const auto overlap = [](std::string_view a, std::string_view b) {
    return a.starts_with(b) || b.starts_with(a);
  };
  const auto wrong = [](std::string what) {
    return Error(Errc::invalid_argument, std::move(what));
  };
  if (issuers.size() > kIssuers) return wrong("more than " + std::to_string(kIssuers) + " issuers");
  for (auto a = issuers.begin(); a != issuers.end(); ++a) {
    for (auto b = std::next(a); b != issuers.end(); ++b) {
      if (a->issuer == b->issuer) return wrong("issuer " + quoted(a->issuer) + " is named twice");
      for (const auto prefix : {&IssuerSettings::user_prefix, &IssuerSettings::groups_prefix}) {
        if (!overlap((*a).*prefix, (*b).*prefix)) continue;
        return wrong("issuers " + quoted(a->issuer) + " and " + quoted(b->issuer) +
                     " could name the same user or group: give each a prefix of its own in a file "
                     "of issuers (claims.user.prefix, claims.groups.prefix)");
      }
    }
  }
  return {};
}

}  // namespace auth::token
