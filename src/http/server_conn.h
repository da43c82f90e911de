// ServerConn: one connection of the Server. Private to src/http; Reply and Server are its users.
//
//   phase      means                             reading       what ends it
//   receiving  no request, or a part of one      parsed        whole → handling; wrong or slow →
//                                                              flushing
//   handling   the Handler has it, nothing said  kept, up to   send → flushing; begin → streaming;
//                                                kPipelineBytes  RST → closed
//   streaming  begin() was called                kept          end → flushing; EOF, RST → closed
//   flushing   the answer is whole, not all sent kept          all sent → receiving or lingering
//   lingering  our side ended (FIN)              thrown away   EOF, RST, kLingerTime → closed
//   closed     silent; a Reply may still have to be told
//
// Over the connection cap a connection is "refused": one request is read, and answered with 503
// unless the Handler serves it when full.
//
// One timer, lazily: `deadline_` is what counts and moves freely; the timer is armed no later than
// it and, when it fires early, arms itself again. So a request on a busy connection touches no
// timer at all.
//   receiving: idle, head or body time    streaming: write stall while blocked; flushing: the same,
//                                         and too little taken in that time
//   lingering: kLingerTime                handling: none; kProbeTime when the peer is watched and
//                                         has ended its side
//
// At rest a connection holds this object and its Stream, no buffers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/link.h"
#include "http/parser.h"
#include "http/server.h"
#include "http/stream_queue.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace http {

// What all connections of a server share: nothing in it outlives one call from the loop.
struct ServerScratch {
  static constexpr std::size_t kReadBytes = 64 * 1024;  // of a body
  // Of anything else: what a pipelining client can make one connection hold besides its answer.
  static constexpr std::size_t kHeadReadBytes = 16 * 1024;
  char read[kReadBytes];
  MessageHead head;
  Request request;
  std::string out;  // a response's head
};

// Bytes behind a request that is not answered yet. More stay in the kernel, and then the peer's end
// is noticed only after the answer.
constexpr std::size_t kPipelineBytes = 16 * 1024;
// A stream's messages of one turn go out together, but no more than this waits for the turn's end.
constexpr std::size_t kGatherBytes = 64 * 1024;
constexpr std::size_t kGatherMessages = 64;

class ServerConn final : public base::Link, public ReplySink {
 public:
  ServerConn(Server& server, std::unique_ptr<net::Stream> stream, std::string_view peer_key);

  // False: as many connections as there may be, in all or of this peer.
  bool take_slot();
  void give_slot();
  void start();
  // Instead of start(): hears one request and closes.
  void start_refused();
  bool refused() const { return refused_; }
  bool idle() const { return idle_; }
  // In the server's list of the idle: since `least` or longer.
  bool idle_for(base::Duration least) const;
  // An idle or refused one closes for another.
  void make_way() { fail(); }
  // Server::relieve(). True: still waits for room.
  bool relieve(bool pressed, bool room);
  // Server::stop_accepting().
  void drain() { task_.schedule(); }
  // Closed, the Reply told later. Unlinks itself, at once or after that.
  void close_now() { fail(); }
  // The server dies: closed, the Reply gone untold. Does not unlink.
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

 private:
  enum class Phase : unsigned char { receiving, handling, streaming, flushing, lingering, closed };
  enum class Wait : unsigned char { idle, head, body };

  // server_conn.cc: the way in, and the end.
  void on_ready(bool readable, bool writable);
  void on_task();
  void on_timer();
  void read_some();
  void on_eof();
  void step();
  std::size_t consume(std::string_view in);
  void await_more(std::string_view piece);
  void deliver(std::string_view piece);
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
  void tell_gone();

  // server_conn_body.cc: bodies that come in pieces.
  bool begin_body();
  bool keep_body();
  void add_body(std::string_view piece);
  void refuse_body(std::size_t bytes);
  std::size_t held_input() const;  // bytes of memory
  void count_input();

  // server_conn_out.cc: the way out.
  std::string& make_head(int status, std::string_view type, std::string_view extra);
  void put(std::string_view head, std::string_view body);
  void probe();
  void flush();
  bool has_room_for(std::size_t answer) const;
  void starve();
  void note_taken(std::size_t n);
  void block(bool progress);
  void check_drained();
  void response_over();
  bool stopping() const { return server_.stopping_; }

  Server& server_;
  std::unique_ptr<net::Stream> stream_;
  Parser parser_;
  std::string peer_;
  std::string peer_key_;  // whose share it uses; "" : nobody's
  base::Charge slot_, descriptor_;
  base::Charge body_charge_, answer_charge_, kernel_charge_;
  base::Buffer pending_;  // came in, not parsed
  base::Buffer out_;      // goes out before queue_
  std::string body_;      // of a request that came in pieces
  StreamQueue queue_;
  loop::TimePoint deadline_{loop::kForever};
  loop::Timer timer_;
  loop::Deferred task_;
  Phase phase_ = Phase::receiving;
  Wait wait_ = Wait::idle;
  unsigned char minor_ = 1;
  unsigned char yield_ = 0;  // so many calls of on_task() until consume() may go on
  std::size_t body_most_ = 0;   // of this request, by Handler::on_head
  std::size_t taken_ = 0;       // of the answer by the socket, since the stall clock started
  loop::TimePoint stall_from_;  // when that was
  std::size_t turn_bytes_ = 0;  // given to the socket by this consume()
  bool head_only_ = false;     // the request is HEAD
  bool keep_alive_ = false;    // the request allows it
  bool close_after_ = false;   // after this response
  bool continue_due_ = false;  // Expect: 100-continue, no byte of the body has come
  bool half_closed_ = false;   // the peer's FIN was read
  bool watched_ = false;       // watch_peer() of this answer
  bool blocked_ = false;       // the socket takes no more now
  bool consuming_ = false;     // consume() is on the stack and goes on by itself
  bool above_half_ = false;    // of the stream's limits, or refused
  bool drained_due_ = false;
  bool starved_ = false;       // a write was refused for want of room in the budget
  bool refused_ = false;       // there are too many connections
  bool idle_ = false;          // in the server's list of them
  bool reading_ = false, writing_ = false;  // what stream_ was told to want
};

}  // namespace http
