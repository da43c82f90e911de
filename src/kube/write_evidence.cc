#include "kube/write_evidence.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

bool names_element(std::string_view name) {
  return name.starts_with("k:") || name.starts_with("v:");
}

// The elements of a list by the names of fieldsV1: `k:{"name":"x"}`, `v:"x"`. A key that an element
// leaves to its default fits any, unless an element has all of them.
//
// The names of one list have the same keys. For these, elements are sorted by which of the keys they
// have, and these by the values, so that a name is looked up in as many maps as there are such sets
// (one or two), not compared with each element.
class Elements {
 public:
  explicit Elements(Value list) {
    for (const Value one : list.array())
      all_.push_back(one);
    taken_.resize(all_.size());
  }
  // Absent: none that was not taken.
  Value find(std::string_view name, bool take = false) {
    Document doc;
    const auto key = doc.parse(name.substr(2));
    if (!key) return {};
    std::size_t first = all_.size();
    if (name.starts_with("v:")) {
      look(values(), key->to_json(), first);
    } else {
      const Keys keys = keys_of(*key);
      Sets& sets = sets_of(keys);
      const Set all = (Set{1} << keys.size()) - 1;
      if (const auto whole = sets.find(all); whole != sets.end())
        look(whole->second, text_of(*key, keys, all), first);
      if (first == all_.size())
        for (auto& [set, by_value] : sets)
          look(by_value, text_of(*key, keys, set), first);
    }
    if (first == all_.size()) return {};
    taken_[first] = take;
    return all_[first];
  }
  bool all_taken() const { return std::find(taken_.begin(), taken_.end(), false) == taken_.end(); }

 private:
  using Keys = std::vector<std::string>;
  using Set = std::uint64_t;  // a bit for each key
  using ByValue = std::unordered_map<std::string, std::vector<std::size_t>>;
  using Sets = std::map<Set, ByValue>;
  static constexpr std::size_t kKeys = 32;  // a list has three at most

  static Keys keys_of(Value key) {
    Keys out;
    for (const Member member : key.object())
      if (out.size() < kKeys) out.emplace_back(member.key);
    return out;
  }
  static std::string text_of(Value of, const Keys& keys, Set set) {
    std::string out;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if ((set >> i & 1) != 0) out.append(of[keys[i]].to_json()).append(",");
    return out;
  }
  Sets& sets_of(const Keys& keys) {
    const auto [at, is_new] = by_keys_.try_emplace(keys);
    for (std::size_t i = 0; is_new && i < all_.size(); ++i) {
      Set set = 0;
      for (std::size_t k = 0; k < keys.size(); ++k)
        if (all_[i][keys[k]].present()) set |= Set{1} << k;
      at->second[set][text_of(all_[i], keys, set)].push_back(i);
    }
    return at->second;
  }
  ByValue& values() {
    for (std::size_t i = values_.empty() ? 0 : all_.size(); i < all_.size(); ++i)
      values_[all_[i].to_json()].push_back(i);
    return values_;
  }
  // Makes `first` the first one of that text that was not taken, if it is before it.
  void look(const ByValue& in, const std::string& text, std::size_t& first) const {
    const auto found = in.find(text);
    if (found == in.end()) return;
    for (const std::size_t i : found->second)
      if (!taken_[i]) return (void)(first = std::min(first, i));
  }

  std::vector<Value> all_;
  std::vector<bool> taken_;
  std::map<Keys, Sets> by_keys_;
  ByValue values_;
};

// Whether `fields` (of fieldsV1) name nothing that `intent` leaves out.
bool names_only(Value fields, Value intent) {
  const Members members(intent);
  Elements list(intent);
  for (const Member member : fields.object()) {
    if (member.key == ".") continue;
    const Value in =
        names_element(member.key) ? list.find(member.key) : members[member.key.substr(2)];
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
  Elements wished(intent), there(live);
  for (const Member member : fields.object()) {
    if (!names_element(member.key)) continue;
    const Value one = wished.find(member.key, true);
    if (!one.present()) continue;
    const Value is = there.find(member.key);
    if (!is.present()) to.equals = false;
    if (member.key.starts_with("k:")) compare(member.value, one, is, depth + 2, to);
  }
  if (!wished.all_taken()) to.owns = false;
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
