// ListCall: lists one complete collection, page by page (limit 500, continue), and decodes it while
// it arrives: only the current object of a page is in memory, and the work is done in portions that
// do not block the loop. resourceVersion is unset, which requests the most recent state.
//
//   410 in the middle                 starts again from page 1 (on_restart), the second time
//                                     without paging
//   page over ListLimits::page_bytes  is requested again with half the limit, down to one object
//   repeated page token, or more      Errc::protocol
//   than kMaxPages pages; an answer
//   of another kind (answer_kind.h)
//   more objects than ListLimits      Errc::too_large
//   allow, or kListBytesFactor times
//   their bytes
//
// The list is usable only after on_done without a failure: a partial list must never be diffed,
// because the diff would delete objects that exist.
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
// Bytes that may be read per byte that may be kept: graph and events keep less than a tenth of an
// object.
constexpr std::size_t kListBytesFactor = 16;

// ListSpec::accept for kubectl's columns: each item is a row, {"cells":[…],"object":{…}}. A server
// that has no Table for the kind answers with the objects themselves.
constexpr std::string_view kTableAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

struct ListSpec {
  Resource resource;
  std::string ns;  // "" : all, or cluster-scoped
  std::string field_selector, label_selector;
  config::Credentials credentials = config::Credentials::configured();
  int page = base::limits::kListPage;
  std::string accept = "application/json";
  // kTableAccept with this: each item is a row of the Table, with its whole object instead of only
  // its metadata.
  bool whole_objects = false;
  // Where an earlier list stopped (on_page()); "": the beginning. An expired one (410) begins the
  // list again, which on_restart() reports.
  std::string continue_token = {};
};

class ListHandler {
 public:
  virtual ~ListHandler() = default;
  // Table: the columns (columnDefinitions), once, before the first item and the end. Absent when
  // the answer has none: its items are objects.
  virtual void on_columns(base::json::Value /*definitions*/) {}
  virtual void on_item(base::json::Value object) = 0;  // `object` is valid inside the call only
  // An object that cannot be parsed; it is missing in the list. `text`: its beginning, including
  // its metadata when they can be found. (A list with such objects is logged in one line.)
  virtual void on_unreadable(std::string_view /*text*/, const std::string& /*why*/) {}
  virtual void on_restart() = 0;  // the items so far are void
  // A page is over and another will be requested. `next`: its token; `remaining`: how many objects
  // there are from it on, if the API server says so (it does not with a selector). The handler may
  // cancel() the call here, as in on_item().
  virtual void on_page(std::string_view /*next*/, std::optional<std::int64_t> /*remaining*/) {}
  // Called once, as the last statement. `resource_version`: page 1's.
  virtual void on_done(const Failure* failure, std::string_view resource_version) = 0;
};

class ListCall : private ApiHandler, private ListSink {
 public:
  ListCall(Client& client, ListHandler& handler);  // both must outlive it
  // Requires: !active(). An invalid namespace is reported through on_done.
  void start(const ListSpec& spec);
  void cancel();
  bool active() const { return active_; }
  // The text of the object that on_item() is given, as it was sent: valid inside that call only.
  std::string_view item_text() const { return decoder_.item_text(); }

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
  bool is_this_list();
  std::optional<std::string> why_other_list() const;
  bool tell_columns();
  void fail(base::Errc code, const std::string& what);
  void finish(const Failure* failure);

  Client& client_;
  ListHandler& handler_;
  ListSpec spec_;
  bool active_ = false;
  std::uint32_t run_ = 0;  // start() and cancel() increment it
  int pages_ = 0, restarts_ = 0, status_ = 0;
  int largest_page_ = base::limits::kListPage;  // page limit that was not too large for this call
  std::string continue_, resource_version_;
  std::size_t objects_ = 0, bytes_ = 0;            // of the list
  std::size_t page_bytes_ = 0, page_objects_ = 0;  // of the current page
  std::size_t skip_ = 0;  // objects of the current page that the handler had before the retry
  std::size_t unreadable_ = 0;
  std::string unreadable_why_;  // of the first one
  ListDecoder decoder_;
  std::string held_;  // received but not decoded yet, from held_at_ on
  std::size_t held_at_ = 0;
  bool ended_ = false;
  bool refused_ = false;  // on_object() or on_unreadable() gave the list up
  bool columns_told_ = false;
  std::optional<Failure> broke_;
  ApiCall call_;
  loop::Deferred drain_;
};

}  // namespace kube
