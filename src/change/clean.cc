#include "change/clean.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/json_members.h"
#include "base/text.h"
#include "redact/mask.h"

namespace change {

using base::json::Member;
using base::json::Members;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kTop[] = {"apiVersion", "kind", "status"};
constexpr std::string_view kMetadata[] = {
    "managedFields", "uid",      "resourceVersion",   "creationTimestamp",
    "generation",    "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"};
// Written by kubectl and by controllers for their own use.
constexpr std::string_view kAnnotations[] = {"kubectl.kubernetes.io/last-applied-configuration",
                                             "deployment.kubernetes.io/revision"};

template <std::size_t N>
bool has(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// Where a mask is; nullopt: nowhere.
std::optional<std::string> mask_in(Value value, const std::string& path) {
  if (value.is(Type::string)) {
    const std::string_view text = value.str();
    for (std::size_t i = text.find('<'); i != text.npos; i = text.find('<', i + 1))
      if (redact::mask_size(text.substr(i)) > 0) return path;
    return std::nullopt;
  }
  for (const Member member : value.object())
    if (auto found = mask_in(member.value, path + "." + std::string(member.key))) return found;
  std::size_t i = 0;
  for (const Value element : value.array())
    if (auto found = mask_in(element, path + "[" + std::to_string(i++) + "]")) return found;
  return std::nullopt;
}

// The path of a member that stands twice in its object; nullopt: none.
std::optional<std::string> twin_in(Value value) {
  std::vector<std::string_view> names;
  for (const Member member : value.object()) {
    names.push_back(member.key);
    if (const auto found = twin_in(member.value)) return "." + std::string(member.key) + *found;
  }
  std::sort(names.begin(), names.end());
  if (const auto twin = std::adjacent_find(names.begin(), names.end()); twin != names.end())
    return "." + std::string(*twin);
  std::size_t i = 0;
  for (const Value element : value.array()) {
    if (const auto found = twin_in(element)) return "[" + std::to_string(i) + "]" + *found;
    ++i;
  }
  return std::nullopt;
}

class Cleaner {
 public:
  Wish run(Value given) {
    Writer w(out_.json);
    w.begin_object();
    for (const Member member : given.object()) {
      if (has(kTop, member.key)) {
        if (member.key == "status") out_.dropped.emplace_back("status");
        continue;
      }
      w.key(member.key);
      member.key == "metadata" && member.value.is(Type::object)
          ? write_metadata(w, member.value)
          : (void)w.raw(member.value.to_json());
    }
    w.end_object();
    return std::move(out_);
  }

 private:
  void write_metadata(Writer& w, Value metadata) {
    w.begin_object();
    for (const Member member : metadata.object()) {
      if (has(kMetadata, member.key)) {
        out_.dropped.push_back("metadata." + std::string(member.key));
        continue;
      }
      w.key(member.key);
      if (member.key != "annotations" || !member.value.is(Type::object)) {
        w.raw(member.value.to_json());
        continue;
      }
      w.begin_object();
      for (const Member each : member.value.object()) {
        if (has(kAnnotations, each.key)) {
          out_.dropped.push_back("metadata.annotations." + std::string(each.key));
        } else {
          w.key(each.key).raw(each.value.to_json());
        }
      }
      w.end_object();
    }
    w.end_object();
  }

  Wish out_;
};

}  // namespace

base::Result<void> check_twins(Value given) {
  const auto twin = twin_in(given);
  if (!twin) return {};
  return base::Error(base::Errc::invalid_argument,
                     base::printable(*twin, 256) + " is there twice: leave one of them out");
}

base::Result<Wish> clean_wish(Value given) {
  if (auto ok = check_twins(given); !ok) return std::move(ok).error();
  if (const auto place = mask_in(given, "")) {
    return base::Error(
        base::Errc::invalid_argument,
        (place->empty() ? std::string("the text") : base::printable(*place, 256)) +
            " holds a mask (<redacted:…>) in place of a secret that was not shown, "
            "and would replace it. A merge (objects.patch, "
            "clusterDeployments.update) keeps what is left out; a value that is "
            "written as a whole, as a service's values or an apply, needs the secret "
            "itself from the user, or a reference to it (valuesFrom)");
  }
  return Cleaner().run(given);
}

bool unmasks(Value masked, Value shown) {
  if (masked.is(Type::string)) return mask_in(masked, {}) && !mask_in(shown, {});
  const Members others(shown);
  for (const Member member : masked.object())
    if (unmasks(member.value, others[member.key])) return true;
  std::vector<Value> elements;
  for (const Value element : shown.array())
    elements.push_back(element);
  std::size_t i = 0;
  for (const Value element : masked.array()) {
    if (unmasks(element, i < elements.size() ? elements[i] : Value())) return true;
    ++i;
  }
  return false;
}

std::string dropped_text(const std::vector<std::string>& dropped) {
  if (dropped.empty()) return {};
  return "left out what only the API server writes: " + base::join(dropped, ", ");
}

}  // namespace change
