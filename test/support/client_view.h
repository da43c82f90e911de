// ClientView: what a subscriber knows from its deltas alone, and what was wrong with them. One for
// each kind of resource. A test compares it with a fresh read at the end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace test {

class ClientView {
 public:
  virtual ~ClientView() = default;
  virtual void apply(base::json::Value delta) = 0;
  // A fresh read of the same resource took the place of what was known.
  virtual void replace(base::json::Value read) { static_cast<void>(read); }
  // "" when the read says the same, else the difference.
  virtual std::string difference(base::json::Value read) const = 0;

  // Rules that deltas broke.
  const std::vector<std::string>& problems() const { return problems_; }
  bool ended() const { return ended_; }  // the server said that nothing more comes
  // Deltas were dropped, and the server says that a read is due.
  bool take_read_due() { return std::exchange(read_due_, false); }

 protected:
  void problem(std::string what) { problems_.push_back(std::move(what)); }
  bool ended_ = false, read_due_ = false;

 private:
  std::vector<std::string> problems_;
};

// k0rdent://events/…: by name.
class EventsView final : public ClientView {
 public:
  void apply(base::json::Value delta) override;
  void replace(base::json::Value read) override;
  std::string difference(base::json::Value read) const override;

 private:
  std::map<std::string, std::string> events_;
};

// k0rdent://podlogs/…: lines are "INSTANCE NUMBER", both counted up by whoever writes them. Each
// may come once, in order; what is missing must be announced.
class LogsView final : public ClientView {
 public:
  void apply(base::json::Value delta) override;
  std::string difference(base::json::Value read) const override;
  std::int64_t instance() const { return instance_; }
  std::int64_t last() const { return last_; }

 private:
  std::int64_t instance_ = -1, last_ = -1, sequence_ = 0;
  bool hole_told_ = false, first_ = true;
};

// k0rdent://graph: nodes and edges by id, and no hole in `sequence`.
class GraphView final : public ClientView {
 public:
  void apply(base::json::Value delta) override;
  void replace(base::json::Value read) override;
  std::string difference(base::json::Value read) const override;

 private:
  using Things = std::map<std::string, std::string>;
  void take(Things& things, base::json::Value list, std::string_view action);
  Things nodes_, edges_;
  std::int64_t sequence_ = -1;
};

std::unique_ptr<ClientView> view_of(std::string_view uri);

}  // namespace test
