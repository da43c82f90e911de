// ListCall: one complete collection, page by page (limit 500, continue), decoded as it comes: at
// most one page is in memory. resourceVersion is unset: the most recent state. A 410 in the middle
// starts again from page 1 (on_restart), the second time without paging. A page token that repeats,
// or more than kMaxPages pages, is a protocol failure. Only on_done without failure makes the list
// usable (a partial list must never be diffed: it would delete what lives).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "kube/client.h"

namespace kube {

constexpr int kMaxPages = 10000;

struct ListSpec {
  Resource resource;
  std::string ns;  // "" : all, or cluster-scoped
  std::string field_selector, label_selector;
  Credentials credentials = Credentials::configured();
  int page = base::limits::kListPage;
};

class ListHandler {
 public:
  virtual ~ListHandler() = default;
  virtual void on_item(base::json::Value object) = 0;  // valid inside only
  virtual void on_restart() = 0;                       // forget the items so far
  // Once, as the last statement. `resource_version`: page 1's.
  virtual void on_done(const Failure* failure, std::string_view resource_version) = 0;
};

class ListCall {
 public:
  ListCall(Client& client, ListHandler& handler);
  void start(
      const ListSpec& spec);  // Requires: !active(). A bad namespace is reported through on_done.
  void cancel();
  bool active() const { return active_; }

 private:
  void next_page();
  void restart();
  void on_page(ApiGet::Outcome outcome);
  void finish(const Failure* failure);
  ListHandler& handler_;
  ListSpec spec_;
  bool active_ = false;
  std::uint32_t run_ = 0;  // start() and cancel() move it on
  int pages_ = 0, restarts_ = 0;
  std::string continue_, resource_version_;
  base::json::Document doc_;
  ApiGet get_;
};

}  // namespace kube
