// List: the objects of one kind that a caller may see, page by page.
//
//   a namespace that is not allowed     refused before any request
//   no namespace, with a filter         objects of hidden namespaces are left out and counted; the
//                                       Namespace objects themselves, too
//   the kind's version                  the first of the kind's that is served (served.h)
//   the kind is not served              Errc::not_found: "this cluster does not serve …"
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "cluster/cluster.h"
#include "cluster/collection.h"
#include "cluster/served.h"
#include "kube/list_call.h"

namespace cluster {

// metadata: of each object apiVersion, kind and metadata only.
// table: kubectl's columns (kube::kTableAccept); each object is a row, {"cells":[…],"object":{…}},
// with only the metadata of its object, or with the whole one. A server that has no Table for the
// kind gives objects.
enum class ListForm : unsigned char { objects, metadata, table, table_whole };

struct ListQuery {
  Collection what;
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
  // The objects so far are void. on_page(): as kube::ListHandler's.
  virtual void on_restart() = 0;
  virtual void on_page(std::string_view /*next*/, std::optional<std::int64_t> /*remaining*/) {}
  // One object is missing in the list. `which`: its name, if it can be read, and why.
  virtual void on_unreadable(const std::string& /*which*/) {}
  virtual void on_done(const kube::Failure* failure) = 0;  // called once, as the last statement
};

class List : private kube::ListHandler {
 public:
  List(Cluster& cluster, cluster::ListHandler& handler);  // both must outlive this
  // Never calls the handler inside. Errors: the namespace is not allowed. Requires: not active.
  base::Result<void> start(const mcp::Caller& caller, ListQuery query) {
    return start(credentials_of(caller), std::move(query));
  }
  base::Result<void> start(kube::config::Credentials credentials, ListQuery query);
  void cancel();
  bool active() const { return version_.active() || list_.active(); }
  // The text of what on_object() is given, as it was sent: valid inside that call only.
  std::string_view object_text() const { return list_.item_text(); }
  // Objects that the namespace filter left out so far.
  std::size_t hidden() const { return hidden_; }

 private:
  bool of_rows() const {
    return query_.form == ListForm::table || query_.form == ListForm::table_whole;
  }
  void on_version(const kube::Failure* failure, kube::Resource resource);
  void list(kube::Resource resource);
  void on_columns(base::json::Value definitions) override { handler_.on_columns(definitions); }
  void on_item(base::json::Value object) override;
  void on_restart() override;
  void on_page(std::string_view next, std::optional<std::int64_t> remaining) override {
    handler_.on_page(next, remaining);
  }
  void on_unreadable(std::string_view text, const std::string& why) override;
  void on_done(const kube::Failure* failure, std::string_view) override;

  Cluster& cluster_;
  cluster::ListHandler& handler_;
  ListQuery query_;
  kube::Resource asked_;  // with its version
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::size_t hidden_ = 0;
  VersionChoice version_;
  kube::ListCall list_;
};

}  // namespace cluster
