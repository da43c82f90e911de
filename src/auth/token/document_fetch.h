// DocumentFetch: reads one document of an issuer: GET; or, with a form, POST, whose answer is read
// whatever its status is. One at a time, over a connection of its own.
//
//   TLS        verified by the CA file, which is read each time, else by the system's authorities;
//              they are parsed in steps
//   proxy      as the environment says (net/environment_proxy.h)
//   redirects  none is followed
//   addresses  with `public_only`, only public ones are dialled (net/address_reach.h); behind a
//              proxy, which resolves the names, literal ones only are judged
//   size       kDocumentBytes; an encoded body (gzip) is an error: none is asked for
//   time       kDocumentTime for all of it
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/delegate.h"
#include "base/error.h"
#include "base/url.h"
#include "http/client_call.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace auth::token {

constexpr std::size_t kDocumentBytes = 256 * 1024;  // metadata and key sets have some KiB
constexpr std::size_t kCaFileBytes = 1024 * 1024;   // a distribution's bundle has 220 KiB
constexpr base::Duration kDocumentTime = base::seconds(10);

struct DocumentRequest {
  std::string url;      // checked_url() (metadata.h)
  std::string ca_file;  // "": the system's authorities
  std::string user_agent;
  bool public_only = false;
  std::string form = {};                         // what is posted, urlencoded; "": GET
  std::string authorization = {};                // the header's value; "": none
  const char* (*getenv)(const char*) = nullptr;  // nullptr: the process's environment
};

struct FetchedDocument {
  std::string body;
  int status = 200;                            // another one only after a form
  std::optional<base::Duration> max_age = {};  // Cache-Control's; 0 for no-cache and no-store
  bool public_server = false;                  // its address is one of the public Internet
};

class DocumentFetch final : private http::CallHandler {
 public:
  // Called once, never inside start(), as the last statement. Errors: not_found for a status of
  // 4xx but 429; others say what happened in words for an operator: "HTTP 302 Found, a redirect, which
  // is not followed".
  using Fn = base::Delegate<void(base::Result<FetchedDocument>)>;
  // `loop` and `resolver` must outlive it.
  DocumentFetch(loop::Loop& loop, net::Resolver& resolver, Fn fn);
  ~DocumentFetch() override;  // cancels

  // Requires: not active.
  void start(DocumentRequest request);
  void cancel();
  bool active() const { return line_ || begin_.scheduled(); }
  // When the issuer wants to be asked again, by the last answer (answer_times.h); nullopt: it did not
  // say.
  std::optional<base::Duration> retry_after() const { return retry_after_; }

 private:
  // The connection, and what it needs.
  struct Line;
  base::Result<void> make_line();
  void on_begin();
  void on_head(const http::ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end(const http::CallEnd& end) override;
  void on_time();
  void end_line();
  void finish(base::Result<FetchedDocument> result);

  loop::Loop& loop_;
  net::Resolver& resolver_;
  Fn fn_;
  DocumentRequest request_;
  base::Url url_;
  FetchedDocument got_;
  std::optional<base::Duration> retry_after_;
  std::unique_ptr<Line> line_;
  loop::Timer limit_;
  loop::Deferred begin_;
};

}  // namespace auth::token
