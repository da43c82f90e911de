#include "change/diff.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/json_members.h"
#include "base/text.h"
#include "change/holdings.h"
#include "change/keyed_list.h"

namespace change {

using base::json::Member;
using base::json::Members;
using base::json::Type;
using base::json::Value;

namespace {

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

// A name as part of a path: it may not look like lines of ours, and not fill the answer.
std::string segment(std::string_view name) {
  return base::printable(name, 128);
}

}  // namespace

// Depth first, by a stack of its own instead of the program's, so that it can stop anywhere.
class Differ::Walk {
 public:
  Walk(const States& states, Value managed, std::string_view ours)
      : is_apply_(states.wish.present()) {
    enter(states, "", holders_of(managed, ours));
  }

  bool advance(std::size_t bytes) {
    for (spent_ = 0; !places_.empty();) {
      Place& top = places_.back();
      if (top.next == top.parts.size()) {
        places_.pop_back();
        continue;
      }
      if (spent_ >= bytes) return false;
      const Pair& part = top.parts[top.next++];
      const Value element = part.states.before ? part.states.before : part.states.after;
      const std::string name = segment(part.name);
      spent_ += kMemberBytes;
      enter(part.states, top.path + (top.members ? "." + name : "[" + name + "]"),
            top.members ? top.members->below(part.name) : top.elements->below(element));
    }
    return true;
  }

  Diff take();

 private:
  // Two values of which one is in the place of the other, with what is asked for there.
  struct Pair {
    States states;
    std::string_view name;  // in its object, or its key in its list
  };

  // An object or a list of both sides whose parts are compared one after the other.
  struct Place {
    std::string path;
    Elements was, is;  // of a list; Pair::name is a view into them
    std::optional<MemberHoldings> members;
    std::optional<ElementHoldings> elements;
    std::vector<Pair> parts;
    std::size_t next = 0;
  };

  void enter(const States& states, std::string path, const Holders& holders);
  void open_object(const States& states, std::string path, const Holders& holders);
  bool open_list(const States& states, const std::string& path, const Holders& holders);
  void note(const States& states, const std::string& path, const Holders& holders);
  void note_order(const std::string& path, const Holders& holders);
  void keep(Change change, const Holders& holders);

  std::vector<Place> places_;
  Diff out_;
  std::string all_;
  std::size_t spent_ = 0;
  const bool is_apply_;
};

void Differ::Walk::enter(const States& states, std::string path, const Holders& holders) {
  if (is_servers_own(path)) return;
  const Value before = states.before, after = states.after;
  const bool objects = (before.is(Type::object) || !before) && (after.is(Type::object) || !after);
  const bool lists = (before.is(Type::array) || !before) && (after.is(Type::array) || !after);
  const bool parts = before.size() + after.size() > 0;
  if (objects && parts) return open_object(states, std::move(path), holders);
  if (!lists || !parts || !open_list(states, path, holders)) note(states, path, holders);
}

void Differ::Walk::open_object(const States& states, std::string path, const Holders& holders) {
  const auto& [before, after, wish, patch] = states;
  const Members was(before), is(after), wished(wish), patched(patch);
  Place place;
  const Value all = patch;
  const auto add = [&](Value old, Value now, std::string_view name) {
    place.parts.push_back(
        {{old, now, wished[name], all.is(Type::null) ? all : patched[name]}, name});
  };
  for (const Member member : before.object())
    add(member.value, is[member.key], member.key);
  for (const Member member : after.object())
    if (!was[member.key]) add({}, member.value, member.key);
  spent_ += place.parts.size() * kMemberBytes / 8;
  place.path = std::move(path);
  place.members.emplace(holders);
  places_.push_back(std::move(place));
}

// Elements with keys are compared one by one; false: the list is one value.
bool Differ::Walk::open_list(const States& states, const std::string& path,
                             const Holders& holders) {
  for (const ElementKey& keys : kElementKeys) {
    Place place;
    Elements wished;
    if (!by_key(states.before, keys, place.was) || !by_key(states.after, keys, place.is)) continue;
    // A wish whose elements are named otherwise mentions all of them.
    const bool named = by_key(states.wish, keys, wished);
    const auto wish = [&](const std::string& key, Value element) {
      if (!named) return element;
      const auto at = wished.find(key);
      if (at != wished.end()) return at->second;
      const auto short_at = wished.find(key.substr(0, key.find(',')));  // without its namespace
      return short_at == wished.end() ? Value() : short_at->second;
    };
    for (const auto& [key, element] : place.was) {
      const auto other = place.is.find(key);
      const Value now = other == place.is.end() ? Value() : other->second;
      place.parts.push_back({{element, now, wish(key, now)}, key});
    }
    for (const auto& [key, element] : place.is)
      if (!place.was.count(key)) place.parts.push_back({{{}, element, wish(key, element)}, key});
    if (reordered(states.before, place.was, states.after, place.is, keys))
      note_order(path, holders);
    spent_ += place.parts.size() * kMemberBytes / 2;
    place.path = path;
    place.elements.emplace(holders);
    places_.push_back(std::move(place));
    return true;
  }
  return false;
}

void Differ::Walk::note(const States& states, const std::string& path, const Holders& holders) {
  const auto& [before, after, wish, patch] = states;
  const std::string was = before.to_json(), is = after.to_json();
  spent_ += was.size() + is.size();
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
void Differ::Walk::note_order(const std::string& path, const Holders& holders) {
  all_.append(path).append("\norder\n");
  Change change;
  change.kind = Change::Kind::changed;
  change.path = path;
  change.before = "(order)";
  change.after = "(another order)";
  keep(std::move(change), holders);
}

void Differ::Walk::keep(Change change, const Holders& holders) {
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

Diff Differ::Walk::take() {
  const auto goes = [](const Change& each) {
    return each.kind == Change::Kind::removed || each.defaulted;
  };
  std::stable_sort(out_.changes.begin(), out_.changes.end(), [&](const Change& a, const Change& b) {
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

Differ::Differ(const States& states, Value managed, std::string_view ours)
    : walk_(std::make_unique<Walk>(states, managed, ours)) {}
Differ::~Differ() = default;

bool Differ::advance(std::size_t bytes) {
  return walk_->advance(bytes);
}
Diff Differ::take() {
  return walk_->take();
}

Diff diff(const States& states, Value managed, std::string_view ours) {
  Differ differ(states, managed, ours);
  differ.advance(std::numeric_limits<std::size_t>::max());
  return differ.take();
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
