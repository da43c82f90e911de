// Outgoing: one JSON-RPC message that may leave for a client, and the only door through which text
// leaves mcp/. Each function that makes one first hands the message's body to the OutgoingFilter
// that is installed; so does update_frame() (resource.h), whose frames all subscribers of a URI
// share. Whatever writes to a client takes an Outgoing, or such a frame: the filter cannot be
// passed by, in either era, over HTTP or standard output.
//
//   message                body that the filter gets     Body
//   result(…)              the result, an object         result: of a call, read, completion, task;
//                                                        offer: of a list, initialize, discover
//   error(…)               the error object              error
//   notification(…)        params                        notification
//   log(…)                 params                        log
//   request(…)             params                        question
//   update_frame(…)        the delta, an object          update
//
// The envelope is not filtered: version, id, method, and a subscription's URI are the client's own.
// test/layers.sh refuses code that writes an envelope anywhere else.
#pragma once

#include <string>
#include <string_view>

#include "mcp/jsonrpc.h"
#include "mcp/log_level.h"

namespace mcp {

// What a body is. An offer consists of the program's own texts only, made before any cluster was
// asked: a filter that looks for a cluster's data can let it pass.
enum class Body : unsigned char { result, offer, error, notification, log, update, question };

class OutgoingFilter {
 public:
  virtual ~OutgoingFilter() = default;
  // `json`: the body, valid JSON, on one line unless a tool's own JSON is indented. False: it is
  // sent as it is. True: `out`, which was empty, is sent instead: an object again, on one line.
  // Called once for each message; a frame that many subscribers share passes once.
  virtual bool change(Body body, std::string_view json, std::string& out) = 0;
  // The same for text that leaves without a message: a refusal as text/plain, a page about health.
  virtual bool change_text(std::string_view text, std::string& out) {
    (void)text, (void)out;
    return false;
  }
};

// Installs `filter` for the whole process, as the log's sink is; nullptr: none. `filter` must
// outlive all messages. Returns the one before.
OutgoingFilter* install_outgoing_filter(OutgoingFilter* filter);

// The body that may leave: `json`, or a view of `made` if the filter changes it.
std::string_view passed(Body body, std::string_view json, std::string& made);

// The text that may leave.
std::string passed_text(std::string text);

class Outgoing {
 public:
  // {"jsonrpc":"2.0","id":ID,"result":RESULT}
  static Outgoing result(std::string_view id_json, std::string_view result_json,
                         Body body = Body::result);
  // `id_json` empty: no id member (the id could not be read).
  static Outgoing error(std::string_view id_json, const RpcError& error);
  // `params_json` empty: no params member.
  static Outgoing notification(std::string_view method, std::string_view params_json,
                               Body body = Body::notification);
  // notifications/message. `data_json`: any JSON.
  static Outgoing log(LogLevel level, std::string_view logger, std::string_view data_json);
  // A request to the client. `id`: a string; `params_json` "{}": no params member.
  static Outgoing request(std::string_view id, std::string_view method,
                          std::string_view params_json);

  const std::string& text() const { return text_; }
  std::size_t size() const { return text_.size(); }

 private:
  Outgoing() = default;
  std::string text_;
};

}  // namespace mcp
