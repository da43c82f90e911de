#include "kube/write_evidence.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_members.h"
#include "kube/write_request.h"

namespace kube {
namespace {

using base::json::Document;
using base::json::Member;
using base::json::Members;
using base::json::Type;
using base::json::Value;
using Result = WriteOutcome::Result;
using Verdict = Finding::Verdict;
using What = WriteSpec::Verb;

Finding found(Verdict verdict, WriteEvidence evidence, std::string why, bool may_come = true) {
  Finding out;
  out.verdict = verdict;
  out.evidence = evidence;
  out.why = std::move(why);
  out.may_come = may_come;
  return out;
}

Finding made(WriteEvidence evidence, Result result) {
  Finding out = found(Verdict::made, evidence, "", false);
  out.result = result;
  return out;
}

// The entry of the write's manager in `object`'s managedFields; absent when there is none.
Value entry_of(Value object, const WriteSpec& spec) {
  const std::string_view operation = spec.verb == What::apply ? "Apply" : "Update";
  for (const Value one : object["metadata"]["managedFields"].array()) {
    if (one["manager"].str() == spec.field_manager && one["operation"].str() == operation &&
        one["subresource"].str() == spec.subresource) {
      return one;
    }
  }
  return {};
}

bool has_owners(Value object) {
  return object["metadata"]["managedFields"].size() > 0;
}

// Members that the API server gives to no manager.
bool owned_by_none(std::string_view key, int depth) {
  static constexpr std::string_view kTop[] = {"apiVersion", "kind"};
  static constexpr std::string_view kMetadata[] = {
      "name",       "namespace",         "uid",          "resourceVersion",
      "generation", "creationTimestamp", "managedFields"};
  const auto in = [key](const auto& list) {
    return std::find(std::begin(list), std::end(list), key) != std::end(list);
  };
  return depth == 0 ? in(kTop) : depth == 1 && in(kMetadata);
}

bool owns_nothing(Value metadata) {
  for (const Member member : metadata.object())
    if (!owned_by_none(member.key, 1)) return false;
  return true;
}

bool equal(Value a, Value b) {
  return a.is(Type::string) && b.is(Type::string) ? a.str() == b.str() : a.to_json() == b.to_json();
}

// A fieldsV1 name like `k:{"name":"x"}` or `v:"x"`, parsed once for all elements that it may mean.
class ElementName {
 public:
  explicit ElementName(std::string_view name) : is_value_(name.starts_with("v:")) {
    if (const auto key = doc_.parse(name.substr(2))) key_ = *key;
  }
  // A key that the intent leaves to its default fits any, unless `all` are to be there.
  bool means(Value element, bool all) const {
    if (!key_ || is_value_) return key_ && equal(element, key_);
    for (const Member member : key_.object()) {
      const Value is = element[member.key];
      if (is.present() ? !equal(is, member.value) : all) return false;
    }
    return true;
  }
  Value find_in(Value list) const {
    for (const bool all : {true, false})
      for (const Value one : list.array())
        if (means(one, all)) return one;
    return {};
  }

 private:
  Document doc_;
  Value key_;
  const bool is_value_;
};

bool names_element(std::string_view name) {
  return name.starts_with("k:") || name.starts_with("v:");
}

// Whether `fields` (of fieldsV1) name nothing that `intent` leaves out.
bool names_only(Value fields, Value intent) {
  const Members members(intent);
  for (const Member member : fields.object()) {
    if (member.key == ".") continue;
    const Value in = names_element(member.key) ? ElementName(member.key).find_in(intent)
                                               : members[member.key.substr(2)];
    if (!in.present() || !names_only(member.value, in)) return false;
  }
  return true;
}

bool elements(Value fields, std::string_view kind) {
  for (const Member member : fields.object())
    if (member.key.starts_with(kind)) return true;
  return false;
}

struct Compared {
  bool owns = true;    // each field of the intent is in the entry
  bool equals = true;  // and has the intent's value
};

void compare(Value fields, Value intent, Value live, int depth, Compared& to);

void compare_elements(Value fields, Value intent, Value live, int depth, Compared& to) {
  std::vector<Value> unnamed;  // elements of the intent that no name has meant yet
  for (const Value one : intent.array())
    unnamed.push_back(one);
  for (const Member member : fields.object()) {
    if (!names_element(member.key)) continue;
    const ElementName name(member.key);
    auto one = unnamed.end();
    for (const bool all : {true, false})
      if (one == unnamed.end())
        one = std::find_if(unnamed.begin(), unnamed.end(),
                           [&](Value element) { return name.means(element, all); });
    if (one == unnamed.end()) continue;
    const Value is = name.find_in(live);
    if (!is.present()) to.equals = false;
    if (member.key.starts_with("k:")) compare(member.value, *one, is, depth + 2, to);
    unnamed.erase(one);
  }
  if (!unnamed.empty()) to.owns = false;
}

// The intent's fields against the entry's names and the object's values.
void compare(Value fields, Value intent, Value live, int depth, Compared& to) {
  if (elements(fields, "k:") || elements(fields, "v:")) {
    return compare_elements(fields, intent, live, depth, to);
  }
  if (!elements(fields, "f:")) {  // owned whole
    if (!contains(live, intent)) to.equals = false;
    return;
  }
  const Members owned(fields), theirs(live);
  for (const Member member : intent.object()) {
    if (owned_by_none(member.key, depth) || member.value.is(Type::null)) continue;
    if (depth == 0 && member.key == "status") continue;
    if (depth == 0 && member.key == "metadata" && owns_nothing(member.value)) continue;
    const Value names = owned["f:" + std::string(member.key)];
    if (!names.present()) {
      to.owns = false;
      continue;
    }
    compare(names, member.value, theirs[member.key], depth + 1, to);
  }
}

bool changes_more_than_metadata(Value intent) {
  for (const Member member : intent.object()) {
    if (member.key != "apiVersion" && member.key != "kind" && member.key != "metadata" &&
        member.key != "status") {
      return true;
    }
  }
  return false;
}

// A merge patch that only removes leaves no entry of its manager.
bool sets_something(Value patch) {
  if (!patch.is(Type::object)) return !patch.is(Type::null);
  for (const Member member : patch.object())
    if (sets_something(member.value)) return true;
  return false;
}

class Judge {
 public:
  Judge(const WriteSpec& spec, Value live) : spec_(spec), live_(live) {
    if (auto parsed = before_doc_.parse(spec.before)) before_ = *parsed;
    if (auto parsed = intent_doc_.parse(spec.body)) intent_ = *parsed;
    uid_ = spec.uid.empty() ? before_["metadata"]["uid"].str() : std::string_view(spec.uid);
    version_ = spec.resource_version.empty() ? before_["metadata"]["resourceVersion"].str()
                                             : std::string_view(spec.resource_version);
  }

  Finding remove() const;
  Finding create() const;
  Finding change() const;  // apply, merge_patch

 private:
  bool other_uid() const { return !uid_.empty() && live_["metadata"]["uid"].str() != uid_; }
  bool same_version() const {
    return !version_.empty() && live_["metadata"]["resourceVersion"].str() == version_;
  }
  bool refused_by_version() const {
    return !spec_.resource_version.empty() &&
           live_["metadata"]["resourceVersion"].str() != spec_.resource_version;
  }
  bool entry_unchanged() const;
  bool generation_unchanged() const;
  std::optional<Finding> as_applied() const;
  Finding not_shown() const;

  const WriteSpec& spec_;
  Value live_, before_, intent_;
  std::string_view uid_, version_;
  Document before_doc_, intent_doc_;
};

Finding Judge::remove() const {
  if (!live_.present()) return made(WriteEvidence::deletion, Result::already_gone);
  if (other_uid()) {
    Finding out = made(WriteEvidence::deletion, Result::already_gone);
    out.same_object = false;
    return out;
  }
  if (live_["metadata"]["deletionTimestamp"].present()) {
    return made(WriteEvidence::deletion, Result::accepted);
  }
  if (refused_by_version()) {
    return found(Verdict::not_made, WriteEvidence::superseded,
                 "the object exists and is not being deleted, and another write has changed it",
                 false);
  }
  if (uid_.empty()) {
    return found(Verdict::unclear, WriteEvidence::none,
                 "the object exists now, but it may be another one of that name");
  }
  return found(Verdict::not_made, WriteEvidence::deletion,
               "the object exists and is not being deleted");
}

Finding Judge::create() const {
  if (!live_.present()) {
    return found(Verdict::not_made, WriteEvidence::absent, "the object does not exist");
  }
  const bool owned = entry_of(live_, spec_).present();
  if (has_owners(live_) && !spec_.field_manager.empty() && !owned) {
    return found(Verdict::not_made, WriteEvidence::owner,
                 "an object of that name exists, but another field manager created it", false);
  }
  if (shows(live_, intent_)) {
    return made(owned ? WriteEvidence::owner : WriteEvidence::content, Result::created);
  }
  return found(Verdict::unclear, WriteEvidence::none,
               "an object of that name exists, but is not what was to be created", false);
}

bool Judge::entry_unchanged() const {
  if (!before_.present() || !has_owners(live_) || spec_.field_manager.empty()) return false;
  if (spec_.verb == What::merge_patch && !sets_something(intent_)) return false;
  return entry_of(live_, spec_).to_json() == entry_of(before_, spec_).to_json();
}

bool Judge::generation_unchanged() const {
  const std::int64_t was = before_["metadata"]["generation"].int_or(0);
  return was > 0 && live_["metadata"]["generation"].int_or(0) == was &&
         changes_more_than_metadata(intent_);
}

// An apply whose manager's entry is in the object; nullopt: the entry does not decide.
std::optional<Finding> Judge::as_applied() const {
  const Value entry = entry_of(live_, spec_);
  if (!entry.present()) {
    return found(Verdict::not_made, WriteEvidence::owner,
                 "the field manager owns no field of the object", !refused_by_version());
  }
  const Value fields = entry["fieldsV1"];
  Compared is;
  compare(fields, intent_, live_, 0, is);
  if (!is.owns || !is.equals || !names_only(fields, intent_)) return std::nullopt;
  return made(WriteEvidence::owner, Result::changed);
}

Finding Judge::change() const {
  if (!live_.present()) {
    const bool refused = !spec_.uid.empty() || spec_.verb == What::merge_patch;
    return found(Verdict::not_made, WriteEvidence::absent, "the object does not exist", !refused);
  }
  if (other_uid() && !spec_.uid.empty()) {
    Finding out = found(Verdict::not_made, WriteEvidence::superseded,
                        "another object has the name now", false);
    out.same_object = false;
    return out;
  }
  if (spec_.verb == What::apply && has_owners(live_)) {
    if (auto decided = as_applied()) return *std::move(decided);
    return not_shown();
  }
  if (!shows(live_, intent_)) return not_shown();
  const bool ours =
      sets_something(intent_) && entry_of(live_, spec_).present() && !entry_unchanged();
  return made(ours ? WriteEvidence::owner : WriteEvidence::content, Result::changed);
}

Finding Judge::not_shown() const {
  if (other_uid()) {
    return found(Verdict::unclear, WriteEvidence::none, "another object has the name now");
  }
  if (same_version()) {
    return found(Verdict::not_made, WriteEvidence::version,
                 "the object's resourceVersion is that from before");
  }
  const bool may_come = !refused_by_version();
  if (entry_unchanged()) {
    return may_come ? found(Verdict::not_made, WriteEvidence::owner,
                            "the field manager's entry in managedFields is that from before")
                    : found(Verdict::not_made, WriteEvidence::superseded,
                            "another write has changed the object before", false);
  }
  if (generation_unchanged()) {
    return found(Verdict::not_made, WriteEvidence::generation,
                 "the object's generation is that from before", may_come);
  }
  return found(Verdict::unclear, WriteEvidence::none,
               "the object exists, but is not as it was written", may_come);
}

}  // namespace

Finding judge_write(const WriteSpec& spec, Value live) {
  const Judge judge(spec, live);
  if (spec.verb == What::remove) return judge.remove();
  if (spec.verb == What::create) return judge.create();
  return judge.change();
}

}  // namespace kube
