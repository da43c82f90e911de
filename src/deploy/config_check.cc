#include "deploy/config_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "describe/chart_values.h"

namespace deploy {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using describe::ChartValue;

namespace {

// The controller fills these into the HelmRelease's values; they are no wish of the caller's.
constexpr std::string_view kControllersOwn[] = {"clusterIdentity", "global"};

constexpr std::size_t kPathBytes = 256, kWhatBytes = 512;  // shown of each problem

bool fits(std::string_view type, Value value) {
  if (type == "integer") return value.is(Type::integer) || value.as_int().has_value();
  if (type == "number") return value.is(Type::integer) || value.is(Type::number);
  if (type == "string") return value.is(Type::string);
  if (type == "boolean") return value.is(Type::boolean);
  if (type == "array") return value.is(Type::array);
  if (type == "object") return value.is(Type::object);
  return true;
}

bool is_empty(const std::string& json) {
  return json.empty() || json == "\"\"" || json == "{}" || json == "[]" || json == "null";
}

class Check {
 public:
  Check(const std::vector<ChartValue>& values, const std::vector<std::string_view>& needed)
      : needed_(needed) {
    for (const ChartValue& each : values) {
      known_.emplace(each.path, &each);
      for (std::size_t dot = each.path.find('.'); dot != std::string::npos;
           dot = each.path.find('.', dot + 1))
        maps_.insert(each.path.substr(0, dot));
    }
  }

  std::vector<Problem> part(Value config) {
    walk(config, "");
    return std::move(out_);
  }
  std::vector<Problem> run(Value config) {
    walk(config, "");
    for (const std::string_view path : needed_)
      if (!given(config, path)) need(path);
    for (const auto& [path, value] : known_)
      if (value->required && value->default_json.empty() && !given(config, path) &&
          std::find(needed_.begin(), needed_.end(), path) == needed_.end())
        need(path);
    return std::move(out_);
  }

 private:
  void add(std::string path, std::string what) {
    if (out_.size() < kProblems) out_.push_back({std::move(path), std::move(what)});
  }

  void need(std::string_view path) {
    const auto known = known_.find(std::string(path));
    if (known != known_.end() && !is_empty(known->second->default_json)) return;
    // What this version of the template does not take is not needed.
    if (known == known_.end() && !maps_.count(std::string(path))) return;
    std::string what = "has to be given";
    if (known != known_.end() && !known->second->description.empty())
      what += ": " + base::printable(known->second->description, 200);
    add(std::string(path), std::move(what));
  }

  static bool given(Value at, std::string_view path) {
    for (const std::string_view part : base::split(path, '.'))
      at = at[part];
    return at.present() && !is_empty(at.to_json());
  }

  void walk(Value object, const std::string& before) {
    for (const Member member : object.object()) {
      const std::string path = before + std::string(member.key);
      const auto known = known_.find(path);
      if (known != known_.end()) {
        check(*known->second, member.value);
      } else if (!maps_.count(path)) {
        unknown(path, member.key, before);
      } else if (member.value.is(Type::object)) {
        walk(member.value, path + ".");
      } else if (!member.value.is(Type::null)) {  // null takes the default away, as Helm does
        add(path, "must be an object, got " + std::string(member.value.type_name()));
      }
    }
  }

  void check(const ChartValue& value, Value given) {
    if (given.is(Type::null)) return;
    if (!fits(value.type, given))
      return add(value.path, "must be of type " + std::string(value.type) + ", got " +
                                 base::printable(given.to_json(), 64));
    if (value.choices.size() == 0) return;
    for (const Value choice : value.choices.array())
      if (choice.to_json() == given.to_json()) return;
    add(value.path, "must be one of " + base::printable(value.choices.to_json(), 200) + ", got " +
                        base::printable(given.to_json(), 64));
  }

  // The nearest by its whole path, or by its last part.
  void unknown(const std::string& path, std::string_view key, const std::string& before) {
    for (const std::string_view own : kControllersOwn)
      if (path == own) return add(path, "is filled in by k0rdent: leave it out");
    std::vector<std::string_view> siblings, all;
    for (const auto& [each, value] : known_) {
      all.push_back(each);
      if (each.compare(0, before.size(), before) != 0) continue;
      const std::string_view rest = std::string_view(each).substr(before.size());
      siblings.push_back(rest.substr(0, rest.find('.')));
    }
    std::string near(base::nearest(key, siblings));
    if (!near.empty()) {
      near = before + near;
    } else {
      near = base::nearest(path, all);
      for (const std::string_view each : all)
        if (near.empty() && each.size() > key.size() && each.ends_with(key) &&
            each[each.size() - key.size() - 1] == '.')
          near = each;
    }
    add(path, near.empty() ? "is not known to this template"
                           : "is not known to this template; did you mean " + near + "?");
  }

  const std::vector<std::string_view> needed_;
  std::map<std::string, const ChartValue*> known_;
  std::set<std::string> maps_;
  std::vector<Problem> out_;
};

}  // namespace

std::vector<Problem> check_config(Value schema, Value defaults,
                                  const std::vector<std::string_view>& needed, Value config) {
  const std::vector<ChartValue> values = describe::chart_values(schema, defaults);
  if (values.empty()) return {};
  return Check(values, needed).run(config);
}

std::vector<Problem> check_part(Value schema, Value defaults, Value part) {
  const std::vector<ChartValue> values = describe::chart_values(schema, defaults);
  if (values.empty()) return {};
  return Check(values, {}).part(part);
}

std::string to_text(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& each : problems)
    out.append("\n  config.")
        .append(base::printable(each.path, kPathBytes))
        .append(" ")
        .append(base::printable(each.what, kWhatBytes));
  return out;
}

}  // namespace deploy
