#include "redact/object.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"
#include "redact/anchors.h"
#include "redact/chars.h"
#include "redact/key_words.h"
#include "redact/structure.h"
#include "redact/values.h"

namespace redact {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// JSON in a string in JSON in a string: an annotation of a manifest in a ConfigMap.
constexpr int kMostDepth = 4;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kPrivateMembers[] = {"d", "p", "q", "dp", "dq", "qi", "k"};

template <std::size_t n>
bool in(const std::string_view (&table)[n], std::string_view word) {
  return std::find(std::begin(table), std::end(table), word) != std::end(table);
}

bool may_have_secret(std::string_view text) {
  bool may = false;
  Anchors::all().each(text, [&](std::size_t, Hint) {
    may = true;
    return false;
  });
  return may;
}

bool looks_like_json(std::string_view text) {
  text = base::trim(text);
  return text.size() >= 2 && ((text.front() == '{' && text.back() == '}') ||
                              (text.front() == '[' && text.back() == ']'));
}

// The address of a resource of ours, in which kinds and names stand beside each other.
bool is_own_address(std::string_view text) {
  return text.starts_with("k0rdent://") && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alnum(c) || std::string_view("-._~/:%?{},").find(c) != std::string_view::npos;
         });
}

// Is the object a Secret, or does it look like one whose kind was left out?
bool is_secret_object(Value object, bool in_secret_list) {
  if (object["kind"].str() == "Secret" || in_secret_list) return true;
  return object["stringData"].is(Type::object) ||
         (object["data"].is(Type::object) && is_secret_type(object["type"].str()));
}

Kind kind_of(Value value) {
  switch (value.type()) {
    case Type::string:
      return Kind::text;
    case Type::integer:
    case Type::number:
      return Kind::number;
    case Type::array:
      return Kind::list;
    case Type::object:
      return Kind::map;
    default:
      return Kind::other;
  }
}

}  // namespace

class ObjectWriter {
 public:
  ObjectWriter(const Object& owner, std::string& out, int depth)
      : owner_(owner), w_(out), depth_(depth) {}

  // `is_secret`: it is a Secret, or a list of them.
  void write(Value value, const Around& around, bool is_secret = false) {
    switch (value.type()) {
      case Type::object:
        return write_object(value, around, is_secret);
      case Type::array:
        return write_array(value, around, is_secret);
      case Type::string:
        return write_string(value.str(), around.holds);
      case Type::integer:
      case Type::number:
        return write_number(value, around);
      default:
        write_as_is(value);
    }
  }

  static bool clean_string(const Object& owner, std::string_view text, int depth,
                           std::string& out) {
    if (!may_have_secret(text)) return false;
    base::json::Document doc;
    const auto value = depth < kMostDepth && looks_like_json(text) ? doc.parse(text)
                                                                   : base::Result<Value>(Value());
    if (!value || !*value) return owner.text_.clean(text, out);
    std::string clean;
    ObjectWriter(owner, clean, depth + 1).write(*value, {});
    if (clean == value->to_json()) return false;
    out = std::move(clean);
    return true;
  }

 private:
  void write_as_is(Value value) { w_.raw(value.to_json()); }

  void write_number(Value number, const Around& around) {
    if (around.holds == Holds::nothing) return write_as_is(number);
    const std::string text = number.to_json();
    if (!is_secret_number(around, text)) return (void)w_.raw(text);
    w_.string(owner_.mask_.of(text));
  }

  void write_array(Value array, const Around& around, bool is_secret) {
    w_.begin_array();
    Holds flag = Holds::nothing;  // of "--password" for the argument after it
    bool many = false;
    for (const Value each : array.array()) {
      Around inner = element_of(around, kind_of(each));
      if (each.is(Type::string)) {
        const std::string_view text = each.str();
        const bool is_flag = text.starts_with('-');
        // --token 123, but --max-tokens 123
        if (flag == Holds::token && !many && is_digits(text)) flag = Holds::password;
        if (is_flag || flag != Holds::nothing) inner.holds = flag;
        if (is_flag) inner.holds = Holds::nothing;
        flag = is_flag && text.find('=') == text.npos ? holds(text) : Holds::nothing;
        many = text.ends_with('s');
      }
      write(each, inner, is_secret);
    }
    w_.end_array();
  }

  void write_object(Value object, const Around& around, bool is_secret) {
    const bool secret = is_secret_object(object, is_secret);
    const bool secret_list = object["kind"].str() == "SecretList";
    const bool private_key = object["kty"].is(Type::string);
    const Facts facts(around, [&](auto add) {
      for (const Member& member : object.object())
        add(member.key, kind_of(member.value), member.value.str());
    });
    std::string_view before;
    w_.begin_object();
    for (const Member& member : object.object()) {
      const auto [key, value] = member;
      if (key == kLastApplied || (key == "managedFields" && value.is(Type::array))) continue;
      write_key(key);
      if (secret && (key == "data" || key == "stringData") && value.is(Type::object)) {
        write_secret_data(value, key == "data");
        before = key;
        continue;
      }
      Around inner = member_of(around, facts, key, kind_of(value), before);
      if (private_key && in(kPrivateMembers, key)) inner.holds = Holds::secret;
      write(value, inner, (secret_list && key == "items") || (is_secret && key == "object"));
      before = key;
    }
    w_.end_object();
  }

  void write_secret_data(Value data, bool base64) {
    w_.begin_object();
    for (const Member& member : data.object()) {
      write_key(member.key);
      if (!member.value.is(Type::string) || is_mask(member.value.str())) {
        write_as_is(member.value);
        continue;
      }
      const std::string_view value = member.value.str();
      const std::optional<std::string> plain = base64 ? base::parse_base64(value) : std::nullopt;
      w_.string(owner_.mask_.of(plain ? std::string_view(*plain) : value));
    }
    w_.end_object();
  }

  void write_key(std::string_view key) {
    std::string clean;
    w_.key(may_have_secret(key) && owner_.text_.clean(key, clean) ? std::string_view(clean) : key);
  }

  void write_string(std::string_view text, Holds holds) {
    if (is_secret(holds, text, Place::quoted)) {
      const std::string_view secret = secret_part(holds, text);
      const auto before = static_cast<std::size_t>(secret.data() - text.data());
      if (!is_mask(secret)) {
        std::string out(text.substr(0, before));
        out.append(owner_.mask_.of(secret)).append(text.substr(before + secret.size()));
        return (void)w_.string(out);
      }
    }
    std::string clean;
    if (!is_own_address(text) && clean_string(owner_, text, depth_, clean)) text = clean;
    w_.string(text);
  }

  const Object& owner_;
  Writer w_;
  const int depth_;
};

void Object::write(Value value, std::string& out, bool is_secret) const {
  ObjectWriter(*this, out, 0).write(value, {}, is_secret);
}

bool Object::clean_member(std::string_view name, std::string_view text, std::string& out) const {
  if (!is_secret(holds(name), text, Place::quoted)) return clean_string(text, out);
  out = mask_.of(text);
  return true;
}

bool Object::clean_string(std::string_view text, std::string& out) const {
  return ObjectWriter::clean_string(*this, text, 0, out);
}

}  // namespace redact
