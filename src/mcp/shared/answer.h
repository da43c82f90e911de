// How messages are put on the wire in both eras: as application/json, or as an event of an event
// stream; answers that consist of one message, and the refusals that both eras have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/payload.h"
#include "base/time.h"
#include "http/server.h"
#include "mcp/jsonrpc.h"
#include "mcp/outgoing.h"
#include "mcp/shared/content_negotiation.h"

namespace mcp::shared {

// The header line Retry-After (RFC 9110, section 10.2.3): whole seconds, rounded up, at least one.
std::string retry_after(base::Duration wait);

// The message as one event of an event stream. A tool's own JSON may be indented: line breaks
// between tokens become spaces, and JSON strings contain none.
base::Payload event_of(const Outgoing& message);

// Sends one complete answer. `extra`: header lines, each ending in CRLF.
void send_answer(http::Reply& reply, AnswerForm form, const Outgoing& message,
                 std::string_view extra = {});
// The answers of a batch: an array, or one event for each.
void send_batch(http::Reply& reply, AnswerForm form, const std::vector<Outgoing>& messages);
// One message as application/json, with any status.
void send_json(http::Reply& reply, int status, const Outgoing& message,
               std::string_view extra = {});
// Sends a JSON-RPC error with a status other than 200, always as application/json. `id_json` may be
// empty.
void send_error(http::Reply& reply, int status, std::string_view id_json, const RpcError& error,
                std::string_view extra = {});

// The error when the answers that a caller has not yet read leave no room for one more.
RpcError no_room_for_answer();
// 503 with Retry-After: for a request while draining, and for one whose caller has not read its
// earlier answers.
void send_draining(http::Reply& reply, std::string_view id_json);
void send_no_room(http::Reply& reply, std::string_view id_json);

// Why a caller may have no further session, stream or call: it has its share, or all are taken.
enum class Full : unsigned char { no, caller, all };
// How these are named in the error.
constexpr std::string_view kSessionsAre = "sessions in use", kStreamsAre = "event streams",
                           kCallsAre = "calls in progress";
// Requires (both): `full` is not no. The error says when to try again; by itself it is an answer in
// a batch.
RpcError full_error(Full full, std::string_view what);
// 429 (the caller has its share) or 503, with Retry-After.
void send_full(http::Reply& reply, std::string_view id_json, Full full, std::string_view what);

}  // namespace mcp::shared
