// StdioMessage: the answer to one message of standard input: turns the calls of a Reply into lines
// of output. Private to stdio*.cc.
//
//   send     a JSON body becomes one line; an empty one nothing (a notification was accepted); a
//            text (the server is shutting down, say) becomes the request's error
//   begin    from now on each event's data becomes a line
//   end      the stream is over; if the answer has not come and an event id has, Stdio fetches the
//            rest (take_rest())
//   gone     cancelled: nothing more is written for it
#pragma once

#include <string>
#include <string_view>

#include "base/link.h"
#include "http/reply.h"
#include "http/sse.h"
#include "mcp/endpoint/stdio.h"

namespace mcp::endpoint {

class StdioMessage final : public base::Link, public http::ReplySink {
 public:
  // own: the GET and DELETE of the session that Stdio itself sends; they answer no message.
  enum class Kind : unsigned char { message, initialize, own };
  // `id_json`: the request's id; "" for other messages. `owner` must outlive this.
  StdioMessage(Stdio& owner, Kind kind, std::string id_json, bool modern)
      : owner_(owner), kind_(kind), modern_(modern), id_json_(std::move(id_json)) {}

  Kind kind() const { return kind_; }
  bool modern() const { return modern_; }
  const std::string& id_json() const { return id_json_; }
  // After a stream that ended early, once: the event after which to fetch the rest with a new
  // Reply; "" when there is nothing to fetch.
  std::string take_rest();
  // The client cancelled it or no longer reads: reports it to the Reply's owner (when_gone). Must not
  // be called from inside a Reply.
  void gone();
  // The owner is being destroyed: detaches the Reply without reporting it.
  void abandon() { detach(); }
  // Output has room again: reports it (when_drained) if a write was refused.
  void tell_drained();

  bool connected() const override { return state_ != State::over; }
  bool streaming() const override { return state_ == State::streaming; }
  void send(int status, std::string_view type, std::string_view body,
            std::string_view extra) override;
  void begin(int status, std::string_view type, std::string_view extra) override;
  bool write(const base::Payload& message, std::string_view head) override;
  void end() override;
  void cut() override { end(); }
  void drop() override;
  // The owner's output buffer counts what waits for the client.
  std::size_t queued_bytes() const override { return 0; }
  std::size_t queued_messages() const override { return 0; }
  const std::string& peer() const override;

 private:
  enum class State : unsigned char { fresh, streaming, over };
  void take_events(std::string_view bytes);
  void take_data(const std::string& data);
  void over();

  Stdio& owner_;
  State state_ = State::fresh;
  Kind kind_;
  bool modern_;
  bool answered_ = false;
  bool refused_ = false;  // a write was refused: when_drained is due
  bool owed_ = false;     // the rest of the stream is to be fetched
  std::string id_json_;
  std::string last_event_;
  http::sse::Reader reader_;
};

}  // namespace mcp::endpoint
