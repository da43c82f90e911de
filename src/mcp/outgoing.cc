#include "mcp/outgoing.h"

#include <utility>

#include "base/json.h"

namespace mcp {

using base::json::Writer;

namespace {

OutgoingFilter* installed = nullptr;

}  // namespace

OutgoingFilter* install_outgoing_filter(OutgoingFilter* filter) {
  return std::exchange(installed, filter);
}

std::string_view passed(Body body, std::string_view json, std::string& made) {
  return installed && installed->change(body, json, made) ? std::string_view(made) : json;
}

std::string passed_text(std::string text) {
  std::string made;
  if (installed && installed->change_text(text, made)) return made;
  return text;
}

Outgoing Outgoing::result(std::string_view id_json, std::string_view result_json, Body body) {
  constexpr std::string_view kHead = R"({"jsonrpc":"2.0","id":)";
  constexpr std::string_view kMiddle = R"(,"result":)";
  std::string made;
  const std::string_view result = passed(body, result_json, made);
  Outgoing out;
  out.text_.reserve(kHead.size() + id_json.size() + kMiddle.size() + result.size() + 1);
  out.text_.append(kHead).append(id_json).append(kMiddle).append(result).append("}");
  return out;
}

Outgoing Outgoing::error(std::string_view id_json, const RpcError& error) {
  std::string object, made;
  Writer of(object);
  of.begin_object().field("code", static_cast<int>(error.code)).field("message", error.message);
  if (!error.data_json.empty()) of.key("data").raw(error.data_json);
  of.end_object();
  Outgoing out;
  Writer w(out.text_);
  w.begin_object().field("jsonrpc", "2.0");
  if (!id_json.empty()) w.key("id").raw(id_json);
  w.key("error").raw(passed(Body::error, object, made)).end_object();
  return out;
}

Outgoing Outgoing::notification(std::string_view method, std::string_view params_json, Body body) {
  std::string made;
  Outgoing out;
  Writer w(out.text_);
  w.begin_object().field("jsonrpc", "2.0").field("method", method);
  if (!params_json.empty()) w.key("params").raw(passed(body, params_json, made));
  w.end_object();
  return out;
}

Outgoing Outgoing::log(LogLevel level, std::string_view logger, std::string_view data_json) {
  std::string params;
  Writer w(params);
  w.begin_object().field("level", to_string(level)).field("logger", logger);
  w.key("data").raw(data_json).end_object();
  return notification("notifications/message", params, Body::log);
}

Outgoing Outgoing::request(std::string_view id, std::string_view method,
                           std::string_view params_json) {
  std::string made;
  Outgoing out;
  Writer w(out.text_);
  w.begin_object().field("jsonrpc", "2.0").field("id", id).field("method", method);
  if (params_json != "{}") w.key("params").raw(passed(Body::question, params_json, made));
  w.end_object();
  return out;
}

}  // namespace mcp
