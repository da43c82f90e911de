#include "app/secrets.h"

namespace app {

Secrets::Secrets(bool shown) : shown_(shown) {
  if (shown_) return;
  outgoing_before_ = mcp::install_outgoing_filter(this);
  log_before_ = base::log::set_filter(this);
}

Secrets::~Secrets() {
  if (shown_) return;
  base::log::set_filter(log_before_);
  mcp::install_outgoing_filter(outgoing_before_);
}

bool Secrets::change(mcp::Body body, std::string_view json, std::string& out) {
  return body != mcp::Body::offer && redactor_.body(json, out);
}

bool Secrets::change_text(std::string_view text, std::string& out) {
  return redactor_.text(text, out);
}

bool Secrets::change(std::string_view key, std::string_view text, std::string& out) {
  return redactor_.member(key, text, out);
}

}  // namespace app
