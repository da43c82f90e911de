// StdioMessage: the answer to one message of standard input, from the Reply's words to lines of
// output. Private to stdio*.cc.
//
//   send     a JSON body is one line; an empty one is nothing (a notification was accepted); a text
//            (the server is shutting down, say) is the error of the request
//   begin    each event's data is a line, until end
//   a stream that ends without the answer but with an event id: it is asked for the rest
//   gone     cancelled: nothing more is written for it
#pragma once

#include <string>
#include <string_view>

#include "base/link.h"
#include "http/reply.h"
#include "http/sse.h"
#include "mcp/stdio.h"

namespace mcp {

class StdioMessage final : public base::Link, public http::ReplySink {
 public:
  // own: the session's stream and its end; they have nobody to answer to.
  enum class Kind : unsigned char { message, initialize, own };
  // `id_json`: of a request; else "".
  StdioMessage(Stdio& owner, Kind kind, std::string id_json, bool modern)
      : owner_(owner), kind_(kind), modern_(modern), id_json_(std::move(id_json)) {}

  Kind kind() const { return kind_; }
  bool modern() const { return modern_; }
  const std::string& id_json() const { return id_json_; }
  // Once, after a stream that ended early: the event after which the rest is to be asked for with a
  // new Reply; "" when nothing is owed.
  std::string take_rest();
  // The client no longer wants it, or reads no more: its Reply is told. Not from inside a Reply.
  void gone();
  // The owner dies: its Reply is gone, untold.
  void abandon() { detach(); }
  // Output has room again: who waits for it is told.
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
  // What waits is the client's alone and counted by the owner.
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
  bool refused_ = false;  // a write was, on_drained is due
  bool owed_ = false;     // the rest is to be asked for
  std::string id_json_;
  std::string last_event_;
  http::sse::Reader reader_;
};

}  // namespace mcp
