#include "sim/acting.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace sim {

using base::json::Value;
using base::json::Writer;

bool impersonate(ApiRequest& request, const http::Headers& headers,
                 const std::map<std::string, User, std::less<>>& users) {
  const auto name = headers.find("Impersonate-User");
  if (!name) return true;
  if (denied(request.user, "impersonate", "", "users", "")) return false;
  User acting;
  for (const auto& [token, user] : users) {
    if (user.name == *name) acting = user;
  }
  acting.name = *name;
  acting.uid = headers.find("Impersonate-Uid").value_or("");
  for (const http::Header& header : headers.all()) {
    if (base::iequals(header.name, "Impersonate-Group")) acting.groups.emplace_back(header.value);
    constexpr std::string_view kExtra = "impersonate-extra-";
    const std::string low = base::to_lower(header.name);
    if (!low.starts_with(kExtra)) continue;
    const std::string_view key = std::string_view(low).substr(kExtra.size());
    acting.extra[base::percent_decode(key).value_or("")].emplace_back(header.value);
  }
  request.user = std::move(acting);
  return true;
}

void write_user(Writer& w, const User& user) {
  w.field("username", user.name).field_if("uid", user.uid).key("groups").begin_array();
  for (const std::string& group : user.groups)
    w.string(group);
  w.end_array();
  if (user.extra.empty()) return;
  w.key("extra").begin_object();
  for (const auto& [key, values] : user.extra) {
    w.key(key).begin_array();
    for (const std::string& value : values)
      w.string(value);
    w.end_array();
  }
  w.end_object();
}

Answer answer_token_review(const ApiRequest& request, const ReviewedTokens& tokens) {
  base::json::Document doc;
  const auto review = doc.parse(request.body);
  const Value spec = review ? (*review)["spec"] : Value();
  const auto known = tokens.find(spec["token"].str());
  std::vector<std::string> asked, has, audiences;
  for (const Value each : spec["audiences"].array())
    asked.emplace_back(each.str());
  if (asked.empty()) asked = {kApiAudience};
  if (known != tokens.end()) {
    has = known->second.audiences;
    if (has.empty()) has = {kApiAudience};
  }
  for (const std::string& each : asked)
    if (std::find(has.begin(), has.end(), each) != has.end()) audiences.push_back(each);
  Answer answer;
  answer.status = 201;
  Writer w(answer.body);
  w.begin_object().field("kind", "TokenReview").field("apiVersion", "authentication.k8s.io/v1");
  w.key("status").begin_object();
  if (audiences.empty()) {
    w.field("error", "token is not valid for the audiences");
  } else {
    w.field("authenticated", true).key("user").begin_object();
    write_user(w, known->second.user);
    w.end_object().key("audiences").begin_array();
    for (const std::string& audience : audiences)
      w.string(audience);
    w.end_array();
  }
  w.end_object().end_object();
  return answer;
}

}  // namespace sim
