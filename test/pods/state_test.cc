// The status words of pods: what kube-apiserver prints for the same object. The end-to-end tests
// hold them against a real one.
#include "pods/state.h"

#include <gtest/gtest.h>

namespace {

using base::json::Document;

struct Case {
  const char* name;
  std::string pod;
  std::string status;
  std::string ready;
  std::int64_t restarts = 0;
};

std::string pod(const std::string& status,
                const std::string& spec = R"("containers":[{"name":"a"},{"name":"b"}])",
                const std::string& metadata = {}) {
  return R"({"metadata":{)" + metadata + R"(},"spec":{)" + spec + R"(},"status":{)" + status + "}}";
}
const std::string kInit =
    R"("initContainers":[{"name":"i"},{"name":"j"}],"containers":[{"name":"a"}])";
const std::string kSidecar =
    R"("initContainers":[{"name":"s","restartPolicy":"Always"}],"containers":[{"name":"a"}])";
const std::string kDeleted = R"("deletionTimestamp":"2026-01-01T00:00:00Z")";

TEST(PodState, IsWhatKubectlPrints) {
  const Case cases[] = {
      {"pending", pod(R"("phase":"Pending")"), "Pending", "0/2"},
      {"evicted", pod(R"("phase":"Failed","reason":"Evicted")"), "Evicted", "0/2"},
      {"gated",
       pod(R"("phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}])"),
       "SchedulingGated", "0/2"},
      {"one of two runs",
       pod(R"("phase":"Running","containerStatuses":[{"name":"a","ready":true,"restartCount":1,"state":{"running":{}}},)"
           R"({"name":"b","ready":false,"restartCount":2,"state":{"running":{}}}])"),
       "Running", "1/2", 3},
      {"the first reason counts",
       pod(R"("phase":"Running","containerStatuses":[{"name":"a","state":{"waiting":{"reason":"CrashLoopBackOff"}}},)"
           R"({"name":"b","state":{"terminated":{"exitCode":1,"reason":"Error"}}}])"),
       "CrashLoopBackOff", "0/2"},
      {"an exit code",
       pod(R"("phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3}}}])"),
       "ExitCode:3", "0/2"},
      {"a signal",
       pod(R"("phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":137,"signal":9}}}])"),
       "Signal:9", "0/2"},
      {"some completed, one runs, ready",
       pod(R"("phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[)"
           R"({"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},)"
           R"({"name":"b","ready":true,"state":{"running":{}}}])"),
       "Running", "1/2"},
      {"some completed, one runs, not ready",
       pod(R"("phase":"Running","containerStatuses":[)"
           R"({"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},)"
           R"({"name":"b","ready":true,"state":{"running":{}}}])"),
       "NotReady", "1/2"},
      {"the second init container runs",
       pod(R"("phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,"state":{"terminated":{"exitCode":0}}},)"
           R"({"name":"j","restartCount":1,"state":{"running":{}}}])",
           kInit),
       "Init:1/2", "0/1", 3},
      {"an init container fails",
       pod(R"("phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":2}}}])",
           kInit),
       "Init:ExitCode:2", "0/1"},
      {"an init container waits",
       pod(R"("phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"ImagePullBackOff"}}}])",
           kInit),
       "Init:ImagePullBackOff", "0/1"},
      {"initializing is no reason",
       pod(R"("phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"PodInitializing"}}}])",
           kInit),
       "Init:0/2", "0/1"},
      {"after initialization its restarts don't count",
       pod(R"("phase":"Running","initContainerStatuses":[{"name":"i","restartCount":7,"state":{"terminated":{"exitCode":0}}},)"
           R"({"name":"j","state":{"terminated":{"exitCode":0}}}],"containerStatuses":[{"name":"a","ready":true,)"
           R"("restartCount":1,"state":{"running":{}}}])",
           kInit),
       "Running", "1/1", 1},
      {"a sidecar counts among the containers",
       pod(R"("phase":"Running","initContainerStatuses":[{"name":"s","started":true,"ready":true,"restartCount":4,)"
           R"("state":{"running":{}}}],"containerStatuses":[{"name":"a","ready":true,"restartCount":1,"state":{"running":{}}}])",
           kSidecar),
       "Running", "2/2", 5},
      {"deleted", pod(R"("phase":"Running")", R"("containers":[{"name":"a"}])", kDeleted),
       "Terminating", "0/1"},
      {"deleted when done",
       pod(R"("phase":"Succeeded")", R"("containers":[{"name":"a"}])", kDeleted), "Succeeded",
       "0/1"},
      {"its node is lost",
       pod(R"("phase":"Running","reason":"NodeLost")", R"("containers":[{"name":"a"}])", kDeleted),
       "Unknown", "0/1"},
  };
  for (const Case& each : cases) {
    Document doc;
    const auto parsed = doc.parse(each.pod);
    ASSERT_TRUE(parsed.has_value()) << each.name;
    const pods::State state = pods::state_of(*parsed);
    EXPECT_EQ(state.status, each.status) << each.name;
    EXPECT_EQ(std::to_string(state.ready) + "/" + std::to_string(state.containers), each.ready)
        << each.name;
    EXPECT_EQ(state.restarts, each.restarts) << each.name;
  }
}

TEST(PodState, TheLastRestartIsTheLatestEndOfAnInstance) {
  Document doc;
  const pods::State state = pods::state_of(*doc.parse(pod(
      R"("phase":"Running","containerStatuses":[)"
      R"({"name":"a","restartCount":1,"lastState":{"terminated":{"finishedAt":"2026-01-01T00:00:10Z"}}},)"
      R"({"name":"b","restartCount":1,"lastState":{"terminated":{"finishedAt":"2026-01-01T00:00:05Z"}}}])")));
  ASSERT_TRUE(state.last_restart.has_value());
  EXPECT_EQ(base::format_rfc3339(*state.last_restart, 0), "2026-01-01T00:00:10Z");
}

}  // namespace
