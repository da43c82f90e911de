// Fetch: reads the index from its URL. One at a time, over a connection of its own.
//
//   TLS        verified by the system's authorities, or by FetchOptions::ca_pem; they are parsed in
//              steps
//   proxy      as the environment says (net/environment_proxy.h)
//   redirects  kMostRedirects at most; never to http://. When the URL's own server has a public
//              address they never lead to another kind of address, which is checked on the address
//              that is dialled; behind a proxy, which resolves the names, on literal ones only
//   size       kIndexBytes (index.h); an encoded body (gzip) is an error: none is asked for
//   time       FetchOptions::timeout for all of it
#pragma once

#include <memory>
#include <string>

#include "base/delegate.h"
#include "base/error.h"
#include "catalog/source.h"
#include "http/client_call.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "net/tls_trust.h"

namespace catalog {

// A host that moved, a path that moved, and some more; browsers follow 20.
constexpr int kMostRedirects = 5;
constexpr std::size_t kEtagBytes = 256;

struct FetchOptions {
  std::string ca_pem;  // "": the system's
  std::string user_agent;
  base::Duration timeout{};
  const char* (*getenv)(const char*) = nullptr;  // nullptr: the process's environment
};

struct Fetched {
  bool unchanged = false;  // 304: what had the entity tag is still the index
  std::string body, etag;  // etag "": none, or one that cannot be sent back
};

class Fetch : private http::CallHandler {
 public:
  // Called once, never inside start(), as the last statement. Errors say what happened in words for
  // an operator: "HTTP 404 Not Found", "a redirect to http://, which is not followed".
  using Fn = base::Delegate<void(base::Result<Fetched>)>;
  // `loop` and `resolver` must outlive it.
  Fetch(loop::Loop& loop, net::Resolver& resolver, Fn fn);
  ~Fetch() override;  // cancels

  // `etag`: of what is known; "": nothing is. Requires: not active, and the source is a URL.
  void start(const Source& source, std::string etag, FetchOptions options);
  void cancel();
  bool active() const { return hop_ || begin_.scheduled(); }

 private:
  // One request, with the connection and the TLS configuration that it uses.
  struct Hop;
  base::Result<void> go(const Source& to);
  void judge_first_peer();
  void on_head(const http::ResponseHead& head) override;
  void follow(const http::ResponseHead& head);
  void on_body(std::string_view bytes) override;
  void on_end(const http::CallEnd& end) override;
  void on_time();
  void on_begin();
  void end_hop();
  void finish(base::Result<Fetched> result);

  loop::Loop& loop_;
  net::Resolver& resolver_;
  Fn fn_;
  FetchOptions options_;
  Source at_;
  std::string sent_etag_;
  Fetched got_;
  int redirects_ = 0;
  bool public_only_ = false;
  std::unique_ptr<Hop> hop_;
  std::unique_ptr<net::TlsTrust> trust_;  // of all hops
  loop::Timer limit_;
  loop::Deferred begin_;
};

}  // namespace catalog
