#include "auth/token/exchange.h"

#include <algorithm>
#include <utility>

#include "auth/token/strict_json.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/text.h"

namespace auth::token {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::string_view kTypes = "urn:ietf:params:oauth:token-type:";  // RFC 8693 section 3
constexpr std::size_t kShown = 200;  // of an issuer's own words
constexpr int kTooManyRequests = 429;
constexpr double kLongest = 10 * 365 * 86400.;  // expires_in, in seconds; more is as good as this

Error unavailable(std::string what) {
  return Error(Errc::unavailable, std::move(what));
}

void add(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form.append(name).append("=").append(base::percent_encode(value));
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// RFC 6749 section 5.2, RFC 8693 section 2.2.2; access_denied is of RFC 6749 section 4.1.2.1, and what
// issuers give here.
struct Refusal {
  std::string_view error;
  Errc code;
};
constexpr Refusal kRefusals[] = {{"invalid_grant", Errc::unauthorized},
                                 {"invalid_request", Errc::unauthorized},
                                 {"access_denied", Errc::forbidden},
                                 {"invalid_target", Errc::forbidden},
                                 {"invalid_scope", Errc::forbidden}};

// nullptr: the answer is no word about the caller.
const Refusal* find_refusal(int status, std::string_view error) {
  if (status / 100 != 4 || status == kTooManyRequests) return nullptr;
  const auto at = std::find_if(std::begin(kRefusals), std::end(kRefusals),
                               [&](const Refusal& each) { return each.error == error; });
  return at == std::end(kRefusals) ? nullptr : at;
}

// Visible ASCII: what fits into an Authorization header.
bool is_header_token(std::string_view token) {
  const auto fits = [](char c) { return c > ' ' && c <= '~'; };
  return !token.empty() && token.size() <= kExchangedBytes &&
         std::all_of(token.begin(), token.end(), fits);
}

// RFC 6749 section 5.2.
Error refusal(const FetchedDocument& answer) {
  std::string text = "HTTP " + std::to_string(answer.status);
  base::json::Document doc;
  const auto root = parse_strictly(doc, answer.body);
  const std::string error(root ? (*root)["error"].str() : "");
  if (!error.empty()) text += ": " + base::printable(error, kShown);
  if (const auto words = root ? (*root)["error_description"].str() : ""; !words.empty())
    text += " (" + base::printable(words, kShown) + ")";
  if (const Refusal* const found = find_refusal(answer.status, error))
    return Error(found->code, std::move(text));
  return unavailable(std::move(text));
}

}  // namespace

std::string exchange_form(const ExchangeSettings& settings, std::string_view subject) {
  std::string form;
  add(form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
  add(form, "subject_token", subject);
  add(form, "subject_token_type", std::string(kTypes) + "access_token");
  add(form, "requested_token_type", std::string(kTypes) + "access_token");
  add(form, "audience", settings.audience);
  if (!settings.scope.empty()) add(form, "scope", settings.scope);
  return form;
}

std::string_view said_of(const FetchedDocument& answer) {
  base::json::Document doc;
  const auto root = parse_strictly(doc, answer.body);
  const Refusal* const found = root ? find_refusal(answer.status, (*root)["error"].str()) : nullptr;
  return found ? found->error : std::string_view();
}

Result<ExchangedToken> exchanged_token(const FetchedDocument& answer, std::string_view subject) {
  if (answer.status != 200) return refusal(answer);
  base::json::Document doc;
  const auto root = parse_strictly(doc, answer.body);
  if (!root) return unavailable("the answer: " + root.error().what());
  // RFC 8693 section 2.2.1. "N_A" as token_type says that it is no access token.
  if (!base::iequals((*root)["token_type"].str(), "Bearer"))
    return unavailable("the answer has no token of the type Bearer");
  const std::string_view type = (*root)["issued_token_type"].str();
  const bool known = type.starts_with(kTypes) &&
                     is_one_of(type.substr(kTypes.size()), {"access_token", "jwt", "id_token"});
  if (!type.empty() && !known)
    return unavailable("the answer has a " + base::printable(type, kShown) +
                       ", which is no access token");
  ExchangedToken out{std::string((*root)["access_token"].str())};
  if (!is_header_token(out.token)) return unavailable("the answer has no usable access_token");
  if (out.token == subject)
    return unavailable("the answer has the caller's own token, which is not sent on");
  if (const auto seconds = (*root)["expires_in"].as_double()) {
    if (!(*seconds > 0)) return unavailable("the answer's token has expired");
    out.lifetime =
        base::milliseconds(static_cast<std::int64_t>(std::min(*seconds, kLongest) * 1000));
  }
  return out;
}

Exchange::Exchange(loop::Loop& loop, net::Resolver& resolver, ExchangeSite& site, Fn fn)
    : loop_(loop),
      site_(site),
      fn_(fn),
      fetch_(loop, resolver, DocumentFetch::Fn::bind<&Exchange::on_document>(this)),
      fail_(loop, "token exchange", loop::Deferred::Fn::bind<&Exchange::on_failed>(this)) {}

void Exchange::start(std::string subject) {
  subject_ = std::move(subject);
  if (const std::string& url = site_.settings.exchange->endpoint; !url.empty())
    return post({url}, false);
  if (loop_.now() < site_.due) return post(site_.endpoint, site_.public_only);
  look_up();
}

void Exchange::look_up() {
  fetch_.start({.url = metadata_urls(site_.settings.issuer)[form_],
                .ca_file = site_.settings.ca_file,
                .user_agent = site_.user_agent,
                .getenv = site_.getenv});
}

void Exchange::post(const TokenEndpoint& endpoint, bool public_only) {
  posted_ = true;
  const ExchangeSettings& how = *site_.settings.exchange;
  auto secret = base::read_secret_file(how.secret_file, kClientSecretBytes);
  if (!secret) {
    failed_ = unavailable("client secret: " + secret.error().what());
    return fail_.schedule();
  }
  DocumentRequest request{.url = endpoint.url,
                          .ca_file = site_.settings.ca_file,
                          .user_agent = site_.user_agent,
                          .public_only = public_only,
                          .form = exchange_form(how, subject_),
                          .getenv = site_.getenv};
  // RFC 6749 section 2.3.1: both are encoded before they are joined.
  const std::string id = base::percent_encode(how.client_id),
                    word = base::percent_encode(base::trim(*secret));
  if (endpoint.secret_in_form) {
    request.form += "&client_id=" + id + "&client_secret=" + word;
  } else {
    request.authorization = "Basic " + base::base64(id + ":" + word);
  }
  fetch_.start(std::move(request));
}

void Exchange::on_document(Result<FetchedDocument> result) {
  if (!posted_) {
    if (auto ok = on_metadata(std::move(result)); !ok)
      finish(unavailable("metadata: " + ok.error().what()));
    return;
  }
  // Whatever is wrong with the connection says nothing about the caller.
  if (!result) return finish(unavailable("token endpoint: " + result.error().what()));
  finish(exchanged_token(*result, subject_), said_of(*result));
}

Result<void> Exchange::on_metadata(Result<FetchedDocument> result) {
  const auto forms = metadata_urls(site_.settings.issuer);
  if (!result) {
    if (result.error().code() != Errc::not_found || ++form_ == forms.size())
      return std::move(result).error();
    look_up();
    return {};
  }
  auto found = token_endpoint_of(result->body, site_.settings.issuer, site_.rules);
  if (!found) return std::move(found).error();
  site_.endpoint = *std::move(found);
  site_.public_only = result->public_server;
  site_.due = loop_.now() + kEndpointKept;
  post(site_.endpoint, site_.public_only);
  return {};
}

void Exchange::on_failed() {
  finish(*std::move(failed_));
}

void Exchange::finish(Result<ExchangedToken> result, std::string_view said) {
  if (!result && result.error().code() == Errc::unavailable) site_.due = {};
  const Fn told = fn_;
  told({std::move(result), said, fetch_.retry_after()});
}

}  // namespace auth::token
