// RandomWorld: a seed draws hours of a cluster's life: objects that change, an API server that
// fails in every way the simulator knows, clocks that jump, subscribers that come, lag, break off
// and go. What must hold at the end:
//   - each surviving subscriber's view, made of its deltas alone, is what a fresh server reads;
//   - no log line came twice, out of order, or was lost without a word;
//   - no attempt was made before its delay or inside a cooldown;
//   - nothing is left open (the loop, and ASan's leak check, say so);
//   - the same seed gives the same story: decisions() is equal, line by line.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "support/client_view.h"
#include "support/story_world.h"

namespace test {

class RandomWorld : public StoryWorld {
 protected:
  RandomWorld();
  ~RandomWorld() override;
  // The whole life of a seed, and every check but the last.
  void live(std::uint64_t seed, base::Duration span);
  // What was done, told and tried.
  const std::string& decisions() const { return decisions_; }

 private:
  struct Client {
    std::string name, token;
    std::unique_ptr<McpSession> session;
    std::map<std::string, std::unique_ptr<ClientView>> views;  // by URI
    std::size_t seen = 0, heard = 0;                           // of its updates and messages
  };
  struct Pod {
    std::string ns, name;
    std::int64_t instance = 0, last = 0;
    bool there = true;
  };
  using Act = void (RandomWorld::*)();
  struct Choice {
    int weight;
    Act act;
  };
  static const Choice kChoices[];

  // What may happen.
  void emit_event();
  void update_event();
  void delete_event();
  void write_lines();
  void restart_pod();
  void end_pod();
  void change_cluster();
  void connect_client();
  void subscribe();
  void unsubscribe();
  void leave();
  void drop_and_return();
  void read_slowly();
  void fail_answers();
  void fail_bytes();
  void fail_connections();
  void end_streams();
  void hurt_streams();
  void outage();
  void compact();
  void forbid();
  void jump_wall();
  void quiet();

  void step();
  void breathe(base::Duration time);  // time passes, deltas are read
  void digest(Client& client);
  void take_dropped(Client& client);
  void read_again(Client& client, const std::string& uri);
  void settle_down();
  void check_views();
  void check_attempts();
  void note(const std::string& what);
  sim::Answer broken_answer();
  std::string some_ns();
  std::string some_event_uri();
  Client* some_client();
  void put_cluster(int n);
  void put(const std::string& kind, const std::string& json);
  base::json::Value read(McpSession& session, const std::string& uri);
  void life(Pod& pod);

  base::Random dice_{0};
  std::uint64_t below(std::uint64_t n) { return dice_.below(n); }
  base::Duration some(base::Duration least, base::Duration most);
  std::vector<std::unique_ptr<Client>> clients_;
  std::unique_ptr<McpSession> auditor_;
  std::vector<Pod> pods_;
  std::vector<std::pair<std::string, std::string>> events_;  // namespace, name
  std::map<std::pair<std::string, std::string>, int> counts_;
  std::string decisions_;
  int made_ = 0, clients_made_ = 0;
  base::Duration ahead_{};  // the wall clock, by its jumps
  std::size_t log_read_ = 0;
  struct Wait {
    std::string watch;
    base::TimePoint from, until;
  };
  std::vector<Wait> waits_;
};

}  // namespace test
