#include "cluster/chosen.h"

#include <utility>

namespace cluster {

using base::json::Value;

void Chosen::on_object(Value object) {
  std::string json;
  take(object, json);
  if (json.empty()) return;
  const bool has_room = !full() && kept_ < limits_.objects;
  ++count_;
  if (!has_room) return;
  clean(cluster_, json);
  if (text_.size() + json.size() > limits_.bytes) return;
  if (kept_++ > 0) text_ += ',';
  text_ += json;
}

void Chosen::on_restart() {
  text_.clear();
  count_ = kept_ = 0;
  parsed_ = false;
}

Value Chosen::objects() {
  if (!std::exchange(parsed_, true)) {
    (void)doc_.parse("[" + text_ + "]");
    std::string().swap(text_);
  }
  return doc_.root();
}

}  // namespace cluster
