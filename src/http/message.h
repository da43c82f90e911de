// Shared by both sides of HTTP/1.1: header lists, status texts, request and response heads.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "net/peer_identity.h"

namespace http {

struct Header {
  std::string_view name;   // as sent; compare with base::iequals
  std::string_view value;  // trimmed
};

// Headers of a received message, in order. The views are valid only as long as the message.
class Headers {
 public:
  std::optional<std::string_view> find(std::string_view name) const;  // the first, ignoring case
  int count(std::string_view name) const;
  // Whether `token` (ignoring case) is one of the comma-separated elements of any header `name`.
  bool has_token(std::string_view name, std::string_view token) const;
  const std::vector<Header>& all() const { return list_; }
  void add(std::string_view name, std::string_view value) { list_.push_back({name, value}); }
  // Sets the value of every header `name` that exists.
  void replace(std::string_view name, std::string_view value);
  // Trims spaces and tabs from both ends of every value.
  void trim_values();
  // The header added last. Requires: there is one.
  Header& last() { return list_.back(); }
  void clear() { list_.clear(); }  // keeps the memory

 private:
  std::vector<Header> list_;
};

enum class Method : unsigned char { get, head, post, put, del, options, patch, other };

// A complete request with its body dechunked, as the server's handler sees it. All views are valid
// during on_request only.
struct Request {
  Method method = Method::other;
  std::string_view method_name;
  std::string_view target;  // as sent
  std::string_view path;    // of the target, before '?'; "*" for OPTIONS *
  std::string_view query;   // of the target, after '?'
  Headers headers;          // Host is that of an absolute target ("GET http://host/path"), if any
  std::string_view body;
  std::string_view peer;
  const net::PeerIdentity* identity = nullptr;  // net::Stream::identity()
  unsigned door = 0;                            // as passed to Server::adopt()
};

// A response head as the client's caller sees it. The views are valid during the call only.
struct ResponseHead {
  int status = 0;
  Headers headers;
};

std::string_view status_text(int status);  // "Not Found"; "" when unknown

}  // namespace http
