#include "redact/shapes.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "base/text.h"
#include "redact/mask.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

namespace {

enum class Of : unsigned char { upper, hex, alnum, word, dotted, path, crypt };

bool belongs(char c, Of alphabet) {
  switch (alphabet) {
    case Of::upper:
      return is_upper(c) || is_digit(c);
    case Of::hex:
      return is_digit(c) || (c >= 'a' && c <= 'f');
    case Of::alnum:
      return is_alnum(c);
    case Of::word:
      return is_alnum(c) || c == '_' || c == '-';
    case Of::dotted:
      return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '~';
    case Of::path:
      return is_base64(c);
    case Of::crypt:
      return is_alnum(c) || c == '.' || c == '/' || c == '$' || c == '=' || c == ',' || c == '+';
  }
  return false;
}

// `offset`: where in the prefix its anchor is. `least`: characters behind the prefix; `exact`: no
// more of them.
struct Shape {
  std::string_view prefix;
  std::size_t offset, least;
  Of alphabet;
  bool exact = false;
};

// The prefixes are those that the issuers document for secret scanners.
constexpr Shape kShapes[] = {
    {"AKIA", 0, 16, Of::upper, true},
    {"ASIA", 0, 16, Of::upper, true},
    {"ABIA", 0, 16, Of::upper, true},
    {"ACCA", 0, 16, Of::upper, true},
    {"ghp_", 0, 30, Of::alnum},
    {"gho_", 0, 30, Of::alnum},
    {"ghu_", 0, 30, Of::alnum},
    {"ghs_", 0, 30, Of::alnum},
    {"ghr_", 0, 30, Of::alnum},
    {"github_pat_", 3, 30, Of::word},
    {"dckr_pat_", 4, 20, Of::word},
    {"glpat-", 0, 16, Of::dotted},
    {"gldt-", 0, 16, Of::dotted},
    {"glrt-", 0, 16, Of::dotted},
    {"glcbt-", 0, 16, Of::dotted},
    {"glptt-", 0, 16, Of::dotted},
    {"glft-", 0, 16, Of::dotted},
    {"glimt-", 0, 16, Of::dotted},
    {"glagent-", 0, 16, Of::dotted},
    {"glsoat-", 0, 16, Of::dotted},
    {"glsa_", 0, 20, Of::word},
    {"glc_", 0, 20, Of::crypt},
    {"xoxb-", 0, 10, Of::word},
    {"xoxp-", 0, 10, Of::word},
    {"xoxa-", 0, 10, Of::word},
    {"xoxr-", 0, 10, Of::word},
    {"xoxs-", 0, 10, Of::word},
    {"xoxe-", 0, 10, Of::word},
    {"xoxc-", 0, 10, Of::word},
    {"xoxd-", 0, 10, Of::word},
    {"xapp-", 0, 10, Of::word},
    {"hooks.slack.com/services/", 2, 10, Of::path},
    {"hooks.slack.com/workflows/", 2, 10, Of::path},
    {"hooks.slack.com/triggers/", 2, 10, Of::path},
    {"discord.com/api/webhooks/", 16, 30, Of::path},
    {"discordapp.com/api/webhooks/", 19, 30, Of::path},
    {"IncomingWebhook/", 4, 16, Of::path},
    {"webhook.office.com/webhookb2/", 0, 16, Of::path},
    {"SK", 0, 32, Of::hex, true},
    {"ya29.", 0, 20, Of::word},
    {"AIza", 0, 30, Of::word},
    {"GOCSPX-", 0, 20, Of::word},
    {"npm_", 0, 30, Of::alnum},
    {"sk-proj-", 0, 20, Of::word},
    {"sk-ant-", 0, 20, Of::word},
    {"sk-admin-", 0, 20, Of::word},
    {"sk_live_", 0, 16, Of::alnum},
    {"sk_test_", 0, 16, Of::alnum},
    {"rk_live_", 0, 16, Of::alnum},
    {"rk_test_", 0, 16, Of::alnum},
    {"whsec_", 0, 16, Of::path},
    {"SG.", 0, 40, Of::dotted},
    {"hvs.", 0, 20, Of::word},
    {"hvb.", 0, 20, Of::word},
    {"hvr.", 0, 20, Of::word},
    {"dop_v1_", 3, 32, Of::alnum},
    {"doo_v1_", 3, 32, Of::alnum},
    {"dor_v1_", 3, 32, Of::alnum},
    {"pypi-AgE", 0, 20, Of::word},
    {"AGE-SECRET-KEY-1", 0, 40, Of::upper},
    {"$2a$", 0, 50, Of::crypt},
    {"$2b$", 0, 50, Of::crypt},
    {"$2y$", 0, 50, Of::crypt},
    {"$argon2", 0, 40, Of::crypt},
    {"$6$", 0, 40, Of::crypt},
    {"$5$", 0, 40, Of::crypt},
    {"$y$", 0, 40, Of::crypt},
    {"$apr1$", 0, 20, Of::crypt},
    {"{SSHA}", 0, 20, Of::path},
    {"{SHA}", 0, 20, Of::path},
    {"hf_", 0, 30, Of::alnum},
    {"dp.pt.", 0, 30, Of::alnum},
    {"dp.st.", 0, 30, Of::dotted},
    {"ATATT3", 0, 40, Of::word},
    {"dapi", 0, 32, Of::alnum},
};

std::size_t run_end(std::string_view text, std::size_t i, Of alphabet) {
  const std::size_t begin = i;
  while (i < text.size() && belongs(text[i], alphabet))
    ++i;
  worked(i - begin);
  return i;
}

// A client secret of Microsoft Entra: three characters, a digit, "Q~", and 31 or more.
Found entra_secret_at(std::string_view text, std::size_t digit, std::size_t floor) {
  constexpr std::size_t kBefore = 3, kAfter = 31;
  if (!is_digit(text[digit]) || digit < floor + kBefore || text.substr(digit + 1, 2) != "Q~")
    return {};
  const std::size_t begin = digit - kBefore;
  if (!starts_word(text, begin) || run_end(text.substr(0, digit), begin, Of::dotted) != digit)
    return {};
  const std::size_t end = run_end(text, digit + 3, Of::dotted);
  return end - digit - 3 >= kAfter ? Found{begin, end} : Found{};
}

// A key of OpenAI: sk-…T3BlbkFJ…
Found openai_key_at(std::string_view text, std::size_t middle, std::size_t floor) {
  if (text.substr(middle, 8) != "T3BlbkFJ") return {};
  std::size_t begin = middle;
  while (begin > floor && belongs(text[begin - 1], Of::word))
    --begin;
  worked(middle - begin);
  return {begin, run_end(text, middle, Of::word)};
}

// "-----" at `i`?
bool is_dashes(std::string_view text, std::size_t i) {
  return text.substr(i, 5) == "-----";
}

// What a PEM block has between its lines, with line ends as escapes or as base::printable()'s '?'.
bool in_pem(char c) {
  return is_base64(c) || c == '=' || c == '?' || c == '\\' || c == ':' || c == ',' || is_blank(c) ||
         is_line_end(c);
}

bool in_key(char c) {
  return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

}  // namespace

std::size_t pem_line_end(std::string_view text, std::size_t begin) {
  constexpr std::size_t kLeastDashes = 4, kMostDashes = 5, kLongestLabel = 64;
  const auto dashes = [&](std::size_t i) {
    std::size_t end = i;
    while (end < text.size() && end - i < kMostDashes && text[end] == '-')
      ++end;
    return end - i;
  };
  const std::size_t front = dashes(begin);
  if (front < kLeastDashes) return 0;
  std::size_t end = begin + front;
  while (end < text.size() && end - begin < kLongestLabel &&
         (is_alnum(text[end]) || text[end] == ' '))
    ++end;
  worked(end - begin);
  constexpr std::string_view kLabel = "private key";
  const std::string label = base::to_lower(text.substr(begin + front, end - begin - front));
  if (label.find(kLabel) == label.npos || dashes(end) < front) return 0;
  return end + front;
}

std::vector<std::string_view> token_prefixes() {
  std::vector<std::string_view> out;
  std::transform(std::begin(kShapes), std::end(kShapes), std::back_inserter(out),
                 [](const Shape& shape) { return shape.prefix; });
  return out;
}

Found token_at(std::string_view text, std::size_t at, std::size_t floor) {
  if (const Found found = entra_secret_at(text, at, floor)) return found;
  if (const Found found = openai_key_at(text, at, floor)) return found;
  for (const Shape& shape : kShapes) {
    if (at < floor + shape.offset) continue;
    const std::size_t begin = at - shape.offset;
    if (text[begin] != shape.prefix.front()) continue;
    if (text.substr(begin, shape.prefix.size()) != shape.prefix) continue;
    if (!starts_word(text, begin)) return {};
    const std::size_t from = begin + shape.prefix.size();
    const std::size_t end = run_end(text, from, shape.alphabet);
    if (end - from < shape.least || (shape.exact && end - from != shape.least)) continue;
    // A webhook's address is secret only in its path.
    return {shape.prefix.back() == '/' ? from : begin, end};
  }
  return {};
}

Found jwt_at(std::string_view text, std::size_t at, std::size_t floor) {
  constexpr std::size_t kLeast = 10;
  std::size_t begin = at;
  while (begin > floor && is_base64(text[begin - 1]) && text[begin - 1] != '/')
    --begin;
  worked(at - begin);
  while (begin < at && !text.substr(begin).starts_with("ey") &&
         !text.substr(begin).starts_with("ew")) {
    ++begin;
  }
  if (at - begin < kLeast) return {};
  const std::size_t end = run_end(text, at + 1, Of::dotted);
  return end - at - 1 < kLeast ? Found{} : Found{begin, end};
}

Found credential_at(std::string_view text, std::size_t at) {
  if (!starts_word(text, at)) return {};
  const bool bearer = base::iequals(text.substr(at, 7), "bearer ");
  const bool basic = base::iequals(text.substr(at, 6), "basic ");
  if (!bearer && !basic) return {};
  const std::size_t begin = skip_blanks(text, at + (bearer ? 7 : 6));
  std::size_t end = begin;
  while (end < text.size() && (is_base64(text[end]) || text[end] == '.' || text[end] == '~'))
    ++end;
  end = skip(text, end, '=');
  worked(end - begin);
  const std::string_view value = text.substr(begin, end - begin);
  const bool secret = bearer ? looks_like_token(value) : is_basic_auth(value);
  return secret ? Found{begin, end} : Found{};
}

Found pem_at(std::string_view text, std::size_t at, std::size_t floor) {
  std::size_t begin = at + 1;
  while (begin > floor && at - begin + 1 < 5 && text[begin - 1] == '-')
    --begin;
  const std::size_t line_end = pem_line_end(text, begin);
  if (line_end == 0) return {};
  const std::size_t word = skip(text, at + 1, ' ');
  if (text.substr(word, 5) == "BEGIN") {
    std::size_t end = line_end;
    while (end < text.size() && in_pem(text[end]) && !is_dashes(text, end) &&
           text.substr(end, 5) != "---- ")
      ++end;
    worked(end - line_end);
    if (const std::size_t foot = pem_line_end(text, end); foot != 0) return {begin, foot};
    while (end > line_end && (text[end - 1] == '\\' || is_blank(text[end - 1])))
      --end;
    return {begin, end};
  }
  // The end of a block whose beginning is not here.
  std::size_t from = begin;
  while (from > floor && in_pem(text[from - 1]) && text[from - 1] != ':')
    --from;
  worked(begin - from);
  while (from < begin && !is_base64(text[from]))
    ++from;
  return {from, line_end};
}

std::vector<Found> key_runs(std::string_view text, std::size_t from) {
  // A key of RSA with 16,384 bits has 200 lines of 64 characters, and as much before each.
  constexpr std::size_t kMostBytes = 32 * 1024;
  constexpr std::size_t kLeastRun = 16, kLeastLine = 60;
  const std::string_view after = text.substr(0, std::min(text.size(), from + kMostBytes));
  std::size_t end = after.find("-----", from);
  while (end != after.npos && after.substr(end + 5, 6) != "BEGIN " && pem_line_end(text, end) == 0)
    end = after.find("-----", end + 5);
  const bool has_foot = end != after.npos && after.substr(end + 5, 4) == "END ";
  const std::size_t least = has_foot ? kLeastRun : kLeastLine;
  std::vector<Found> out;
  end = std::min(end, after.size());
  worked(end - from);
  for (std::size_t i = from; i < end; ++i) {
    if (is_escaped_blank(text, i)) {
      i = skip(text, i, '\\');  // its letter is of no run
      continue;
    }
    if (text[i] == '\\') {
      i = skip(text, i, '\\') - 1;
      continue;
    }
    const std::size_t begin = i;
    while (i < end && in_key(text[i]))
      ++i;
    if (i - begin >= least) out.push_back({begin, i});
  }
  return out;
}

std::size_t end_with_key(std::string_view text, const Found& found) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  std::size_t end = found.end;
  const auto next = [&](std::size_t from) {
    return text.substr(0, std::min(end + kBegin.size() - 1, text.size())).find(kBegin, from);
  };
  for (std::size_t at = found.begin; (at = next(at)) < end; ++at)
    end = std::max(end, pem_at(text, at + 4, found.begin).end);
  return end;
}

Found url_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 512;       // of user and password
  constexpr std::size_t kLeastToken = 20;  // of a user that is a token
  constexpr std::size_t kMostOthers = 4;   // "://" in a password
  const std::size_t begin = at + 3;
  if (mask_size(text.substr(begin)) > 0) return {};
  std::size_t end = begin, colon = 0, sign = 0, slash = 0, others = 0;
  for (; end < text.size() && end - begin < kMost; ++end) {
    const char c = text[end];
    if (static_cast<unsigned char>(c) <= ' ' || is_quote(c) || c == '\\') break;
    if (c == '@') sign = end;
    if (c == ':' && colon == 0 && sign == 0) colon = end;
    if ((c == '/' || c == '?' || c == '#') && slash == 0) slash = end;
    if (slash != 0 && colon == 0) break;
    if (c == ':' && text.substr(end + 1, 2) == "//" && ++others == kMostOthers) break;
  }
  worked(end - begin);
  if (sign == 0) return {};
  if (slash != 0 && slash < sign) {
    // host:8080/a@b has no password, user:p/w@host has one.
    const std::string_view port = text.substr(colon + 1, slash - colon - 1);
    if (std::all_of(port.begin(), port.end(), is_digit)) return {};
  }
  if (colon == 0) {
    const std::string_view user = text.substr(begin, sign - begin);
    return user.size() >= kLeastToken && is_secret(Holds::random, user, Place::quoted)
               ? Found{begin, sign}
               : Found{};
  }
  const std::string_view password = text.substr(colon + 1, sign - colon - 1);
  return is_secret(Holds::password, password, Place::quoted) ? Found{colon + 1, sign} : Found{};
}

Found dsn_at(std::string_view text, std::size_t at, std::size_t floor) {
  const std::string_view after = text.substr(at + 1, 5);
  if (!after.starts_with("tcp(") && after != "unix(") return {};
  std::size_t begin = at, colon = 0;
  // Not into the DSN before it.
  const auto opens = [&](std::size_t i) {
    return text[i] == '(' && i >= 4 &&
           (text.substr(i - 4, 4) == "@tcp" || text.substr(i - 4, 4) == "unix");
  };
  while (begin > floor && static_cast<unsigned char>(text[begin - 1]) > ' ' &&
         !is_quote(text[begin - 1]) && text[begin - 1] != '=' && text[begin - 1] != '\\' &&
         !opens(begin - 1)) {
    --begin;
    if (text[begin] == ':') colon = begin;
  }
  worked(at - begin);
  return colon != 0 && mask_size(text.substr(colon + 1)) == 0 ? Found{colon + 1, at} : Found{};
}

Found aws_secret_after(std::string_view text, std::size_t at) {
  constexpr std::size_t kNear = 48, kLength = 40, kWord = 16;
  const std::size_t most = std::min(text.size(), at + kNear);
  for (std::size_t begin = at; begin < most; ++begin) {
    if (!is_base64(text[begin])) continue;
    std::size_t end = begin;
    while (end < std::min(text.size(), begin + kLength + 1) && is_base64(text[end]))
      ++end;
    const bool fits = end - begin == kLength &&
                      is_secret(Holds::random, text.substr(begin, kLength), Place::quoted);
    if (fits) return {begin, end};
    if (end - begin >= kWord) return {};  // another key's id, or anything else
    begin = end;
  }
  return {};
}

}  // namespace redact
