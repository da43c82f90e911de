// ServerConn: one connection of the Server. Private to src/http; Reply and Server use it.
//
//   phase      meaning                         event                    next
//   receiving  no request, or a part of one    request complete         handling
//   receiving                                  malformed, or too slow   flushing (400, 408 ...)
//   receiving                                  idle time, or EOF        closed
//   handling   the Handler has the request     send()                   flushing
//   handling                                   begin()                  streaming
//   streaming  begin() was called              end()                    flushing
//   streaming                                  EOF, or write stall      closed
//   flushing   response complete, unsent rest  all sent                 receiving, or lingering
//   flushing                                   write stall              closed
//   lingering  our side has ended (FIN)        EOF, kLingerTime         closed
//   any                                        RST                      closed
//   closed     silent; a Reply may still have to be notified
//
// Input is parsed while receiving, discarded while lingering, and otherwise kept, up to
// kPipelineBytes.
//
// A connection beyond the limit is "refused": one request is read, and answered with 503 unless the
// Handler serves it when full.
//
// There is one lazy timer: `deadline_` is what counts and moves freely; the timer is armed no later
// than that and arms itself again when it fires early. So a request on a busy connection does not
// touch the timer. The deadline is
//
//   receiving  idle, head or body time
//   handling   none; kProbeTime when the peer is watched and has ended its side
//   streaming  write stall time while blocked
//   flushing   the same, and also when too little was taken in that time
//   lingering  kLingerTime
//
// At rest a connection holds this object and its Stream, but no buffers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/link.h"
#include "http/parser.h"
#include "http/server.h"
#include "http/server_scratch.h"
#include "http/stream_queue.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace http {

// Bytes kept after a request that is not answered yet, above which no more are read: what came with
// the request may be up to ServerScratch::kHeadReadBytes. More stay in the kernel, and then the
// peer's end is noticed only after the response.
constexpr std::size_t kPipelineBytes = 8 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class ServerConn final : public base::Link, public ReplySink {
 public:
  ServerConn(Server& server, std::unique_ptr<net::Stream> stream, std::string_view peer_key,
             unsigned door);

  // False when there are too many connections, in all or of this peer.
  bool take_slot();
  void give_slot();
  void start();
  // Instead of start(): reads one request and closes.
  void start_refused();
  bool refused() const { return refused_; }
  bool idle() const { return idle_; }
  // Requires: idle(). Whether it has been idle for at least `least`.
  bool idle_for(base::Duration least) const;
  // Closes an idle or refused connection to make room for another.
  void make_way() { fail(); }
  // Called by Server::relieve(). Returns true while it still waits for room.
  bool relieve(bool pressed, bool room);
  // Called by Server::stop_accepting().
  void drain() { task_.schedule(); }
  // Has the peer shown a certificate?
  bool certified() const;
  // Closes; the Reply is notified later. Leaves the server's list, at once or after that.
  void close_now() { fail(); }
  // Closes when the server is destroyed, without notifying the Reply. Stays in the server's list.
  void abandon();
  bool busy() const;

  // ReplySink.
  bool connected() const override {
    return phase_ == Phase::handling || phase_ == Phase::streaming;
  }
  bool streaming() const override { return phase_ == Phase::streaming; }
  void send(int status, std::string_view type, std::string_view body,
            std::string_view extra) override;
  void begin(int status, std::string_view type, std::string_view extra) override;
  bool write(const base::Payload& message, std::string_view head) override;
  void end() override;
  void cut() override;
  void drop() override;
  std::size_t queued_bytes() const override { return out_.size() + queue_.bytes(); }
  std::size_t queued_messages() const override { return queue_.messages(); }
  const std::string& peer() const override { return peer_; }
  void watch_peer() override;
  std::string_view peer_key() const override { return peer_key_; }
  std::string_view owner() const override {
    return owner_.empty() ? std::string_view(peer_key_) : std::string_view(owner_);
  }
  void charge_to(std::string_view owner) override { owner_ = owner; }
  bool has_room(std::size_t answer) const override;

 private:
  enum class Phase : unsigned char { receiving, handling, streaming, flushing, lingering, closed };
  enum class Wait : unsigned char { idle, head, body };

  // server_conn.cc: input, and the end.
  void on_ready(bool readable, bool writable);
  void on_task();
  void on_timer();
  void read_some();
  void on_eof();
  void step();
  std::size_t consume(std::string_view in);
  void await_more(std::string_view piece);
  void deliver(std::string_view piece, BodyCheck* by = nullptr);
  Request& fill_request();
  void give_back(Request& request);
  void refuse(const ParseFailure& why, std::string_view extra = {});
  void be_idle(bool idle);
  void set_deadline(loop::TimePoint at);
  void update_interest();
  void shut();
  void fail();
  void finish();
  void linger();
  void refuse_tls();
  void tell_gone();

  // server_conn_body.cc: bodies that arrive in pieces.
  bool begin_body();
  bool admit_body(const BodyRule& rule, std::size_t announced, BodyCheck* by = nullptr);
  void on_rule(const BodyRule& rule);
  void end_hold();
  bool keep_body();
  void add_body(std::string_view piece);
  void refuse_body(std::size_t bytes);
  std::size_t held_input() const;  // bytes allocated
  void count_input();

  // server_conn_out.cc: output.
  std::string& make_head(int status, std::string_view type, std::string_view extra);
  void put(std::string_view head, std::string_view body);
  void probe();
  void flush();
  void starve(std::size_t bytes);
  void note_taken(std::size_t n);
  void block(bool progress);
  void check_drained();
  void response_over();
  bool ending() const { return server_.ending_; }

  Server& server_;
  std::unique_ptr<net::Stream> stream_;
  Parser parser_;
  std::string peer_;
  std::string peer_key_;  // the peer whose share it uses; "": no peer's
  std::string owner_;     // whose share the response uses; "": the peer's
  base::Charge slot_, descriptor_;
  base::Charge body_charge_, answer_charge_, kernel_charge_;
  base::Buffer pending_;            // received, not parsed
  base::Buffer out_;                // to be sent before queue_
  std::string body_;                // of a request that arrives in pieces
  std::unique_ptr<HeldBody> held_;  // while its head is checked
  StreamQueue queue_;
  loop::TimePoint deadline_{loop::kForever};
  loop::Timer timer_;
  loop::Deferred task_;
  Phase phase_ = Phase::receiving;
  Wait wait_ = Wait::idle;
  const std::uint16_t door_;  // Request::door
  unsigned char minor_ = 1;
  unsigned char yield_ = 0;     // calls of on_task() until consume() may continue
  std::size_t body_most_ = 0;   // limit on this request's body, by Handler::on_head
  std::size_t taken_ = 0;       // bytes taken by the socket since stall_from_
  loop::TimePoint stall_from_;  // start of the stall clock
  std::size_t turn_bytes_ = 0;  // bytes taken by the socket in this consume()
  bool head_only_ = false;      // the request is HEAD
  bool keep_alive_ = false;     // the request allows it
  bool close_after_ = false;    // close after this response
  bool continue_due_ = false;   // Expect: 100-continue, no byte of the body received
  bool half_closed_ = false;    // the peer's FIN was read
  bool watched_ = false;        // watch_peer() was called for this response
  bool blocked_ = false;        // the socket takes no more now
  bool consuming_ = false;      // consume() is on the stack and continues by itself
  bool above_half_ = false;     // above half of the stream's limits, or a write was refused
  bool drained_due_ = false;
  bool starved_ = false;                    // a write was refused for lack of room in the budget
  bool refused_ = false;                    // there are too many connections
  bool idle_ = false;                       // in the server's list of idle connections
  bool reading_ = false, writing_ = false;  // what stream_ was asked for (want)
};

}  // namespace http
