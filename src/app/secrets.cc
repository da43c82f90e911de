#include "app/secrets.h"

namespace app {

Secrets::Secrets(bool shown) : shown_(shown) {
  if (shown_) return;
  mcp::install_outgoing_filter(this);
  base::log::set_filter(this);
}

// One that was replaced leaves its successor in place, whichever of the two goes first.
Secrets::~Secrets() {
  if (shown_) return;
  if (auto* now = base::log::set_filter(nullptr); now != this) base::log::set_filter(now);
  if (auto* now = mcp::install_outgoing_filter(nullptr); now != this)
    mcp::install_outgoing_filter(now);
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
