// What policy and audit log cost. usage: acting [RULES] [LINES]
// Prints "decide NANOSECONDS" (of CPU time) for a decision among RULES (1000) rules of a realistic file, the mean over many
// requests; "worst NANOSECONDS" for one that no rule matches although each might; and "audit LINES_PER_SECOND" into
// a file in the current directory.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <time.h>
#include <unistd.h>

#include "audit/log.h"
#include "loop/clock.h"
#include "policy/policy.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string rules(int n, bool alike) {
  const char* kinds[] = {"deployments.apps", "configmaps", "ClusterDeployment",
                         "'*.k0rdent.mirantis.com'"};
  std::string out = "rules:\n";
  for (int i = 0; i < n; ++i) {
    const std::string number = std::to_string(i);
    out += "- {effect: " + std::string(i % 4 == 0 ? "deny" : "allow");
    if (alike) {
      out += ", namespaces: ['team*x" + number + "']}\n";
      continue;
    }
    out += ", verbs: [create, patch], namespaces: [team-" + number + (i % 10 == 0 ? "-*" : "") +
           "], kinds: [" + kinds[i % 4] + "], tools: ['k0rdent.mgmt.*'], identities: [user-" +
           std::to_string(i % 50) + "]}\n";
  }
  return out;
}

// Processor time of this process: the machine may be busy with others.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double decide(int n, bool alike) {
  auto policy = policy::Policy::parse({.allow_writes = true}, rules(n, alike));
  if (!policy) std::exit(1);
  constexpr int kRounds = 200000;
  std::vector<std::string> namespaces, users;
  for (int i = 0; i < 1000; ++i) {
    namespaces.push_back("team-" + std::to_string(i));
    users.push_back("user-" + std::to_string(i % 50) + "/0123456789abcdef");
  }
  int allowed = 0;
  const double start = cpu_seconds();
  for (int i = 0; i < kRounds; ++i) {
    const auto at = static_cast<std::size_t>(i) % 1000;
    policy::Attributes a{"patch",
                         "",
                         "configmaps",
                         "",
                         namespaces[at],
                         "web",
                         "k0rdent.mgmt.objects.patch",
                         users[at],
                         "mgmt",
                         ""};
    allowed += (*policy).decide(a).allowed;
  }
  const double took = cpu_seconds() - start;
  if (!alike && allowed == 0) std::exit(1);
  return took / kRounds * 1e9;
}

double audit_lines(int n) {
  const char* file = "acting-bench-audit.log";
  ::unlink(file);
  loop::RealClock clock;
  loop::Loop loop(clock);
  auto log = audit::Log::open(loop, file, "a key of thirty-two bytes, or so");
  if (!log) std::exit(1);
  audit::Entry e;
  e.caller = "ann@example.com/0123456789abcdef";
  e.client = "agent 1.0";
  e.tool = "k0rdent.mgmt.objects.patch";
  e.verb = "patch";
  e.group = "apps";
  e.version = "v1";
  e.resource = "deployments";
  e.ns = "team-a";
  e.name = "web";
  e.cluster = "mgmt";
  e.rule = "rule 17 (team-a), line 122";
  e.diff_digest = std::string(64, 'a');
  e.request_id = "0011223344556677";
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < n; ++i)
    if (!(*log)->write(e)) std::exit(1);
  const double took = seconds_since(start);
  ::unlink(file);
  return n / took;
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 1000, lines = argc > 2 ? std::atoi(argv[2]) : 50000;
  std::printf("decide %.0f\nworst %.0f\naudit %.0f\n", decide(n, false), decide(n, true),
              audit_lines(lines));
  return 0;
}
