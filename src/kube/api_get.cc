// ApiGet: the call whose body is collected (api_call.h).
#include <utility>

#include "base/json.h"
#include "kube/api_call.h"
#include "kube/client.h"

namespace kube {
namespace {

// A Status is small; a larger answer that mentions one is the requested collection.
constexpr std::size_t kStatusBytes = 64 * 1024;

// A Status with status Failure can come with HTTP 200 (client-go checks for it, too).
std::optional<Failure> failure_in(int http_status, const std::string& body) {
  if (body.size() > kStatusBytes || body.find("\"Failure\"") == std::string::npos) {
    return std::nullopt;
  }
  base::json::Document doc;
  const auto root = doc.parse(body);
  if (!root || (*root)["kind"].str() != "Status" || (*root)["status"].str() != "Failure") {
    return std::nullopt;
  }
  return Failure::from_status(*root, http_status);
}

}  // namespace

ApiGet::ApiGet(Client& client, Fn fn, std::size_t max_body)
    : fn_(fn),
      max_body_(max_body),
      place_(client.body_room(), BodyRoom::Place::Fn::bind<&ApiGet::go_on>(this)),
      call_(client, *this) {}

void ApiGet::start(ApiRequest request) {
  outcome_ = {};
  call_.start(std::move(request));
}

void ApiGet::cancel() {
  call_.cancel();
  place_.release();
  (void)std::exchange(outcome_, {});
}

void ApiGet::on_open(int status) {
  outcome_.status = status;
}

void ApiGet::on_data(std::string_view bytes) {
  if (bytes.size() <= max_body_ - outcome_.body.size()) {
    outcome_.body.append(bytes);
    if (!place_.grow(outcome_.body.capacity())) call_.pause(true);
    return;
  }
  const int status = outcome_.status;
  cancel();
  outcome_.status = status;
  outcome_.failure = Failure::from_error(base::Error(
      base::Errc::too_large,
      "the API server's answer is larger than " + std::to_string(max_body_) + " bytes"));
  outcome_.failure->status = status;
  fn_(std::move(outcome_));
}

void ApiGet::on_end(const Failure* failure) {
  place_.release();
  if (failure) {
    outcome_.failure = *failure;
    outcome_.status = failure->status;
    outcome_.body.clear();
  } else {
    outcome_.failure = failure_in(outcome_.status, outcome_.body);
  }
  fn_(std::move(outcome_));
}

}  // namespace kube
