#include "client/request.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace client {

using base::Errc;
using base::Error;
using base::json::Value;

namespace {

// What is shown of an answer that is no JSON-RPC: a proxy's or a gateway's first sentence.
constexpr std::size_t kTextShown = 200;

std::string body_of(const Peer& peer, const Ask& ask) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("jsonrpc", "2.0").field("id", 1).field("method", ask.method);
  w.key("params").begin_object().key("_meta").begin_object();
  w.field("io.modelcontextprotocol/protocolVersion", kRevision);
  w.key("io.modelcontextprotocol/clientInfo").begin_object().field("name", "k0rdent-mcp-cli");
  w.field("version", peer.user_agent).end_object();
  w.key("io.modelcontextprotocol/clientCapabilities");
  w.raw(peer.asks_user ? R"({"elicitation":{"form":{}}})" : "{}");
  w.field("progressToken", 1).end_object();
  if (!ask.members.empty()) out.append(",").append(ask.members);
  out.append("}}");
  return out;
}

Errc code_of(int status) {
  switch (status) {
    case 401:
      return Errc::unauthorized;
    case 403:
      return Errc::forbidden;
    case 429:
      return Errc::throttled;
    case 503:
      return Errc::unavailable;
    default:
      return Errc::protocol;
  }
}

}  // namespace

std::string mirrored(std::string_view text) {
  const bool plain =
      !text.empty() && text.front() != ' ' && text.back() != ' ' &&
      !text.starts_with("=?base64?") &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (plain) return std::string(text);
  return "=?base64?" + base::base64(text) + "?=";
}

Request::Request(http::ClientPool& pool, const Peer& peer, Observer& observer)
    : peer_(peer), observer_(observer), call_(pool, *this) {}

void Request::start(const Ask& ask) {
  status_ = 0;
  stream_ = too_large_ = false;
  body_.clear();
  pending_ = 0;
  reader_ = {};
  answer_.reset();
  http::ClientRequest request;
  request.method = "POST";
  request.target = peer_.path;
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", "application/json, text/event-stream"},
                     {"User-Agent", peer_.user_agent},
                     {"MCP-Protocol-Version", std::string(kRevision)},
                     {"Mcp-Method", ask.method}};
  if (!ask.name.empty()) request.headers.emplace_back("Mcp-Name", mirrored(ask.name));
  request.headers.insert(request.headers.end(), ask.headers.begin(), ask.headers.end());
  if (!peer_.token.empty()) request.headers.emplace_back("Authorization", "Bearer " + peer_.token);
  request.body = body_of(peer_, ask);
  // A call answers when it is done, and may wait for a cluster for an hour.
  request.head_time = request.total_time = ask.limit;
  call_.start(std::move(request));
}

void Request::on_head(const http::ResponseHead& head) {
  status_ = head.status;
  const std::string_view type = head.headers.find("Content-Type").value_or("");
  stream_ = head.status == 200 && base::to_lower(type).starts_with(http::sse::kContentType);
}

void Request::on_body(std::string_view bytes) {
  pending_ += bytes.size();
  if (pending_ > kAnswerBytes) {
    too_large_ = true;
    call_.cancel();
    return on_end({});
  }
  if (stream_) return take_events(bytes);
  body_.append(bytes);
}

void Request::take_events(std::string_view bytes) {
  http::sse::Event event;
  while (reader_.next(bytes, event)) {
    pending_ = bytes.size();
    if (event.has_data && !event.data.empty()) take_message(event.data);
  }
}

void Request::take_message(std::string_view json) {
  const auto root = document_.parse(json);
  if (!root) return;  // the stream's end says that the answer is missing
  if (const Value method = (*root)["method"]; method.present())
    return observer_.on_notification(method.str(), (*root)["params"]);
  Outcome out;
  if (const Value error = (*root)["error"]; error.is(base::json::Type::object)) {
    out.rpc = RpcFailure{error["code"].int_or(0), std::string(error["message"].str())};
  } else if ((*root)["result"].present()) {
    out.result = (*root)["result"].to_json();
  } else {
    return;
  }
  answer_ = std::move(out);
}

Outcome Request::refused() {
  std::string text = base::printable(base::trim(body_), kTextShown);
  if (answer_ && answer_->rpc) {
    text = answer_->rpc->message;
  } else if (const auto root = document_.parse(body_); root) {
    // As OAuth's errors look, which our pages beside /mcp have, too.
    const std::string_view said = (*root)["error_description"].str();
    if (!said.empty()) text = base::printable(said, kTextShown);
  }
  Outcome out;
  out.failure = Error(code_of(status_), "the server answers " + std::to_string(status_) + " " +
                                            std::string(http::status_text(status_)) +
                                            (text.empty() ? "" : ": " + text));
  return out;
}

Outcome Request::outcome_of(const http::CallEnd& end) {
  Outcome out;
  if (too_large_) {
    out.failure = Error(Errc::too_large,
                        "the answer is larger than " + std::to_string(kAnswerBytes >> 20) + " MiB");
    return out;
  }
  if (answer_ && stream_) return *std::move(answer_);
  if (end.error) {
    out.failure = *end.error;
    return out;
  }
  if (!stream_) take_message(body_);
  // Errors of the protocol have their own statuses; these say that the request did not reach it.
  if (status_ == 401 || status_ == 403 || status_ == 429 || status_ == 503) return refused();
  if (answer_) return *std::move(answer_);
  if (status_ != 200) return refused();
  out.failure = Error(Errc::unavailable,
                      stream_ ? "the stream ended without an answer" : "the answer is none of MCP");
  return out;
}

void Request::on_end(const http::CallEnd& end) {
  observer_.on_end(outcome_of(end));
}

}  // namespace client
