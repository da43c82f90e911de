// What may happen in a RandomWorld.
#include <algorithm>
#include <utility>

#include "support/random_world.h"

namespace test {

using base::Duration;
using base::milliseconds;
using base::minutes;
using base::seconds;

constexpr const char* kNamespaces[] = {"default", "team-a", "kcm-system"};
constexpr std::size_t kClients = 6;

const RandomWorld::Choice RandomWorld::kChoices[] = {
    {14, &RandomWorld::emit_event},    {10, &RandomWorld::update_event},
    {8, &RandomWorld::delete_event},   {14, &RandomWorld::write_lines},
    {2, &RandomWorld::restart_pod},    {1, &RandomWorld::end_pod},
    {8, &RandomWorld::change_cluster}, {3, &RandomWorld::connect_client},
    {10, &RandomWorld::subscribe},     {3, &RandomWorld::unsubscribe},
    {1, &RandomWorld::leave},          {3, &RandomWorld::drop_and_return},
    {3, &RandomWorld::read_slowly},    {6, &RandomWorld::fail_answers},
    {4, &RandomWorld::fail_bytes},     {3, &RandomWorld::fail_connections},
    {4, &RandomWorld::end_streams},    {2, &RandomWorld::hurt_streams},
    {2, &RandomWorld::outage},         {2, &RandomWorld::compact},
    {1, &RandomWorld::forbid},         {2, &RandomWorld::jump_wall},
    {2, &RandomWorld::quiet},          {0, nullptr},
};

std::string RandomWorld::some_ns() {
  return kNamespaces[below(std::size(kNamespaces))];
}

std::string RandomWorld::some_event_uri() {
  return "k0rdent://events/" + some_ns();
}

RandomWorld::Client* RandomWorld::some_client() {
  return clients_.empty() ? nullptr : clients_[below(clients_.size())].get();
}

void RandomWorld::emit_event() {
  const std::string ns = some_ns();
  const std::uint64_t n = 1 + below(4) * below(4);
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::string name = "e" + std::to_string(++made_);
    cluster.emit({.ns = ns, .name = name, .type = below(3) ? "Normal" : "Warning"});
    events_.emplace_back(ns, name);
  }
  note("emit " + std::to_string(n) + " in " + ns);
}

void RandomWorld::update_event() {
  if (events_.empty()) return;
  const auto& event = events_[below(events_.size())];
  const int count = ++counts_[event] + 1;
  cluster.emit({.ns = event.first, .name = event.second, .count = count});
  note("update " + event.second);
}

void RandomWorld::delete_event() {
  if (events_.empty()) return;
  const std::size_t at = below(events_.size());
  const auto event = events_[at];
  cluster.delete_event(event.first, event.second);
  note("delete " + event.second);
  if (below(3) == 0) {  // and another under its name
    cluster.emit({.ns = event.first, .name = event.second, .message = "anew"});
    note("anew " + event.second);
    return;
  }
  events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(at));
}

void RandomWorld::write_lines() {
  Pod& pod = pods_[below(pods_.size())];
  if (!pod.there) return;
  const std::uint64_t n = 1 + below(5) * below(5);
  for (std::uint64_t i = 0; i < n; ++i)
    life(pod);
  note("write " + std::to_string(n) + " to " + pod.ns + "/" + pod.name);
}

void RandomWorld::restart_pod() {
  Pod& pod = pods_[below(pods_.size())];
  if (!pod.there) return;
  cluster.restart_pod({.ns = pod.ns, .name = pod.name});
  ++pod.instance;
  pod.last = 0;
  life(pod);
  note("restart " + pod.ns + "/" + pod.name);
}

void RandomWorld::end_pod() {
  Pod& pod = pods_[below(pods_.size())];
  if (pod.there) {
    cluster.delete_pod(pod.ns, pod.name);
    note("delete pod " + pod.ns + "/" + pod.name);
  } else {
    cluster.set_pod({.ns = pod.ns, .name = pod.name});
    ++pod.instance;
    pod.last = 0;
    life(pod);
    note("create pod " + pod.ns + "/" + pod.name);
  }
  pod.there = !pod.there;
}

void RandomWorld::put(const std::string& kind, const std::string& json) {
  api.store().put({&api.store().of(kind), 0}, json);
}

void RandomWorld::change_cluster() {
  const std::string n = std::to_string(below(6));
  const std::string other = std::to_string(below(6));
  const std::string tier = below(2) ? "gold" : "iron";
  const std::string ns = below(2) ? "team-a" : "kcm-system";
  switch (below(6)) {
    case 0:
      api.store().remove({&api.store().of("ClusterDeployment"), 0}, ns + "/cd" + n);
      break;
    case 1:
      api.store().remove({&api.store().of("ServiceTemplate"), 0}, ns + "/st" + n);
      break;
    case 2:
      put("ServiceTemplate", R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":)"
                             R"("ServiceTemplate","metadata":{"name":"st)" +
                                 n + R"(","namespace":")" + ns + R"("},"spec":{"version":"1.)" +
                                 other + R"(.0"}})");
      break;
    case 3:
      put("MultiClusterService", R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":)"
                                 R"("MultiClusterService","metadata":{"name":"mcs)" +
                                     n +
                                     R"("},"spec":{"clusterSelector":{"matchLabels":{"tier":")" +
                                     tier + R"("}},"serviceSpec":{"services":[{"name":"a",)" +
                                     R"("namespace":"a","template":"st)" + other + R"("}]}}})");
      break;
    default:
      put("ClusterDeployment", R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":)"
                               R"("ClusterDeployment","metadata":{"name":"cd)" +
                                   n + R"(","namespace":")" + ns + R"(","labels":{"tier":")" +
                                   tier + R"("}},"spec":{"template":"t","credential":"c",)" +
                                   R"("serviceSpec":{"services":[{"name":"a","namespace":"a",)" +
                                   R"("template":"st)" + other + R"("}]}}})");
  }
  note("change the cluster");
}

void RandomWorld::connect_client() {
  if (clients_.size() >= kClients || !api.running()) return;
  constexpr const char* kTokens[] = {"ann-1", "ann-2", "bob-1"};
  auto client = std::make_unique<Client>();
  client->name = "client" + std::to_string(++clients_made_);
  client->token = kTokens[below(std::size(kTokens))];
  client->session = std::make_unique<McpSession>(*this, client->token);
  if (!client->session->open()) return note(client->name + " may not come now");
  note(client->name + " comes as " + client->token);
  clients_.push_back(std::move(client));
}

void RandomWorld::subscribe() {
  Client* client = some_client();
  if (!client) return;
  const Pod& pod = pods_[below(pods_.size())];
  std::string uri = some_event_uri();
  constexpr const char* kGraphs[] = {"", "?namespace=team-a",
                                     "?kinds=ClusterDeployment,ServiceTemplate",
                                     "?namespace=team-a,kcm-system&kinds=ServiceTemplate"};
  if (const auto kind = below(4); kind == 1) {
    uri = std::string("k0rdent://graph") + kGraphs[below(std::size(kGraphs))];
  } else if (kind > 1) {
    uri = "k0rdent://podlogs/" + pod.ns + "/" + pod.name + "/app";
  }
  if (client->views.count(uri)) return;
  client->views[uri] = view_of(uri);
  const bool taken = client->session->subscribe(uri);
  note(client->name + (taken ? " subscribes to " : " is refused ") + uri);
  if (!taken) client->views.erase(uri);
}

void RandomWorld::unsubscribe() {
  Client* client = some_client();
  if (!client || client->views.empty()) return;
  auto at = client->views.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(below(client->views.size())));
  const std::string uri = at->first;
  for (const std::string& what : at->second->problems())
    ADD_FAILURE() << client->name << " " << uri << ": " << what;
  client->views.erase(at);
  client->session->unsubscribe(uri);
  note(client->name + " leaves " + uri);
}

void RandomWorld::leave() {
  if (clients_.size() < 2) return;
  const std::size_t at = below(clients_.size());
  note(clients_[at]->name + " goes");
  if (below(2)) clients_[at]->session->end();
  clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(at));
}

void RandomWorld::drop_and_return() {
  Client* client = some_client();
  if (!client) return;
  note(client->name + " breaks off");
  client->session->drop_stream();
  emit_event();
  write_lines();
  pass(some(milliseconds(1), seconds(20)));
  // Who asks is looked up at the API server, which may be away.
  for (int i = 0; i < 8; ++i) {
    client->session->open_stream();
    run_until([&] { return client->session->stream_open() || client->session->stream_over(); });
    if (client->session->stream_open()) return note(client->name + " is back");
    pass(seconds(1));
  }
  note(client->name + " could not come back in time");
  client->views.clear();
}

void RandomWorld::read_slowly() {
  Client* client = some_client();
  if (!client) return;
  note(client->name + " reads nothing");
  client->session->pause(true);
  for (int i = 0; i < 10; ++i) {
    write_lines();
    emit_event();
    update_event();
    delete_event();
  }
  pass(some(milliseconds(1), seconds(20)));
  client->session->pause(false);
}

sim::Answer RandomWorld::broken_answer() {
  constexpr int kStatuses[] = {500, 502, 503, 504, 429};
  switch (below(4)) {
    case 0:
      return {200, "<html>sign in</html>", "text/html", "", {}};
    case 1: {
      sim::Answer busy = sim::refuse(sim::internal_error("busy"));
      busy.status = below(2) ? 503 : 429;
      busy.extra = "Retry-After: " + std::to_string(1 + below(90)) + "\r\n";
      return busy;
    }
    default: {
      sim::Answer answer = sim::refuse(sim::internal_error("made up"));
      answer.status = kStatuses[below(std::size(kStatuses))];
      return answer;
    }
  }
}

void RandomWorld::fail_answers() {
  constexpr const char* kVerbs[] = {"list", "watch", "log", ""};
  sim::AnswerFault fault;
  fault.match.verb = kVerbs[below(std::size(kVerbs))];
  fault.match.path = fault.match.verb.empty() ? (below(2) ? "/events" : "/log") : "";
  fault.match.count = 1 + static_cast<int>(below(7));
  switch (below(7)) {
    case 0:
      fault.delay = some(seconds(1), seconds(100));
      break;
    case 1:
      fault.never = true;
      fault.match.count = 1;
      break;
    case 2:
      fault.cut = true;
      break;
    case 3:
      fault.match.verb = "watch";
      fault.stream = sim::Answer{
          200,
          sim::error_frame(below(2) ? sim::expired("too old") : sim::internal_error("boom")),
          "application/json",
          "",
          {}};
      break;
    case 4:
      fault.match.verb = "watch";
      fault.stream = sim::Answer{
          200, below(2) ? "" : "{\"type\":\"FOO\",\"object\":{}}\n", "application/json", "", {}};
      break;
    default:
      fault.answer = broken_answer();
  }
  note("answers fail: '" + fault.match.verb + "' '" + fault.match.path + "' " +
       std::to_string(fault.match.count));
  api.faults().add(std::move(fault));
}

void RandomWorld::fail_bytes() {
  using Kind = sim::ByteFault::Kind;
  constexpr Kind kKinds[] = {Kind::close,   Kind::fin,   Kind::reset,
                             Kind::garbage, Kind::stall, Kind::trickle};
  sim::AnswerFault fault;
  fault.match.verb = below(2) ? "watch" : "list";
  if (below(3) == 0) fault.match.verb = "log";
  fault.match.path = fault.match.verb == "log" ? "/log" : "/events";
  sim::ByteFault bytes;
  bytes.kind = kKinds[below(std::size(kKinds))];
  bytes.at = below(3000);
  if (bytes.kind == Kind::trickle) {
    bytes.time = milliseconds(20);
    bytes.bytes = 1 + below(50);
  } else if (bytes.kind == Kind::stall && below(2)) {
    bytes.time = some(seconds(1), minutes(2));
  }
  fault.bytes = {bytes};
  note("bytes fail: " + fault.match.verb + " at " + std::to_string(bytes.at));
  api.faults().add(std::move(fault));
}

void RandomWorld::fail_connections() {
  using Accept = sim::ConnectionPlan::Accept;
  constexpr Accept kWays[] = {Accept::reset, Accept::silent, Accept::garbage};
  const std::uint64_t n = 1 + below(4);
  const Accept way = kWays[below(std::size(kWays))];
  for (std::uint64_t i = 0; i < n; ++i)
    api.faults().plan({.accept = way});
  if (below(2)) api.end_streams("", sim::ApiServer::End::cut);
  note("connections fail");
}

void RandomWorld::end_streams() {
  const bool cut = below(2) != 0;
  api.end_streams("", cut ? sim::ApiServer::End::cut : sim::ApiServer::End::proper);
  note(cut ? "streams are cut" : "streams end");
}

void RandomWorld::hurt_streams() {
  using Kind = sim::ByteFault::Kind;
  sim::ByteFault fault;
  fault.kind = below(2) ? Kind::stall : Kind::reset;
  fault.at = below(200);
  api.fault_in_streams(below(2) ? "/events" : "/log", fault);
  emit_event();
  note("streams are hurt");
}

void RandomWorld::outage() {
  if (!api.running()) return;
  note("the API server goes");
  api.stop();
  const std::uint64_t steps = 1 + below(6);
  for (std::uint64_t i = 0; i < steps; ++i) {
    emit_event();
    delete_event();
    write_lines();
    if (below(4) == 0) restart_pod();
    change_cluster();
    breathe(some(milliseconds(10), seconds(90)));
  }
  if (below(2)) api.store().compact();
  ASSERT_TRUE(api.start().has_value());
  note("the API server is back");
}

void RandomWorld::compact() {
  constexpr sim::StaleAnswer kWays[] = {sim::StaleAnswer::error_frame, sim::StaleAnswer::http_410,
                                        sim::StaleAnswer::empty_200};
  api.set_stale_answer(kWays[below(std::size(kWays))]);
  api.store().compact();
  if (below(2)) api.end_streams();
  note("the history is compacted");
}

void RandomWorld::forbid() {
  const char* user = below(2) ? "ann" : "bob";
  for (auto& [token, rights] : api.users())
    if (rights.name == user) rights.denied = {{"", "events", "", ""}};
  api.end_streams("/events");
  note(std::string(user) + " may not see events");
  breathe(some(seconds(1), minutes(6)));
  for (auto& [token, rights] : api.users())
    rights.denied.clear();
  note(std::string(user) + " may see events");
}

void RandomWorld::jump_wall() {
  const Duration by = some(-minutes(60), minutes(60));
  clock.step_wall(by);
  cluster.set_behind(ahead_ += by);
  note("the wall clock jumps");
}

void RandomWorld::quiet() {
  note("quiet");
  breathe(some(minutes(1), minutes(12)));
}

}  // namespace test
