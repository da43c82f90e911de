#include "support/random_world.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace test {

using base::Duration;
using base::json::Value;

namespace {

constexpr std::string_view kUsers[][2] = {{"ann-1", "ann"}, {"ann-2", "ann"}, {"bob-1", "bob"}};
constexpr std::string_view kAuditor = "auditor-1";
// Longer than the slowest way back: a log stream that a peer let stall is given up after an hour.
constexpr Duration kHealing = base::minutes(75);

std::string uri_params(const std::string& uri) {
  return R"({"uri":")" + uri + R"("})";
}

// Ports and addresses differ from run to run.
std::string without_ports(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    out += line[i];
    if (line[i] != ':' || i == 0 || line[i - 1] < '0' || line[i - 1] > '9') continue;
    if (i + 1 >= line.size() || line[i + 1] < '0' || line[i + 1] > '9') continue;
    std::size_t end = i + 1;
    while (end < line.size() && line[end] >= '0' && line[end] <= '9')
      ++end;
    if (end - i - 1 < 4) continue;
    out += "PORT";
    i = end - 1;
  }
  return out;
}

}  // namespace

RandomWorld::RandomWorld() {
  for (const auto& [token, user] : kUsers)
    api.users()[std::string(token)] = {std::string(user), std::string(user)};
  api.users()[std::string(kAuditor)] = {"auditor", "auditor"};
  base::log::configure({.level = base::log::Level::debug});
  // Lines are stamped with the time that does not jump.
  base::log::set_wall_source(
      [](void* clock) -> base::WallTime {
        return {static_cast<loop::VirtualClock*>(clock)->now().since.count()};
      },
      &clock);
}

RandomWorld::~RandomWorld() {
  if (HasFailure()) std::fwrite(decisions_.data(), 1, decisions_.size(), stderr);
  base::log::configure({});
  base::log::set_wall_source(nullptr, nullptr);
}

void RandomWorld::note(const std::string& what) {
  decisions_ += std::to_string(base::to_ms(clock.now().since)) + " " + what + "\n";
}

Duration RandomWorld::some(Duration least, Duration most) {
  return least + Duration(static_cast<std::int64_t>(
                     below(static_cast<std::uint64_t>((most - least).count()) + 1)));
}

void RandomWorld::live(std::uint64_t seed, Duration span) {
  dice_ = base::Random(seed);
  decisions_.clear();
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  for (const char* ns : {"default", "team-a"})
    for (const char* name : {"p", "q"})
      pods_.push_back({ns, name});
  for (Pod& pod : pods_)
    cluster.set_pod({.ns = pod.ns, .name = pod.name});
  app::Settings settings;
  settings.auth_mode = app::AuthMode::oidc_required;
  settings.random_seed = seed + 1;
  start_app(settings);
  auditor_ = connect(std::string(kAuditor));
  connect_client();
  const base::TimePoint end = loop.now() + span;
  while (loop.now() < end && !HasFailure())
    step();
  settle_down();
  check_attempts();
  if (!HasFailure()) check_views();
  clients_.clear();
  auditor_.reset();
  stop_app();
  settle();
}

void RandomWorld::step() {
  int sum = 0;
  for (const Choice* c = kChoices; c->weight > 0; ++c)
    sum += c->weight;
  int at = static_cast<int>(below(static_cast<std::uint64_t>(sum)));
  const Choice* choice = kChoices;
  while (at >= choice->weight)
    at -= (choice++)->weight;
  (this->*choice->act)();
  breathe(some(base::milliseconds(1), base::seconds(20)));
  if (api.seen().size() > sim::kRemembered / 2) check_attempts();
}

void RandomWorld::breathe(Duration time) {
  pass(time);
  for (auto& client : clients_) {
    digest(*client);
    // As clients do: a session outlives a token that could not be checked.
    if (client->session->stream_over()) client->session->open_stream();
  }
}

void RandomWorld::digest(Client& client) {
  take_dropped(client);
  const auto& updates = client.session->updates();
  std::vector<std::string> due;
  for (; client.seen < updates.size(); ++client.seen) {
    const auto& update = updates[client.seen];
    const auto at = client.views.find(update.uri);
    if (at == client.views.end()) continue;  // unsubscribed: what was under way
    note(client.name + " " + update.uri + " " + without_ports(update.delta));
    base::json::Document doc;
    const auto delta = doc.parse(update.delta);
    ASSERT_TRUE(delta.has_value()) << update.delta;
    at->second->apply(*delta);
    if (at->second->take_read_due()) due.push_back(update.uri);
    if (at->second->ended()) client.views.erase(at);
  }
  for (const std::string& uri : due)
    read_again(client, uri);
}

// A client that was away for longer than the resume window is told which subscriptions were let go.
void RandomWorld::take_dropped(Client& client) {
  const auto& messages = client.session->messages();
  for (; client.heard < messages.size(); ++client.heard) {
    const std::string& text = messages[client.heard];
    if (text.find("subscribe again: ") == text.npos) continue;
    std::erase_if(client.views, [&](const auto& view) {
      const std::size_t at = text.find(" " + view.first);
      const std::size_t end = at + 1 + view.first.size();
      return at != text.npos && std::string_view(" ;\"").find(text[end]) != std::string_view::npos;
    });
    note(client.name + " was let go: " + text);
  }
}

Value RandomWorld::read(McpSession& session, const std::string& uri) {
  session.ask("resources/read", uri_params(uri));
  return session.result()["contents"].at(0)["text"];
}

// As a client does that was told of dropped deltas. By another user: an attempt of the watch must
// not be taken for it.
void RandomWorld::read_again(Client& client, const std::string& uri) {
  for (int i = 0; i < 200; ++i) {
    const std::string text(read(*auditor_, uri).str());
    base::json::Document doc;
    if (const auto root = doc.parse(text); root && !text.empty()) {
      const auto at = client.views.find(uri);
      if (at != client.views.end()) at->second->replace(*root);
      note(client.name + " reads " + uri);
      return;
    }
    if (i == 50) {  // whatever is wrong: not for ever
      api.faults().clear();
      if (!api.running()) {
        ASSERT_TRUE(api.start().has_value());
      }
    }
    pass(base::seconds(10));
  }
  ADD_FAILURE() << "could not be read: " << uri << " " << auditor_->error().to_json();
}

// Everything is well again, and stays so until the slowest came back.
void RandomWorld::settle_down() {
  api.faults().clear();
  if (!api.running()) {
    ASSERT_TRUE(api.start().has_value());
  }
  for (auto& [token, user] : api.users())
    user.denied.clear();
  note("all is well again");
  breathe(kHealing);
  for (Pod& pod : pods_)
    if (pod.there) life(pod);
  breathe(base::seconds(30));
}

void RandomWorld::life(Pod& pod) {
  cluster.log(pod.ns, pod.name, "app",
              std::to_string(pod.instance) + " " + std::to_string(++pod.last));
}

// Read by a server that was started after all that, and so knows nothing of it.
void RandomWorld::check_views() {
  std::vector<std::pair<std::string, std::unique_ptr<ClientView>>> survivors;
  for (auto& client : clients_) {
    EXPECT_TRUE(client->views.empty() || client->session->stream_open()) << client->name;
    for (auto& [uri, view] : client->views) {
      for (const std::string& what : view->problems())
        ADD_FAILURE() << client->name << " " << uri << ": " << what;
      survivors.emplace_back(uri, std::move(view));
    }
  }
  clients_.clear();
  auditor_.reset();
  stop_app();
  loop.run_once();
  app.reset();
  app::Settings settings;
  start_app(settings);
  auto fresh = connect();
  for (const auto& [uri, view] : survivors) {
    std::string text;
    if (uri.starts_with("k0rdent://podlogs/")) {
      for (const Pod& pod : pods_) {
        if (!uri.starts_with("k0rdent://podlogs/" + pod.ns + "/" + pod.name + "/")) continue;
        text = R"({"instance":)" + std::to_string(pod.instance) + R"(,"last":)" +
               std::to_string(pod.last) + "}";
      }
    } else {
      text = read(*fresh, uri).str();
    }
    base::json::Document doc;
    const auto is = doc.parse(text);
    ASSERT_TRUE(is.has_value()) << uri << ": " << text << fresh->error().to_json();
    EXPECT_EQ(view->difference(*is), "") << uri;
  }
  fresh->end();
  fresh.reset();
}

namespace {

// The requests that are attempts of a watch, by its key as it stands in the log.
bool is_attempt(const sim::ApiServer::Seen& seen, const std::string& watch) {
  const auto words = base::split(watch, ' ');
  if (words.size() < 3 || words[1].find(seen.user) == std::string_view::npos) return false;
  if (words[0] == "events") {
    return (seen.verb == "watch" || seen.verb == "list") &&
           seen.path.ends_with("/namespaces/" + std::string(words[2]) + "/events");
  }
  if (words[0] == "graph") {
    return (seen.verb == "watch" || seen.verb == "list") &&
           seen.path.ends_with("/" + std::string(words[2]));
  }
  if (words[0] != "podlogs" || seen.verb != "log") return false;
  const auto parts = base::split(words[2], '/');
  return parts.size() > 1 && seen.path.ends_with("/namespaces/" + std::string(parts[0]) + "/pods/" +
                                                 std::string(parts[1]) + "/log");
}

}  // namespace

// Each failed attempt is a line that says how long to wait; no request of that watch may come
// before.
void RandomWorld::check_attempts() {
  while (log_read_ < log.size()) {
    const std::size_t end = log.find('\n', log_read_);
    if (end == std::string::npos) break;
    const std::string line = log.substr(log_read_, end - log_read_);
    log_read_ = end + 1;
    if (line.find("watch attempt failed") == std::string::npos) continue;
    base::json::Document doc;
    const auto root = doc.parse(line);
    ASSERT_TRUE(root.has_value()) << line;
    const auto wall = base::parse_rfc3339((*root)["time"].str());
    ASSERT_TRUE(wall.has_value()) << line;
    // A refusal is its caller's: a new token of the same user is tried at once.
    if ((*root)["error"].str().find("forbidden") != std::string_view::npos) continue;
    const base::TimePoint from{Duration(wall->ns)};
    waits_.push_back({std::string((*root)["watch"].str()), from,
                      from + base::milliseconds((*root)["delay_ms"].int_or(0))});
    decisions_ += "tried " + without_ports((*root)["watch"].str()) + " " +
                  std::to_string((*root)["delay_ms"].int_or(0)) + "\n";
  }
  const Duration slack = base::milliseconds(2);  // the log counts whole milliseconds
  for (const Wait& wait : waits_) {
    const auto& all = api.seen();  // by time
    auto at = std::partition_point(all.begin(), all.end(),
                                   [&](const auto& one) { return one.at <= wait.from + slack; });
    for (; at != all.end() && at->at + slack < wait.until; ++at) {
      const auto& seen = *at;
      if (!is_attempt(seen, wait.watch)) continue;
      ADD_FAILURE() << wait.watch << " failed at " << base::to_ms(wait.from.since)
                    << " ms, was to wait until " << base::to_ms(wait.until.since)
                    << " ms, and asked again (" << seen.verb << ") at "
                    << base::to_ms(seen.at.since) << " ms";
    }
  }
  std::erase_if(waits_, [&](const Wait& wait) { return wait.until < loop.now(); });
  api.forget_seen();
}

}  // namespace test
