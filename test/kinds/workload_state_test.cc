// The state words of workloads and control planes, by the rules of `kubectl rollout status`.
#include <string>

#include <gtest/gtest.h>

#include "kinds/table.h"

namespace {

// Of an object with this spec and status, generation 2.
std::string is(const char* kind, const std::string& spec, const std::string& status,
               const std::string& metadata = {}) {
  base::json::Document doc;
  const auto object = doc.parse(R"({"metadata":{"generation":2)" + metadata + R"(},"spec":{)" +
                                spec + R"(},"status":{)" + status + "}}");
  EXPECT_TRUE(object.has_value()) << spec << status;
  return object ? kinds::state_of(kinds::get(kind), *object) : "no JSON";
}
std::string seen(const std::string& status) {
  return R"("observedGeneration":2,)" + status;
}

TEST(WorkloadState, OfADeployment) {
  const char* three = R"("replicas":3)";
  const std::string all = R"("replicas":3,"updatedReplicas":3,"availableReplicas":)";
  EXPECT_EQ(is("Deployment", three, ""), "pending");
  EXPECT_EQ(is("Deployment", three, R"("observedGeneration":1,)" + all + "3"), "pending");
  EXPECT_EQ(is("Deployment", three, seen(all + "3")), "ready");
  EXPECT_EQ(is("Deployment", three, seen(all + "2")), "progressing");
  EXPECT_EQ(
      is("Deployment", three, seen(R"("replicas":4,"updatedReplicas":3,"availableReplicas":4)")),
      "progressing")
      << "an old one still runs";
  EXPECT_EQ(is("Deployment", three,
               seen(all + R"(2,"conditions":[{"type":"Progressing","status":"False",)"
                          R"("reason":"ProgressDeadlineExceeded"}])")),
            "failed");
  EXPECT_EQ(is("Deployment", R"("replicas":0)", R"("observedGeneration":2)"), "ready")
      << "counts of zero are left out";
}

TEST(WorkloadState, OfADaemonSet) {
  const std::string two = R"("desiredNumberScheduled":2,"updatedNumberScheduled":2,)";
  EXPECT_EQ(is("DaemonSet", "", seen(two + R"("numberAvailable":2)")), "ready");
  EXPECT_EQ(is("DaemonSet", "", seen(two + R"("numberAvailable":1)")), "progressing");
  const std::string old =
      seen(R"("desiredNumberScheduled":2,"updatedNumberScheduled":1,"numberAvailable":2)");
  EXPECT_EQ(is("DaemonSet", "", old), "progressing");
  EXPECT_EQ(is("DaemonSet", R"("updateStrategy":{"type":"OnDelete"})", old), "ready");
}

TEST(WorkloadState, OfAStatefulSet) {
  const std::string same = R"("updateRevision":"a","currentRevision":"a","readyReplicas":)";
  const std::string other = R"("updateRevision":"b","currentRevision":"a","readyReplicas":2)";
  EXPECT_EQ(is("StatefulSet", R"("replicas":2)", seen(same + "2")), "ready");
  EXPECT_EQ(is("StatefulSet", R"("replicas":2)", seen(same + "1")), "progressing");
  EXPECT_EQ(is("StatefulSet", R"("replicas":2)", seen(other)), "progressing");
  EXPECT_EQ(is("StatefulSet", R"("replicas":2,"updateStrategy":{"rollingUpdate":{"partition":1}})",
               seen(other)),
            "ready");
}

TEST(WorkloadState, OfAJob) {
  const auto with = [](const char* type) {
    return std::string(R"("conditions":[{"type":")") + type + R"(","status":"True"}])";
  };
  EXPECT_EQ(is("Job", "", ""), "pending");
  EXPECT_EQ(is("Job", "", R"("active":1)"), "progressing");
  EXPECT_EQ(is("Job", "", with("Complete")), "complete");
  EXPECT_EQ(is("Job", "", with("Failed")), "failed");
  EXPECT_EQ(is("Job", "", with("Suspended")), "suspended");
}

TEST(WorkloadState, OfAControlPlane) {
  EXPECT_EQ(is("K0sControlPlane", "", ""), "pending");
  EXPECT_EQ(is("K0sControlPlane", "", R"("observedGeneration":1,"ready":true)"), "pending");
  EXPECT_EQ(is("K0sControlPlane", "", R"("ready":true)"), "ready");
  EXPECT_EQ(is("K0smotronControlPlane", "",
               R"("ready":true,"conditions":[{"type":"Available","status":"False"}])"),
            "progressing");
}

TEST(WorkloadState, OfAPodIsKubectlsStatus) {
  EXPECT_EQ(is("Pod", "",
               R"("phase":"Running","containerStatuses":[{"state":{"waiting":{)"
               R"("reason":"CrashLoopBackOff"}}}])"),
            "CrashLoopBackOff");
  const char* deleted = R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")";
  EXPECT_EQ(is("Pod", "", R"("phase":"Running")", deleted), "Terminating");
  EXPECT_EQ(is("Deployment", "", "", deleted), "deleting");
}

}  // namespace
