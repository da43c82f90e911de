// List: the objects of one kind that a caller may see, page by page, through the operator's
// namespace filter. It is the door for every tool that lists: no other code decides what is
// filtered.
//
//   a namespace that is not allowed     refused before any request
//   no namespace, with a filter         objects of hidden namespaces are left out and counted; the
//                                       Namespace objects themselves, too
//   the kind's version                  the first of the kind's that is served (discovery)
//   the kind is not served              Errc::not_found: "this cluster does not serve …"
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "cluster/context.h"
#include "kube/discovery.h"
#include "kube/list_call.h"

namespace cluster {

// A kind as a table describes it; the texts are literals.
struct ListedKind {
  std::string_view plural, group;  // group "": core
  std::string_view versions;       // joined by commas, the preferred one first
  bool namespaced = true;
};

// table: kubectl's columns (kube::kTableAccept); each object is a row, {"cells":[…],"object":{…}},
// with only the metadata of its object, or with the whole one. A server that has no Table for the
// kind gives objects.
enum class ListForm : unsigned char { objects, table, table_whole };

struct ListQuery {
  ListedKind kind;
  std::string ns;  // "": all that the caller may see
  std::string label_selector = {}, field_selector = {};
  int page = base::limits::kListPage;
  std::string continue_token = {};  // kube::ListSpec's
  ListForm form = ListForm::objects;
};

class ListHandler {
 public:
  virtual ~ListHandler() = default;
  // See kube::ListHandler.
  virtual void on_columns(base::json::Value /*definitions*/) {}
  virtual void on_object(base::json::Value object) = 0;  // valid inside the call only
  virtual void on_restart() = 0;                         // see kube::ListHandler
  virtual void on_page(std::string_view next, std::optional<std::int64_t> remaining) = 0;
  virtual void on_unreadable() = 0;                        // one object is missing in the list
  virtual void on_done(const kube::Failure* failure) = 0;  // called once, as the last statement
};

class List : private kube::ListHandler {
 public:
  List(Context& context, cluster::ListHandler& handler);  // both must outlive this
  // Never calls the handler inside. Errors: the namespace is not allowed. Requires: not active.
  base::Result<void> start(const mcp::Caller& caller, ListQuery query);
  void cancel();
  // Objects that the namespace filter left out so far.
  std::size_t hidden() const { return hidden_; }

 private:
  void choose_version();
  void on_discovery(kube::DiscoveryQuery::Outcome outcome);
  void list(std::string version);
  void on_columns(base::json::Value definitions) override { handler_.on_columns(definitions); }
  void on_item(base::json::Value object) override;
  void on_restart() override;
  void on_page(std::string_view next, std::optional<std::int64_t> remaining) override {
    handler_.on_page(next, remaining);
  }
  void on_unreadable(std::string_view, const std::string&) override { handler_.on_unreadable(); }
  void on_done(const kube::Failure* failure, std::string_view) override;

  Context& context_;
  cluster::ListHandler& handler_;
  ListQuery query_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::vector<std::string> versions_;  // not asked for yet, the next one last
  std::size_t hidden_ = 0;
  kube::DiscoveryQuery discovery_;
  kube::ListCall list_;
};

}  // namespace cluster
