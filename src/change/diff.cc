#include "change/diff.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/hash.h"
#include "base/text.h"
#include "change/members.h"

namespace change {

using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

// A field manager's part of the fields below one place. `whole`: it owns all of it.
struct Held {
  std::string_view manager;
  bool applied = false;
  Value fields;
  bool whole = false;
};
using Holders = std::vector<Held>;

constexpr std::string_view kServersOwn[] = {".apiVersion",
                                            ".kind",
                                            ".metadata.name",  // both say which object it is
                                            ".metadata.namespace",
                                            ".status",
                                            ".metadata.managedFields",
                                            ".metadata.resourceVersion",
                                            ".metadata.generation",
                                            ".metadata.uid",
                                            ".metadata.creationTimestamp",
                                            ".metadata.selfLink"};

bool is_servers_own(std::string_view path) {
  return std::find(std::begin(kServersOwn), std::end(kServersOwn), path) != std::end(kServersOwn);
}

// What identifies the elements of a list, the first that all of them have, each its own.
constexpr std::array<std::array<std::string_view, 2>, 5> kKeys = {
    {{"name", "namespace"}, {"type", ""}, {"uid", ""}, {"key", ""}, {"ip", ""}}};

// "name=x,namespace=y"; "": the element has no such key.
std::string key_of(Value element, const std::array<std::string_view, 2>& keys) {
  std::string out;
  for (const std::string_view key : keys) {
    const Value value = element[key];
    if (key.empty() || !value.is(Type::string)) continue;
    out.append(out.empty() ? "" : ",").append(key).append("=").append(value.str());
  }
  return element[keys[0]].is(Type::string) ? out : std::string();
}

using Elements = std::map<std::string, Value>;

// False: some element has no key, or two have the same.
bool by_key(Value list, const std::array<std::string_view, 2>& keys, Elements& out) {
  for (const Value element : list.array()) {
    std::string key = key_of(element, keys);
    if (key.empty() || !out.emplace(std::move(key), element).second) return false;
  }
  return true;
}

// The keys that another list has, too, in this list's order.
std::vector<std::string> order_of(Value list, const std::array<std::string_view, 2>& keys,
                                  const Elements& other) {
  std::vector<std::string> out;
  for (const Value element : list.array())
    if (std::string key = key_of(element, keys); other.count(key)) out.push_back(std::move(key));
  return out;
}

bool loses_elements(Value before, Value after) {
  for (const Value element : before.array()) {
    bool there = false;
    for (const Value other : after.array())
      there = there || other.to_json() == element.to_json();
    if (!there) return true;
  }
  return false;
}

// Where the shown part of two texts begins: at the start if the difference is near it.
std::size_t shown_from(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const std::size_t same = static_cast<std::size_t>(end - a.begin());
  const std::size_t lead = kShownValueBytes / 4;
  if (a.empty() || b.empty() || same < kShownValueBytes / 2) return 0;
  std::size_t from = same - lead;
  while (from < same && (static_cast<unsigned char>(a[from]) & 0xC0) == 0x80)
    ++from;
  return from;
}

std::string shown(std::string_view text, std::size_t from) {
  if (text.empty()) return {};
  return (from > 0 ? "…" : "") + base::printable(text.substr(from), kShownValueBytes);
}

// What is kept until it is sorted: what is removed must be among the first kChanges if there are no
// more than these.
constexpr std::size_t kMostKept = 20 * kChanges;

// The fields of each holder by name.
class Holdings {
 public:
  explicit Holdings(const Holders& holders) : holders_(holders) {
    for (const Held& each : holders)
      fields_.emplace_back(each.fields);
  }
  // What they hold of a member.
  Holders below(std::string_view member) const {
    Holders out;
    const std::string key = "f:" + std::string(member);
    for (std::size_t i = 0; i < holders_.size(); ++i) {
      const Held& each = holders_[i];
      const Value fields = fields_[i][key];
      if (!each.whole && !fields) continue;
      out.push_back({each.manager, each.applied, fields, each.whole || fields.size() == 0});
    }
    return out;
  }

 private:
  const Holders& holders_;
  std::vector<Members> fields_;
};

// A name as part of a path: it may not look like lines of ours, and not fill the answer.
std::string segment(std::string_view name) {
  return base::printable(name, 128);
}

class Comparison {
 public:
  Comparison(Value managed, std::string_view ours) {
    for (const Value entry : managed.array()) {
      const std::string_view manager = entry["manager"].str();
      if (manager == ours || !entry["subresource"].str().empty()) continue;
      top_.push_back({manager, entry["operation"].str() == "Apply", entry["fieldsV1"], false});
    }
  }

  Diff run(const States& states) {
    is_apply_ = states.wish.present();
    walk(states, "", top_);
    std::stable_sort(out_.changes.begin(), out_.changes.end(),
                     [](const Change& a, const Change& b) {
                       const auto goes = [](const Change& each) {
                         return each.kind == Change::Kind::removed || each.defaulted;
                       };
                       const bool first = goes(a), second = goes(b);
                       return first != second ? first : a.path < b.path;
                     });
    if (out_.changes.size() > kChanges) {
      out_.left_out += out_.changes.size() - kChanges;
      out_.changes.resize(kChanges);
    }
    out_.digest = base::sha256_hex(all_);
    return std::move(out_);
  }

 private:
  void walk(const States& states, const std::string& path, const Holders& holders);
  bool walk_list(const States& states, const std::string& path, const Holders& holders);
  void note(const States& states, const std::string& path, const Holders& holders);
  void note_order(const std::string& path, const Holders& holders);
  void keep(Change change, const Holders& holders);
  static Holders below_element(const Holders& holders, Value element);

  Holders top_;
  Diff out_;
  std::string all_;
  bool is_apply_ = false;
};

Holders Comparison::below_element(const Holders& holders, Value element) {
  Holders out;
  base::json::Document doc;
  for (const Held& each : holders) {
    if (each.whole) {
      out.push_back(each);
      continue;
    }
    for (const Member member : each.fields.object()) {
      if (!member.key.starts_with("k:")) continue;
      const auto keys = doc.parse(member.key.substr(2));
      bool same = keys && keys->size() > 0;
      if (keys)
        for (const Member key : keys->object())
          same = same && element[key.key].to_json() == key.value.to_json();
      if (same) out.push_back({each.manager, each.applied, member.value, member.value.size() == 0});
    }
  }
  return out;
}

// Elements with keys are compared one by one; false: the list is one value.
bool Comparison::walk_list(const States& states, const std::string& path, const Holders& holders) {
  for (const auto& keys : kKeys) {
    Elements was, is, wished;
    if (!by_key(states.before, keys, was) || !by_key(states.after, keys, is)) continue;
    // A wish whose elements are named otherwise mentions all of them.
    const bool named = by_key(states.wish, keys, wished);
    const auto wish = [&](const std::string& key, Value element) {
      if (!named) return element;
      const auto at = wished.find(key);
      if (at != wished.end()) return at->second;
      const auto short_at = wished.find(key.substr(0, key.find(',')));  // without its namespace
      return short_at == wished.end() ? Value() : short_at->second;
    };
    for (const auto& [key, element] : was) {
      const auto other = is.find(key);
      const Value now = other == is.end() ? Value() : other->second;
      walk({element, now, wish(key, now)}, path + "[" + segment(key) + "]",
           below_element(holders, element));
    }
    for (const auto& [key, element] : is)
      if (!was.count(key))
        walk({{}, element, wish(key, element)}, path + "[" + segment(key) + "]",
             below_element(holders, element));
    if (order_of(states.before, keys, is) != order_of(states.after, keys, was))
      note_order(path, holders);
    return true;
  }
  return false;
}

void Comparison::walk(const States& states, const std::string& path, const Holders& holders) {
  if (is_servers_own(path)) return;
  const auto& [before, after, wish, patch] = states;
  const bool objects = (before.is(Type::object) || !before) && (after.is(Type::object) || !after);
  if (objects && before.size() + after.size() > 0) {
    const Members was(before), is(after), wished(wish), patched(patch);
    const Holdings holdings(holders);
    const Value all = patch;
    const auto below = [&](Value old, Value now, std::string_view key) {
      walk({old, now, wished[key], all.is(Type::null) ? all : patched[key]},
           path + "." + segment(key), holdings.below(key));
    };
    for (const Member member : before.object())
      below(member.value, is[member.key], member.key);
    for (const Member member : after.object())
      if (!was[member.key]) below({}, member.value, member.key);
    return;
  }
  const bool lists = (before.is(Type::array) || !before) && (after.is(Type::array) || !after);
  if (lists && before.size() + after.size() > 0 && walk_list(states, path, holders)) return;
  note(states, path, holders);
}

void Comparison::note(const States& states, const std::string& path, const Holders& holders) {
  const auto& [before, after, wish, patch] = states;
  const std::string was = before.to_json(), is = after.to_json();
  if (was == is) return;
  all_.append(path).append("\n").append(was).append("\n").append(is).append("\n");
  Change change;
  change.kind = !after    ? Change::Kind::removed
                : !before ? Change::Kind::added
                          : Change::Kind::changed;
  // Metadata has no defaults: what changes there unasked is a webhook's.
  change.defaulted = ((is_apply_ && !wish) || patch.is(Type::null)) &&
                     change.kind == Change::Kind::changed && !path.starts_with(".metadata.");
  change.takes =
      change.kind == Change::Kind::removed || change.defaulted || loses_elements(before, after);
  out_.removed += change.takes ? 1 : 0;
  change.path = path;
  const std::size_t from = shown_from(was, is);
  change.before = shown(was, from);
  change.after = shown(is, from);
  keep(std::move(change), holders);
}

// The same elements in another order, which counts where they are tried in turn.
void Comparison::note_order(const std::string& path, const Holders& holders) {
  all_.append(path).append("\norder\n");
  Change change;
  change.kind = Change::Kind::changed;
  change.path = path;
  change.before = "(order)";
  change.after = "(another order)";
  keep(std::move(change), holders);
}

void Comparison::keep(Change change, const Holders& holders) {
  if (change.takes && change.path.starts_with(".metadata.finalizers")) out_.takes_finalizer = true;
  for (const Held& each : holders) {
    if (change.kind == Change::Kind::added) break;  // it owns nothing there
    const std::string name = base::printable(each.manager, 128);
    if (std::find(change.owners.begin(), change.owners.end(), name) == change.owners.end())
      change.owners.push_back(name);
    change.applied = change.applied || each.applied;
  }
  if (change.applied && out_.contested.size() < kChanges) out_.contested.push_back(change);
  if (out_.changes.size() < kMostKept) {
    out_.changes.push_back(std::move(change));
  } else {
    ++out_.left_out;
  }
}

}  // namespace

Diff diff(const States& states, Value managed, std::string_view ours) {
  return Comparison(managed, ours).run(states);
}

std::string_view to_string(Change::Kind kind) {
  constexpr std::string_view kNames[] = {"removed", "changed", "added"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string line_of(const Change& change) {
  constexpr std::string_view kSigns[] = {"- ", "~ ", "+ "};
  std::string out(kSigns[static_cast<std::size_t>(change.kind)]);
  out.append(change.path).append(": ").append(change.before);
  if (change.kind == Change::Kind::changed) out += " -> ";
  out += change.after;
  if (change.defaulted) out += " (taken away by this write: its default comes back)";
  if (!change.owners.empty()) out += " (owner: " + base::join(change.owners, ", ") + ")";
  return out;
}

}  // namespace change
