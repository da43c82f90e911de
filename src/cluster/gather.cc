#include "cluster/gather.h"

#include <utility>

#include "base/text.h"
#include "cluster/refusal.h"
#include "cluster/without_copies.h"

namespace cluster {

using base::json::Value;

// From so many on, what is forbidden is told at once: a caller of few rights has a dozen.
constexpr std::size_t kFolded = 3;

// ---- a part

Part::Part(Gather& gather, std::string what, Need need)
    : gather_(gather), what_(std::move(what)), need_(need) {}

Part::~Part() = default;

void Part::start(const mcp::Caller& caller, GetQuery query) {
  verb_ = "get";
  ns_ = query.ns;
  name_ = query.name;
  collection_ = query.what;
  active_ = true;
  raw_ = query.form == Form::for_writing;
  get_.emplace(gather_.cluster(), Get::Fn::bind<&Part::on_get>(this), kPartObjectBytes);
  if (auto ok = get_->start(caller, std::move(query)); !ok) {
    const kube::Failure failure = kube::Failure::from_error(ok.error());
    finish(&failure);
  }
}

void Part::start(const mcp::Caller& caller, ListQuery query, Reader* reader, PartLimits limits) {
  verb_ = "list";
  ns_ = query.ns;
  collection_ = query.what;
  limits_ = limits;
  reader_ = reader;
  active_ = true;
  list_.emplace(gather_.cluster(), static_cast<ListHandler&>(*this));
  if (auto ok = list_->start(caller, std::move(query)); !ok) {
    const kube::Failure failure = kube::Failure::from_error(ok.error());
    finish(&failure);
  }
}

void Part::give_up() {
  if (!active_) return;
  if (get_) get_->cancel();
  if (list_) list_->cancel();
  const kube::Failure failure = kube::Failure::from_error(
      base::Error(base::Errc::timeout,
                  "no answer within " + base::format_duration(kPartTime) + "; it was given up"));
  finish(&failure);
}

// What is masked lacks the copies already (redact/object.h).
void Part::on_get(const kube::Failure* failure, Value object) {
  if (!failure && (raw_ || gather_.cluster().redactor)) {
    doc_ = get_->take();
  } else if (!failure) {
    (void)doc_.parse(without_copies(object));
  }
  finish(failure);
}

void Part::on_object(Value object) {
  reader_ ? reader_->on_object(object) : keep(object);
}

void Part::on_restart() {
  if (reader_) reader_->on_restart();
  text_.clear();
  kept_ = left_ = unreadable_ = 0;
}

void Part::on_unreadable(const std::string& which) {
  if (unreadable_++ == 0) unreadable_first_ = which;
}

void Part::keep(Value object) {
  if (left_ > 0 || kept_ >= limits_.objects) return (void)++left_;
  std::string json = without_copies(object);
  clean(gather_.cluster(), json);
  if (kept_ > 0 && text_.size() + json.size() > limits_.bytes) return (void)++left_;
  if (kept_++ > 0) text_ += ',';
  text_ += json;
}

// The rest of a list of which enough is kept is not read.
void Part::on_page(std::string_view, std::optional<std::int64_t> remaining) {
  if (left_ == 0 || reader_) return;
  more_ = !remaining;
  left_ += static_cast<std::size_t>(remaining.value_or(0));
  list_->cancel();
  finish(nullptr);
}

void Part::on_done(const kube::Failure* failure) {
  finish(failure);
}

void Part::finish(const kube::Failure* failure) {
  active_ = false;
  if (list_) hidden_ = list_->hidden();
  if (failure) {
    failure_ = *failure;
  } else if (list_ && !reader_) {
    (void)doc_.parse("[" + text_ + "]");
  }
  std::string().swap(text_);
  gather_.ended();
}

Value Part::object() const {
  return verb_ == "get" ? doc_.root() : Value();
}

Value Part::objects() const {
  return verb_ == "list" ? doc_.root() : Value();
}

bool Part::known() const {
  return (!failure_ || absent()) && left_ == 0 && unreadable_ == 0;
}

std::string Part::failure_text() const {
  return cluster::failure_text({verb_, collection_, ns_, name_}, *failure_);
}

std::vector<std::string> Part::notes() const {
  std::vector<std::string> out;
  if (need_ == Need::silent) return out;
  if (failure_) {
    // Not served: Errc::not_found without an answer for the object.
    if (need_ == Need::noted || failure_->code != base::Errc::not_found)
      out.push_back(what_ + ": " + failure_text());
    return out;
  }
  if (left_ > 0) {
    out.push_back(what_ + ": " + (more_ ? "at least " : "") + std::to_string(left_) +
                  " more were not read");
  }
  if (unreadable_ > 0) {
    out.push_back(what_ + ": " + std::to_string(unreadable_) + " could not be read (" +
                  unreadable_first_ + (unreadable_ > 1 ? ", and more)" : ")"));
  }
  if (hidden_ > 0)
    out.push_back(what_ + ": those in namespaces that the server's filter hides are left out");
  return out;
}

// ---- all parts

Gather::Gather(Cluster& cluster, mcp::Caller caller, Fn fn)
    : cluster_(cluster),
      caller_(std::move(caller)),
      fn_(fn),
      done_(cluster.loop, "gathered", loop::Deferred::Fn::bind<&Gather::on_done>(this)),
      time_(cluster.loop, "gather time", loop::Timer::Fn::bind<&Gather::on_time>(this)) {}

Part& Gather::add(std::string what, Part::Need need) {
  if (active_++ == 0) time_.arm(kPartTime);
  parts_.push_back(std::unique_ptr<Part>(new Part(*this, std::move(what), need)));
  return *parts_.back();
}

Part& Gather::get(std::string what, GetQuery query, Part::Need need) {
  Part& part = add(std::move(what), need);
  part.start(caller_, std::move(query));
  return part;
}

Part& Gather::list(std::string what, ListQuery query, Part::Need need, Part::Reader* reader,
                   PartLimits limits) {
  Part& part = add(std::move(what), need);
  part.start(caller_, std::move(query), reader, limits);
  return part;
}

std::vector<std::string> Gather::notes() const {
  std::vector<std::string> out;
  std::vector<Asked> refused;
  std::vector<std::string> names;
  std::string first;
  const auto is_refused = [](const Part& part) {
    return part.need_ != Part::Need::silent && part.failure_ && cluster::is_refused(*part.failure_);
  };
  for (const auto& part : parts_) {
    if (!is_refused(*part)) continue;
    if (first.empty()) first = part->failure_->message;
    refused.push_back({part->verb_, part->collection_, part->ns_, part->name_});
    names.push_back(part->what_);
  }
  const bool fold = refused.size() >= kFolded;
  if (fold) {
    out.push_back("not read, forbidden: " + base::join(names, ", ") + "; the first: " + first);
    for (std::string& each : rule_texts(refused))
      out.push_back(std::move(each));
  }
  for (const auto& part : parts_) {
    if (fold && is_refused(*part)) continue;
    for (std::string& note : part->notes())
      out.push_back(std::move(note));
  }
  return out;
}

void Gather::ended() {
  if (--active_ > 0) return;
  time_.cancel();
  done_.schedule();
}

// Parts may have been added since the last one ended.
void Gather::on_done() {
  if (active_ == 0) fn_();
}

void Gather::on_time() {
  for (const auto& part : parts_)
    part->give_up();
}

}  // namespace cluster
