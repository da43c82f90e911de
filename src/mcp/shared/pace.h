// Pace: how many requests a second, and how many at once, one caller may make, by their class. What
// goes beyond is refused with the time after which it would be taken; nothing waits for its turn. So
// a caller that floods takes no more of the one thread than its rate, however many connections it
// has, and other callers do not notice it.
//
//   class   requests
//   read    calls of tools that change nothing, reads and subscriptions of resources, prompts,
//           completion
//   logs    the same for logs of pods
//   write   calls of tools that change something
//   other   lists, ping, initialize, streams that are opened, sessions that are ended, all the rest
//
// What a request is, is known when it was read. So all of a caller's requests together, those that
// turn out to be wrong included, have a rate before they are read: the sum of the classes' rates, of
// which one with a large body takes more (kArrivalBytes). If one class has no limit, it has none.
//
// The rate is an average: kBurst of it may come at once (the generic cell rate algorithm, ITU-T
// I.371). Callers that are not told apart (counted_owner() is "") have no limit. The table holds
// kPacedCallers; the caller unseen for longest makes room: its burst is full again.
//
// A refusal that HTTP carries is sent kRefusalDelay later: a client that tries again at once, for
// each of its connections, costs ten refusals a second and no more. Of those that are due only
// kRefusalsATime are sent in one go, kRefusalGap apart, so that all its connections do not ask again
// in one turn of the loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/budget.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/own_list.h"
#include "http/reply.h"
#include "loop/loop.h"
#include "mcp/jsonrpc.h"
#include "mcp/registry.h"
#include "mcp/shared/rates.h"

namespace mcp::shared {

constexpr base::Duration kBurst = base::seconds(2);
// A body counts as one request more for each of these: reading 16 KiB costs about as much as a small
// request, and a caller at the default rates has 12 MiB a second read. Few messages are larger.
constexpr std::size_t kArrivalBytes = 16 * base::limits::kKiB;
// Each has some 150 bytes. Only verified callers get here.
constexpr std::size_t kPacedCallers = 4096;
constexpr base::Duration kRefusalDelay = base::milliseconds(100);
constexpr std::size_t kRefusalsATime = 4;
constexpr base::Duration kRefusalGap = base::milliseconds(1);
// Refusals that wait; each holds its connection and its text. Beyond it they are sent at once.
constexpr std::size_t kDelayedRefusals = 1024;

// What a request is, before it runs.
Class class_of(const Registry& registry, const Message& message);
Class class_of(const Tool& tool);  // of its calls

class Pace {
 public:
  // `loop` must outlive this.
  Pace(loop::Loop& loop, const Rates& rates);
  ~Pace();
  // What callers have used counts against the new ones; calls that run go on.
  void set_rates(const Rates& rates);

  // Takes one request of `owner`'s; or says how long until it would be taken, and counts a refusal.
  std::optional<base::Duration> take(std::string_view owner, Class which);
  // The same for a request whose class is not known yet; the refusal is counted as `other`.
  std::optional<base::Duration> arrive(std::string_view owner, std::size_t body_bytes);
  // Is there room for one more at once? If not, a refusal is counted. A call charges this budget
  // while it runs.
  bool has_room(std::string_view owner, Class which);
  base::Budget& at_once(Class which) { return at_once_[index(which)]; }

  // Sends 429 with this error, and Retry-After, kRefusalDelay from now.
  void refuse(http::Reply reply, std::string_view id_json, const RpcError& error,
              base::Duration wait);

  std::size_t callers() const { return callers_.size(); }
  std::uint64_t refused_rate(Class which) const { return refused_[index(which)]; }
  std::uint64_t refused_at_once(Class which) const { return at_once_[index(which)].refused(); }

 private:
  struct Caller;
  struct Refusal;
  static std::size_t index(Class which) { return static_cast<std::size_t>(which); }
  Caller& caller_of(std::string_view owner);
  std::optional<base::Duration> spend(base::TimePoint& even, base::Duration cost, Class counted);
  void on_time();

  loop::Loop& loop_;
  Rates rates_;
  double arrivals_ = 0;  // a second; 0: no limit
  std::array<base::Budget, kClasses> at_once_;
  std::array<std::uint64_t, kClasses> refused_{};
  std::unordered_map<std::string_view, std::unique_ptr<Caller>> callers_;  // key: in the Caller
  base::List<Caller> unseen_;  // the longest unseen first
  base::OwnList<Refusal> delayed_;
  loop::Timer timer_;
};

// The errors, for a batch as well. They say when to try again.
RpcError rate_error(std::optional<Class> which, base::Duration wait);  // nullopt: not known yet
RpcError at_once_error(Class which);

}  // namespace mcp::shared
