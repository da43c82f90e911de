// Secrets: keeps secrets inside the process. While it lives, everything that leaves passes it: each
// body of a message of either era, texts without a message, and our own log. With several (in
// tests) the newest one counts while it lives.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "mcp/outgoing.h"
#include "redact/redactor.h"

namespace app {

class Secrets final : private mcp::OutgoingFilter, private base::log::Filter {
 public:
  // `shown`: nothing is changed (--show-secrets).
  explicit Secrets(bool shown);
  ~Secrets() override;
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;

  // Changes texts for a log.
  base::log::Filter& log_filter() { return *this; }
  // For tools that show whole objects; nullptr: secrets are shown.
  const redact::Redactor* redactor() const { return shown_ ? nullptr : &redactor_; }

 private:
  bool change(mcp::Body body, std::string_view json, std::string& out) override;
  bool change_text(std::string_view text, std::string& out) override;
  bool change(std::string_view key, std::string_view text, std::string& out) override;

  const bool shown_;
  const redact::Redactor redactor_;
};

}  // namespace app
