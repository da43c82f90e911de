#include "kube/watch/frame_check.h"

#include <utility>

#include "base/text.h"

namespace kube::watch {

using base::json::Type;
using base::json::Value;

FrameCheck::FrameCheck(std::string kind, std::string ns, std::string_view field_selector)
    : kind_(std::move(kind)), ns_(std::move(ns)) {
  constexpr std::string_view kName = "metadata.name=";
  for (std::string_view each : base::split(field_selector, ',')) {
    if (!each.starts_with(kName)) continue;
    each.remove_prefix(kName.size());
    if (each.starts_with('=')) each.remove_prefix(1);
    name_ = each;
  }
}

FrameIs FrameCheck::judge(const Frame& frame) const {
  const std::string_view kind = frame.object["kind"].str();
  const Value metadata = frame.object["metadata"];
  const std::string_view name = metadata["name"].str();
  if (frame.type == FrameType::error) return FrameIs::error;
  if (kind == "Status" && kind_ != kind && name.empty()) return FrameIs::error;
  if (!kind_.empty() && !kind.empty() && kind != kind_) return FrameIs::foreign;
  if (frame.type == FrameType::bookmark) return FrameIs::event;
  if (name.empty()) return FrameIs::unnamed;
  return is_elsewhere(frame.object) ? FrameIs::elsewhere : FrameIs::event;
}

bool FrameCheck::is_elsewhere(Value object) const {
  const Value metadata = object["metadata"];
  if (!name_.empty() && metadata["name"].str() != name_) return true;
  return !ns_.empty() && metadata["namespace"].is(Type::string) &&
         metadata["namespace"].str() != ns_;
}

}  // namespace kube::watch
