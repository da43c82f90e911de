// ListCall: one complete collection, page by page (limit 500, continue), decoded while it comes: of a
// page only the object under way is in memory, and no portion of work keeps the loop.
// resourceVersion is unset: the most recent state. A 410 in the middle starts again from page 1
// (on_restart), the second time without paging. A page over ListLimits::page_bytes is asked for again with half
// the limit, down to one object. A page token that repeats, or more than kMaxPages pages, is a
// protocol failure; more objects than ListLimits allow, or kListBytesFactor times their bytes, is
// Errc::too_large. Only on_done without failure makes the list usable (a partial list must never be
// diffed: it would delete what lives).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "kube/client.h"
#include "kube/list_decoder.h"

namespace kube {

constexpr int kMaxPages = 10000;
// Of what is read to what is kept: the graph and the events keep less than a tenth of an object.
constexpr std::size_t kListBytesFactor = 16;

struct ListSpec {
  Resource resource;
  std::string ns;  // "" : all, or cluster-scoped
  std::string field_selector, label_selector;
  Credentials credentials = Credentials::configured();
  int page = base::limits::kListPage;
  std::string accept = "application/json";
};

class ListHandler {
 public:
  virtual ~ListHandler() = default;
  virtual void on_item(base::json::Value object) = 0;  // valid inside only
  // An object that cannot be read: it is missing in the list. `text`: its beginning, at least its
  // metadata when they can be found. (The log has a line for each list with some.)
  virtual void on_unreadable(std::string_view /*text*/, const std::string& /*why*/) {}
  virtual void on_restart() = 0;  // forget the items so far
  // Once, as the last statement. `resource_version`: page 1's.
  virtual void on_done(const Failure* failure, std::string_view resource_version) = 0;
};

class ListCall : private ApiHandler, private ListSink {
 public:
  ListCall(Client& client, ListHandler& handler);
  void start(
      const ListSpec& spec);  // Requires: !active(). A bad namespace is reported through on_done.
  void cancel();
  bool active() const { return active_; }

 private:
  // ApiHandler
  void on_open(int status) override { status_ = status; }
  void on_data(std::string_view bytes) override;
  void on_end(const Failure* failure) override;
  // ListSink
  bool on_object(base::json::Value object) override;
  bool on_unreadable(std::string_view text, const std::string& why) override;

  void next_page();
  void restart();
  void smaller();
  bool portion(std::string_view& bytes);
  void on_drain();
  void page_over();
  bool count();
  void fail(base::Errc code, const std::string& what);
  void finish(const Failure* failure);

  Client& client_;
  ListHandler& handler_;
  ListSpec spec_;
  bool active_ = false;
  std::uint32_t run_ = 0;  // start() and cancel() move it on
  int pages_ = 0, restarts_ = 0, status_ = 0;
  int largest_page_ = base::limits::kListPage;  // that was not too large, of this call's lists
  std::string continue_, resource_version_;
  std::size_t objects_ = 0, bytes_ = 0;            // of the list
  std::size_t page_bytes_ = 0, page_objects_ = 0;  // of the page under way
  std::size_t skip_ = 0;  // of the page under way, which were told before it was asked for again
  std::size_t unreadable_ = 0;
  std::string unreadable_why_;  // the first
  ListDecoder decoder_;
  std::string held_;  // not worked on yet, from held_at_ on
  std::size_t held_at_ = 0;
  bool ended_ = false, too_many_ = false;
  std::optional<Failure> broke_;
  ApiCall call_;
  loop::Deferred drain_;
};

}  // namespace kube
