#include "kube/config/kubeconfig_fields.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"

namespace kube::config {

using base::yaml::Node;

namespace {

bool has_control(std::string_view s) {
  return std::any_of(s.begin(), s.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}

constexpr std::string_view kNoControl = "holds a control character";

}  // namespace

FieldReader::FieldReader(const Node* node, std::string where)
    : node_(node), where_(std::move(where)) {
  if (node && node->kind != Node::Kind::mapping && node->kind != Node::Kind::null) {
    fail("", "is not a mapping");
  }
}

const Node* FieldReader::find(std::string_view key) const {
  const Node* found = node_ ? node_->find(key) : nullptr;
  return found && found->kind != Node::Kind::null ? found : nullptr;
}

bool FieldReader::has(std::string_view key) const {
  return find(key) != nullptr;
}

void FieldReader::fail(std::string_view field, std::string_view what) {
  if (error_) return;
  std::string text = where_ + ": ";
  if (!field.empty()) text.append(field).append(" ");
  error_ = base::Error(base::Errc::invalid_argument, text.append(what));
}

std::string FieldReader::text(std::string_view key) {
  const Node* found = find(key);
  if (!found) return {};
  if (found->kind != Node::Kind::scalar) {
    fail(key, "must be a string");
    return {};
  }
  return found->scalar;
}

std::string FieldReader::line(std::string_view key) {
  std::string value = text(key);
  if (has_control(value)) fail(key, kNoControl);
  return value;
}

std::vector<std::string> FieldReader::lines(std::string_view key) {
  std::vector<std::string> list;
  const Node* found = sequence(key);
  if (!found) return list;
  for (const Node& item : found->items) {
    if (item.kind != Node::Kind::scalar) {
      fail(key, "must be a list of strings");
    } else if (has_control(item.scalar)) {
      fail(key, kNoControl);
    }
    list.push_back(item.scalar);
  }
  return list;
}

bool FieldReader::flag(std::string_view key) {
  const Node* found = find(key);
  if (!found) return false;
  const bool plain = found->kind == Node::Kind::scalar && !found->quoted;
  const std::string word = plain ? base::to_lower(found->scalar) : "";
  const bool is_true = word == "true" || word == "yes" || word == "on" || word == "y";
  const bool is_false = word == "false" || word == "no" || word == "off" || word == "n";
  if (!is_true && !is_false) fail(key, "must be true or false");
  return is_true;
}

std::string FieldReader::pem(std::string_view key) {
  const std::string encoded = text(key);
  if (encoded.empty()) return {};
  auto decoded = base::parse_base64(encoded);
  if (!decoded) {
    fail(key, "is not base64");
    return {};
  }
  if (decoded->find("-----BEGIN ") == std::string::npos) fail(key, "is not PEM in base64");
  return *std::move(decoded);
}

const Node* FieldReader::sequence(std::string_view key) {
  const Node* found = find(key);
  if (!found || found->kind == Node::Kind::sequence) return found;
  fail(key, "must be a list");
  return nullptr;
}

const Node* FieldReader::mapping(std::string_view key) {
  const Node* found = find(key);
  if (!found || found->kind == Node::Kind::mapping) return found;
  fail(key, "must be a mapping");
  return nullptr;
}

void FieldReader::exclude(std::string_view a, std::string_view b) {
  if (!text(a).empty() && !text(b).empty()) fail(a, "and " + std::string(b) + " are both set");
}

void FieldReader::warn_unknown(std::initializer_list<std::string_view> known,
                               std::vector<std::string>& warnings) const {
  if (!node_) return;
  for (const auto& [key, value] : node_->members) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string text =
        where_ + ": " + base::printable(key, 80) + " is not known here and is ignored";
    const std::string_view near = base::nearest(key, known);
    if (!near.empty()) text.append(" (").append(near).append("?)");
    warnings.push_back(std::move(text));
  }
}

}  // namespace kube::config
