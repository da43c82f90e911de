#include "redact/tokens.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
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
    {"dp.sa.", 0, 30, Of::alnum},
    {"dp.ct.", 0, 30, Of::alnum},
    {"ATATT3", 0, 40, Of::word},
    {"ATCTT3", 0, 40, Of::word},
    {"ATBB", 0, 24, Of::alnum},
    {"dapi", 0, 32, Of::alnum},
    {"sha256~", 3, 40, Of::word},  // OpenShift
    {"SWMTKN-1-", 0, 40, Of::word},
    {"LTAI", 0, 12, Of::alnum},
    {"dckr_oat_", 4, 20, Of::word},
    {"glffct-", 0, 16, Of::dotted},
    {"gloas-", 0, 16, Of::dotted},
    {"GR1348941", 0, 16, Of::word},
    {"dt0c01.", 0, 24, Of::dotted},
    {"dt0s16.", 0, 8, Of::dotted},
    {"figd_", 0, 20, Of::word},
    {"fo1_", 0, 40, Of::word},
    {"fm1r_", 0, 40, Of::path},
    {"fm2_", 0, 40, Of::path},
    {"gsk_", 0, 40, Of::alnum},
    {"HRKU-", 0, 30, Of::word},
    {"lin_api_", 0, 30, Of::alnum},
    {"lin_oauth_", 0, 30, Of::alnum},
    {"lsv2_", 0, 30, Of::word},
    {"nfp_", 0, 30, Of::alnum},
    {"NRAK-", 0, 20, Of::alnum},
    {"NRII-", 0, 20, Of::word},
    {"ntn_", 0, 40, Of::alnum},
    {"nvapi-", 0, 40, Of::word},
    {"ops_eyJ", 0, 40, Of::path},
    {"p8e-", 0, 32, Of::alnum},
    {"phx_", 0, 30, Of::alnum},
    {"PMAK-", 0, 40, Of::word},
    {"pnu_", 0, 36, Of::alnum},
    {"pplx-", 0, 40, Of::alnum},
    {"pscale_", 0, 30, Of::dotted},
    {"pul-", 0, 40, Of::hex},
    {"rdme_", 0, 60, Of::alnum},
    {"rubygems_", 5, 40, Of::hex},
    {"sbp_", 0, 40, Of::hex},
    {"sgp_", 0, 40, Of::word},
    {"shpat_", 0, 32, Of::alnum},
    {"shpca_", 0, 32, Of::alnum},
    {"shppa_", 0, 32, Of::alnum},
    {"shpss_", 0, 32, Of::alnum},
    {"sk-or-", 0, 30, Of::word},
    {"sk-svcacct-", 0, 20, Of::word},
    {"sntrys_", 0, 40, Of::crypt},
    {"sntryu_", 0, 40, Of::hex},
    {"sq0atp-", 0, 20, Of::word},
    {"sq0csp-", 0, 30, Of::word},
    {"sqa_", 0, 40, Of::hex},
    {"sqp_", 0, 40, Of::hex},
    {"squ_", 0, 40, Of::hex},
    {"tfp_", 0, 40, Of::dotted},
    {"tskey-", 0, 20, Of::word},
    {"xai-", 0, 40, Of::alnum},
    {"xkeysib-", 0, 40, Of::word},
    {"AKCp", 0, 50, Of::alnum},
    {"cmVmdGtu", 0, 40, Of::alnum},  // JFrog's, as base64: "reftkn"
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

// A token that its middle tells: a key of OpenAI (sk-…T3BlbkFJ…), a token of HCP Terraform, which has some 60
// characters behind it, and a name fewer.
Found middle_at(std::string_view text, std::size_t middle, std::size_t floor) {
  constexpr std::size_t kLeastAfter = 40;
  const std::string_view after = text.substr(middle);
  if (!after.starts_with("T3BlbkFJ") && !after.starts_with(".atlasv1.")) return {};
  std::size_t begin = middle;
  while (begin > floor && belongs(text[begin - 1], Of::word))
    --begin;
  worked(middle - begin);
  const std::size_t end = run_end(text, middle, Of::dotted);
  return after.front() == '.' && end - middle < kLeastAfter ? Found{} : Found{begin, end};
}

// What lets a node join k3s or RKE2: "K10", a hash in base 16, "::user:password".
Found node_token_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kHash = 64;
  if (!text.substr(at).starts_with("K10") || !starts_word(text, at)) return {};
  const std::size_t hash = run_end(text, at + 3, Of::hex);
  if (hash - at - 3 != kHash || text.substr(hash, 2) != "::") return {};
  std::size_t end = hash + 2;
  while (end < text.size() && (belongs(text[end], Of::dotted) || text[end] == ':'))
    ++end;
  worked(end - hash);
  return {at, end};
}

}  // namespace

std::vector<std::string_view> token_prefixes() {
  std::vector<std::string_view> out;
  std::transform(std::begin(kShapes), std::end(kShapes), std::back_inserter(out),
                 [](const Shape& shape) { return shape.prefix; });
  return out;
}

Found token_at(std::string_view text, std::size_t at, std::size_t floor) {
  if (const Found found = entra_secret_at(text, at, floor)) return found;
  if (const Found found = middle_at(text, at, floor)) return found;
  if (const Found found = node_token_at(text, at)) return found;
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

}  // namespace redact
