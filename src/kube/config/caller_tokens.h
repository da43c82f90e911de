// CallerTokens: the tokens that stand for callers' own at the API server (Credentials::exchanged()).
// A request has the caller's name alone; which token is sent is decided when it is sent, so that
// watches go on with the next token when the present one ends, and are not begun anew for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "kube/config/waiters.h"

namespace kube::config {

class CallerTokens {
 public:
  virtual ~CallerTokens() = default;
  // Asked before each request of the caller: begins what is needed for a token.
  virtual CredentialState prepare(std::string_view name) = 0;
  // Requires: prepare() said running. Called once, never inside wait(); then ask prepare() again.
  virtual void wait(std::string_view name, Waiter& waiter) = 0;
  // Requires: prepare() said failed, just now. unauthorized: the caller's own token counts no longer;
  // forbidden: the issuer gives this caller none; others: it may be tried again.
  virtual const base::Error& error() const = 0;
  // Requires: prepare() said ready, just now.
  virtual const std::string& token(std::string_view name) const = 0;
  // Tells the caller's present token from those before it; 0: there is none.
  virtual std::uint64_t stamp(std::string_view name) const = 0;
  // The API server refused (401) the token of this stamp. True: there is another one, or prepare()
  // will get one.
  virtual bool refused(std::string_view name, std::uint64_t stamp) = 0;
};

}  // namespace kube::config
