// EventWatch: one namespace's events for one identity: the choice of API, the reflector, and the
// feeds that share it. Internal to event_manager.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/reflector.h"
#include "mcp/resource.h"
#include "tools/delta_queue.h"
#include "tools/event_api.h"
#include "tools/event_manager.h"

namespace tools {

// One subscriber: first the snapshot, at the pace it takes, then what is queued.
class EventFeed final : public mcp::Feed {
 public:
  EventFeed(EventWatch* watch, mcp::Subscriber& subscriber);
  ~EventFeed() override;

  void on_room() override;
  void on_credentials(const mcp::Caller& caller) override;
  void on_ending(std::string_view reason) override;

  void begin(std::vector<base::Payload> snapshot);  // accepted
  void refuse(const kube::Failure& failure);        // Requires: detached
  void offer(const base::Payload& frame);
  // `frame` is the last one; the subscription is over when it was taken.
  void end(const base::Payload& frame);
  void detach() { watch_ = nullptr; }  // the watch is gone; nothing more will come
  bool accepted() const { return accepted_; }
  const std::string& uri() const { return subscriber_.uri(); }
  kube::Credentials credentials() const { return credentials_of(subscriber_.caller()); }

 private:
  bool pump();  // true: everything was taken
  base::Payload dropped(std::uint64_t count);
  EventWatch* watch_;
  mcp::Subscriber& subscriber_;
  bool accepted_ = false;
  bool over_ = false;                    // ended by the watch
  std::vector<base::Payload> snapshot_;  // documents, ADDED still to be told
  std::size_t told_ = 0;
  DeltaQueue queue_;
};

class EventWatch final : private kube::ReflectorHandler {
 public:
  EventWatch(EventManager& manager, std::string key, std::string ns, kube::Credentials credentials);
  ~EventWatch() override;

  void start();
  void join(EventFeed& feed);
  void leave(EventFeed& feed);  // the last one: the manager frees the watch
  void set_credentials(const kube::Credentials& credentials);  // a feed came with another token
  const std::string& key() const { return key_; }
  const std::string& ns() const { return ns_; }

 private:
  void on_api(const kube::Failure* failure, EventApi api);
  void watch(EventApi api);
  void refuse_all(const kube::Failure& failure);
  void end_all(std::string_view message);
  std::vector<EventFeed*> let_go();
  bool try_other_token();
  void use_credentials(const kube::Credentials& credentials);
  void tell(std::string_view delta);
  std::vector<base::Payload> snapshot() const;

  base::Payload project(base::json::Value object) override;
  void on_change(kube::Change change, const std::string& key, const base::Payload& doc) override;
  void on_synced() override;
  void on_denied(const kube::Failure& failure) override;
  void on_down(const kube::Failure& failure, base::Duration retry_in) override;
  void on_up() override;

  EventManager& manager_;
  std::string key_, ns_;
  kube::Credentials credentials_;
  EventApi api_ = EventApi::events_v1;
  kube::RetryTable::Use retry_;
  EventApiChoice choice_;
  std::unique_ptr<kube::Reflector> reflector_;
  std::vector<EventFeed*> feeds_;
  std::string problem_;           // the API server refuses the watch, and why: was told
  std::size_t tokens_tried_ = 0;  // of feeds_, since the last one that was taken
};

std::string event_delta(std::string_view action, std::string_view event_json);
std::string event_error_delta(std::string_view ns, std::string_view message);

}  // namespace tools
