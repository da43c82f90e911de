#include "redact/values.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>

#include "base/encoding.h"
#include "base/text.h"
#include "redact/chars.h"
#include "redact/mask.h"

namespace redact {

namespace {

using Table = std::span<const std::string_view>;

constexpr std::string_view kLiterals[] = {
    "true",   "false",  "null",     "nil",      "none",    "undefined", "yes",
    "no",     "on",     "off",      "empty",    "unset",   "n/a",       "changed",
    "hidden", "masked", "optional", "required", "enabled", "disabled"};
// What follows "password:" or "token:" in a message.
constexpr std::string_view kProse[] = {"is",           "was",          "must",
                                       "not",          "has",          "for",
                                       "and",          "or",           "required",
                                       "empty",        "invalid",      "missing",
                                       "expired",      "incorrect",    "wrong",
                                       "unknown",      "malformed",    "failed",
                                       "denied",       "could",        "cannot",
                                       "unexpected",   "unable",       "no",
                                       "error",        "the",          "a",
                                       "an",           "illegal",      "revoked",
                                       "unauthorized", "found",        "authentication",
                                       "signature",    "verification", "updated",
                                       "created",      "deleted",      "rotated"};
constexpr std::string_view kRemoved[] = {"redacted", "data+omitted", "data omitted", "omitted"};
constexpr std::string_view kReferences[] = {"vault:", "ref+", "op://", "arn:aws", "secretref:"};
constexpr std::string_view kPublic[] = {"ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-",
                                        "-----BEGIN CERT", "-----BEGIN PUBLIC"};
// "Authorization: Bearer …": the scheme is no secret.
constexpr std::string_view kSchemes[] = {"bearer ", "basic ",     "token ",
                                         "digest ", "negotiate ", "apikey "};
constexpr std::size_t kRandomRun = 16;   // letters and digits without a break: no word is so long
constexpr std::size_t kTokenLength = 8;  // in prose; shorter ones are words
constexpr std::size_t kNameBytes = 253 + 1 + 63;
constexpr std::size_t kMostPlaceholder = 512;  // bytes; what is longer has a secret in it

bool is_one_of(Table table, std::string_view value) {
  return std::any_of(table.begin(), table.end(),
                     [&](std::string_view each) { return base::iequals(each, value); });
}
bool starts_with_one_of(Table table, std::string_view value) {
  return std::any_of(table.begin(), table.end(), [&](std::string_view each) {
    return base::iequals(each, value.substr(0, each.size()));
  });
}

bool is_number(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return is_digit(c) || c == '.' || c == '-' || c == '+'; });
}

// A number of digits only that is too long for a count, a size or a time in seconds.
bool is_long_number(std::string_view value) {
  constexpr std::size_t kLeastDigits = 11;
  return value.size() >= kLeastDigits && std::all_of(value.begin(), value.end(), is_digit);
}
bool is_count(std::string_view value) {
  return is_number(value) && !is_long_number(value);
}

bool is_enclosed(std::string_view value, std::string_view open, std::string_view close) {
  return value.size() >= open.size() + close.size() && value.starts_with(open) &&
         value.find(close) == value.size() - close.size();
}

bool is_placeholder(std::string_view value) {
  if (starts_with_one_of(kPublic, value)) return true;
  if (value.size() > kMostPlaceholder) return false;
  if (is_one_of(kLiterals, value)) return true;
  const char first = value.front();
  if ((first == '*' || first == 'x' || first == 'X' || first == '.' || first == '-') &&
      value.find_first_not_of(first) == value.npos) {
    return true;
  }
  // ${PASSWORD:-this is it}
  const std::size_t fallback = is_enclosed(value, "${", "}") ? value.find(":-") : value.npos;
  if (fallback != value.npos && fallback + 3 < value.size()) return false;
  if (is_enclosed(value, "${", "}") || is_enclosed(value, "$(", ")") ||
      is_enclosed(value, "{{", "}}") || is_enclosed(value, "<", ">")) {
    return true;
  }
  // <redacted>, [REDACTED], DATA+OMITTED
  std::size_t begin = 0, end = value.size();
  while (begin < end && !is_alnum(value[begin]))
    ++begin;
  while (end > begin && !is_alnum(value[end - 1]))
    --end;
  return is_one_of(kRemoved, value.substr(begin, end - begin)) ||
         starts_with_one_of(kReferences, value);
}

// A path of a mounted file; a random text that begins with '/' has upper case, too.
bool is_path(std::string_view value) {
  return value.size() > 1 && value.front() == '/' &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return is_lower(c) || is_digit(c) || c == '/' || c == '.' || c == '-' || c == '_';
         });
}

// A letter and a digit in a long run, or all three kinds in a text without blanks.
bool looks_random(std::string_view value) {
  std::size_t run = 0, longest = 0;
  bool upper = false, lower = false, digit = false;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) <= ' ') return false;
    upper = upper || is_upper(c);
    lower = lower || is_lower(c);
    digit = digit || is_digit(c);
    run = is_upper(c) || is_lower(c) || is_digit(c) ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  if (!digit || (!upper && !lower)) return false;
  return longest >= kRandomRun || (upper && lower && value.size() >= kRandomRun + 4);
}

// The characters of an object's name, also of namespace/name, and more that stand in references.
bool is_lower_name(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '/';
  });
}

// A word of prose, or a name of a provider.
bool is_word(std::string_view value) {
  constexpr std::size_t kMost = 16;
  return value.size() <= kMost &&
         std::all_of(value.begin(), value.end(), [](char c) { return is_lower(c) || is_upper(c); });
}

// A call in a program, or signs only.
bool is_code(std::string_view value) {
  return value.find('(') != value.npos || std::none_of(value.begin(), value.end(), is_alnum);
}

// user:password, but no host:port, no address.
bool is_login(std::string_view value) {
  const std::size_t colon = value.find(':');
  if (colon == 0 || colon >= value.size() - 1 || value[colon + 1] == '/') return false;
  const std::string_view password = value.substr(colon + 1);
  return value.find(' ') == value.npos && mask_size(password) == 0 && !is_number(password);
}

}  // namespace

bool is_name_like(std::string_view value) {
  if (value.empty() || value.size() > kNameBytes) return false;
  std::size_t digits = 0, letters = 0, breaks = 0, slashes = 0;
  char before = '-';
  for (const char c : value) {
    const bool is_break = c == '-' || c == '.' || c == '/';
    if (!is_break && !is_lower(c) && !is_digit(c)) return false;
    if (is_break && !is_lower(before) && !is_digit(before)) return false;
    digits += is_digit(c);
    letters += is_lower(c);
    breaks += is_break;
    slashes += c == '/';
    before = c;
  }
  return (is_lower(before) || is_digit(before)) && breaks > 0 && slashes <= 1 &&
         3 * digits <= letters;
}

bool begins_prose(std::string_view text) {
  const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  constexpr std::string_view kAfter = " \t\r\n,.;:!?)";
  return is_one_of(kProse, text.substr(0, end)) &&
         (end == text.npos || kAfter.find(text[end]) != kAfter.npos);
}

bool looks_like_token(std::string_view value) {
  if (value.size() < kTokenLength || is_name_like(value)) return false;
  bool digit = false, lower = false, upper_inside = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    digit = digit || is_digit(value[i]);
    lower = lower || is_lower(value[i]);
    upper_inside = upper_inside || (i > 0 && is_upper(value[i]));
  }
  return digit || (lower && upper_inside) || value.size() >= 3 * kTokenLength;
}

std::string_view without_scheme(std::string_view value) {
  for (const std::string_view scheme : kSchemes) {
    if (!base::iequals(scheme, value.substr(0, scheme.size()))) continue;
    value.remove_prefix(scheme.size());
    while (value.starts_with(' '))
      value.remove_prefix(1);
    return value;
  }
  return value;
}

bool is_basic_auth(std::string_view base64) {
  constexpr std::size_t kMost = 4096;  // a token as a registry's password
  if (base64.size() < 4 || base64.size() > kMost) return false;
  const std::optional<std::string> text = base::parse_base64(base64);
  if (!text || text->find(':') == text->npos) return false;
  return std::all_of(text->begin(), text->end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
}

std::string_view secret_part(Holds holds, std::string_view value) {
  if (holds == Holds::header) return without_scheme(value);
  if (holds != Holds::image) return value;
  const std::size_t sign = value.find('@'), colon = value.find(':');
  const std::size_t slash = value.find('/');
  if (sign == value.npos || colon > sign || slash < sign || colon == 0) return {};
  // name:tag@sha256:…
  const std::string_view host = value.substr(sign + 1);
  if (host.substr(0, host.find('/')).find(':') != host.npos && host.starts_with("sha")) return {};
  const std::string_view password = value.substr(colon + 1, sign - colon - 1);
  return mask_size(password) > 0 ? std::string_view() : password;
}

// What its looks say, when it is no placeholder.
static bool looks_secret(Holds holds, std::string_view value, Place place) {
  const bool prose = place == Place::prose;
  switch (holds) {
    case Holds::nothing:
      return false;
    case Holds::random:
      return looks_random(value);
    case Holds::name:
      return !is_name_like(value) && !is_number(value) && !is_path(value) &&
             (!prose || looks_like_token(value));
    case Holds::credential:
      if (prose && !looks_like_token(value)) return false;
      return looks_random(value) || (!is_lower_name(value) && !is_word(value) && !is_code(value));
    case Holds::token:
      return !is_count(value) && !is_path(value) && (!prose || looks_like_token(value));
    case Holds::secret:
      return (place == Place::quoted || !is_count(value)) && !is_path(value);
    case Holds::password:
      return !is_path(value);
    case Holds::auth:
      return is_basic_auth(value) ||
             (is_login(value) && !is_word(value.substr(value.find(':') + 1)));
    case Holds::login:
      return is_basic_auth(value) || is_login(value);
    case Holds::image:
      return !secret_part(holds, value).empty();
    case Holds::header:
      return !without_scheme(value).empty();
  }
  return false;
}

bool is_secret(Holds holds, std::string_view value, Place place) {
  if (value.empty() || !looks_secret(holds, value, place)) return false;
  if (place != Place::quoted && begins_prose(value)) return false;
  return mask_size(value) != value.size() && !is_placeholder(value);
}

}  // namespace redact
