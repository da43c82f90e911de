#include "kube/lease_record.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace kube {

using base::json::Member;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kOurs[] = {"holderIdentity", "leaseDurationSeconds", "acquireTime",
                                      "renewTime", "leaseTransitions"};

}  // namespace

LeaseRecord LeaseRecord::of(Value lease) {
  LeaseRecord out;
  const Value spec = lease["spec"];
  out.holder = spec["holderIdentity"].str();
  out.duration = base::seconds(spec["leaseDurationSeconds"].int_or(0));
  out.acquired = spec["acquireTime"].str();
  out.transitions = spec["leaseTransitions"].int_or(0);
  out.metadata = lease["metadata"].to_json();
  out.raw = spec.to_json();
  for (const Member member : spec.object()) {
    if (std::find(std::begin(kOurs), std::end(kOurs), member.key) != std::end(kOurs)) continue;
    out.others += ",";
    base::json::append_string(out.others, member.key);
    out.others.append(":").append(member.value.to_json());
  }
  return out;
}

std::string LeaseRecord::written(const std::string& ns, const std::string& name,
                                 const std::string& who, base::Duration lease,
                                 base::WallTime now) const {
  const std::string time = base::format_rfc3339(now, 6);
  const bool mine = !who.empty() && who == holder && !acquired.empty();
  std::string out;
  Writer w(out);
  w.begin_object().field("apiVersion", "coordination.k8s.io/v1").field("kind", "Lease");
  w.key("metadata");
  if (metadata.empty()) {
    w.begin_object().field("name", name).field("namespace", ns).end_object();
  } else {
    w.raw(metadata);
  }
  w.key("spec").begin_object().field("holderIdentity", who);
  const std::int64_t seconds = base::to_ms(lease + base::milliseconds(999)) / 1000;
  w.field("leaseDurationSeconds", who.empty() ? 1 : seconds);
  w.field("acquireTime", mine ? acquired : time).field("renewTime", time);
  const bool taken = !who.empty() && !mine && !metadata.empty();
  w.field("leaseTransitions", transitions + (taken ? 1 : 0));
  return out.append(others).append("}}");
}

}  // namespace kube
