#include "redact/object_writer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "redact/anchors.h"
#include "redact/chars.h"
#include "redact/key_words.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

using base::json::Member;
using base::json::Type;
using base::json::Value;

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

ObjectWriter::ObjectWriter(const Mask& mask, const Text& texts, std::string& out, int depth)
    : mask_(mask), texts_(texts), w_(out), depth_(depth) {}

void ObjectWriter::begin(Value value, bool is_secret) {
  frames_.clear();
  write(value, {}, is_secret);
}

bool ObjectWriter::step(std::size_t most) {
  const std::size_t begin = work;
  while (!frames_.empty() && work - begin < most) {
    worked(kWorkOfMember);
    next();
  }
  return frames_.empty();
}

bool ObjectWriter::clean_string(const Mask& mask, const Text& texts, std::string_view text,
                                int depth, std::string& out) {
  if (!may_have_secret(text)) return false;
  base::json::Document doc;
  const auto value =
      depth < kMostDepth && looks_like_json(text) ? doc.parse(text) : base::Result<Value>(Value());
  if (!value || !*value) return texts.clean(text, out);
  std::string clean;
  ObjectWriter inner(mask, texts, clean, depth + 1);
  inner.begin(*value);
  inner.step(std::numeric_limits<std::size_t>::max());
  if (clean == value->to_json()) return false;
  out = std::move(clean);
  return true;
}

void ObjectWriter::write(Value value, const Around& around, bool is_secret) {
  switch (value.type()) {
    case Type::object:
      return open_map(value, around, is_secret);
    case Type::array:
      return open_list(value, around, is_secret);
    case Type::string:
      return write_string(value.str(), around.holds);
    case Type::integer:
    case Type::number:
      return write_number(value, around);
    default:
      write_as_is(value);
  }
}

void ObjectWriter::open_list(Value list, const Around& around, bool is_secret) {
  w_.begin_array();
  Frame frame;
  frame.secret = is_secret;
  frame.around = around;
  frame.item = list.array().begin();
  frame.items_end = list.array().end();
  frames_.push_back(frame);
}

void ObjectWriter::open_map(Value map, const Around& around, bool is_secret) {
  w_.begin_object();
  Frame frame;
  frame.is = Frame::Is::map;
  frame.secret = is_secret;
  frame.secret_data = is_secret_object(map, is_secret);
  frame.secret_list = map["kind"].str() == "SecretList";
  frame.private_key = map["kty"].is(Type::string);
  frame.around = around;
  frame.facts = Facts(around, [&](auto add) {
    for (const Member& member : map.object())
      add(member.key, kind_of(member.value), member.value.str());
  });
  frame.member = map.object().begin();
  frame.members_end = map.object().end();
  frames_.push_back(frame);
}

void ObjectWriter::open_secret_data(Value data, bool base64) {
  w_.begin_object();
  Frame frame;
  frame.is = Frame::Is::secret_data;
  frame.base64 = base64;
  frame.member = data.object().begin();
  frame.members_end = data.object().end();
  frames_.push_back(frame);
}

void ObjectWriter::next() {
  Frame& top = frames_.back();
  const bool is_list = top.is == Frame::Is::list;
  if (is_list ? !(top.item != top.items_end) : !(top.member != top.members_end)) {
    is_list ? w_.end_array() : w_.end_object();
    return frames_.pop_back();
  }
  if (is_list) {
    const Value item = *top.item;
    ++top.item;
    return next_item(item);
  }
  const Member member = *top.member;
  ++top.member;
  top.is == Frame::Is::map ? next_member(member) : next_secret(member, top.base64);
}

// What is opened may move the frames: `top` is used before that.
void ObjectWriter::next_item(Value item) {
  Frame& top = frames_.back();
  Around inner = element_of(top.around, kind_of(item));
  if (item.is(Type::string)) {
    const std::string_view text = item.str();
    const bool is_flag = text.starts_with('-');
    // --token 123, but --max-tokens 123
    if (top.flag == Holds::token && !top.many && is_digits(text)) top.flag = Holds::password;
    if (is_flag || top.flag != Holds::nothing) inner.holds = top.flag;
    if (is_flag) inner.holds = Holds::nothing;
    top.flag = is_flag && text.find('=') == text.npos ? holds(text) : Holds::nothing;
    top.many = text.ends_with('s');
  }
  write(item, inner, top.secret);
}

void ObjectWriter::next_member(const Member& member) {
  Frame& top = frames_.back();
  const auto [key, value] = member;
  if (key == kLastApplied || (key == "managedFields" && value.is(Type::array))) return;
  write_key(key);
  const std::string_view before = std::exchange(top.before, key);
  if (top.secret_data && (key == "data" || key == "stringData") && value.is(Type::object))
    return open_secret_data(value, key == "data");
  Around inner = member_of(top.around, top.facts, key, kind_of(value), before);
  if (top.private_key && in(kPrivateMembers, key)) inner.holds = Holds::secret;
  write(value, inner, (top.secret_list && key == "items") || (top.secret && key == "object"));
}

void ObjectWriter::next_secret(const Member& member, bool base64) {
  write_key(member.key);
  if (!member.value.is(Type::string) || is_mask(member.value.str()))
    return write_as_is(member.value);
  const std::string_view value = member.value.str();
  const std::optional<std::string> plain = base64 ? base::parse_base64(value) : std::nullopt;
  w_.string(mask_.of(plain ? std::string_view(*plain) : value));
}

void ObjectWriter::write_number(Value number, const Around& around) {
  if (around.holds == Holds::nothing) return write_as_is(number);
  const std::string text = number.to_json();
  if (!is_secret_number(around, text)) return (void)w_.raw(text);
  w_.string(mask_.of(text));
}

void ObjectWriter::write_key(std::string_view key) {
  std::string clean;
  w_.key(may_have_secret(key) && texts_.clean(key, clean) ? std::string_view(clean) : key);
}

void ObjectWriter::write_string(std::string_view text, Holds holds) {
  worked(text.size());
  if (is_secret(holds, text, Place::quoted)) {
    const std::string_view secret = secret_part(holds, text);
    const auto before = static_cast<std::size_t>(secret.data() - text.data());
    if (!is_mask(secret)) {
      std::string out(text.substr(0, before));
      out.append(mask_.of(secret)).append(text.substr(before + secret.size()));
      return (void)w_.string(out);
    }
  }
  std::string clean;
  if (!is_own_address(text) && clean_string(mask_, texts_, text, depth_, clean)) text = clean;
  w_.string(text);
}

}  // namespace redact
