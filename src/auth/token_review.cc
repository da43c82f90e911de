#include "auth/token_review.h"

#include <utility>

#include "cluster/upstream.h"

namespace auth {

using base::json::Value;

namespace {

constexpr char kPath[] = "/apis/authentication.k8s.io/v1/tokenreviews";

std::string body_of(const std::string& token, const std::string& audience) {
  std::string body;
  base::json::Writer w(body);
  w.begin_object().field("apiVersion", "authentication.k8s.io/v1").field("kind", "TokenReview");
  w.key("spec").begin_object().field("token", token);
  if (!audience.empty()) w.key("audiences").begin_array().string(audience).end_array();
  w.end_object().end_object();
  return body;
}

}  // namespace

bool is_for(Value aud, std::string_view audience) {
  if (aud.str() == audience) return true;
  for (const Value each : aud.array())
    if (each.str() == audience) return true;
  return false;
}

TokenReview::TokenReview(cluster::Cluster& cluster, const std::string& token, std::string audience,
                         Fn fn)
    : audience_(std::move(audience)),
      fn_(fn),
      get_(cluster::Upstream::client(cluster),
           kube::ApiGet::Fn::bind<&TokenReview::on_answer>(this)) {
  kube::ApiRequest request;
  request.method = "POST";
  request.path = kPath;
  request.content_type = "application/json";
  request.body = body_of(token, audience_);
  request.total_time = kTokenReviewTime;
  request.idempotent = true;  // a review stores nothing
  request.urgent = true;
  get_.start(std::move(request));
}

void TokenReview::on_answer(const kube::ApiGet::Outcome& outcome) {
  base::json::Document doc;
  const Outcome said = judge(outcome, doc);
  fn_(said);
}

TokenReview::Outcome TokenReview::judge(const kube::ApiGet::Outcome& outcome,
                                        base::json::Document& doc) const {
  using Said = Outcome::Said;
  // Whatever its status: it is about our own credentials and rights, not about the token.
  if (outcome.failure) {
    return {Said::unavailable,
            {},
            "TokenReview: " + outcome.failure->message,
            outcome.failure->retry_after.value_or(mcp::kTryAgain)};
  }
  const auto review = doc.parse(outcome.body);
  const Value status = review ? (*review)["status"] : Value();
  if (!status.present())
    return {Said::unavailable, {}, "the API server's TokenReview has no status"};
  if (!status["authenticated"].bool_or(false)) {
    return {Said::refused, {}, "the API server does not accept the token"};
  }
  if (!audience_.empty() && !is_for(status["audiences"], audience_))
    return {Said::refused, {}, "the token is not made for this server"};
  return {Said::accepted, status["user"], {}};
}

}  // namespace auth
