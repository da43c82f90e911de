#include "base/payload.h"

#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace base {

Payload::Rep* Payload::make(std::size_t size) {
  auto* rep = static_cast<Rep*>(std::malloc(sizeof(Rep) + size));
  CHECK(rep != nullptr);
  rep->size = size;
  rep->holders = 1;
  rep->queued = 0;
  rep->payer = nullptr;
  return rep;
}

static char* put(char* at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

Payload::Payload(std::string_view bytes) : Payload(concat(bytes, {})) {}

Payload Payload::concat(std::string_view a, std::string_view b, std::string_view c) {
  Payload p;
  const std::size_t size = a.size() + b.size() + c.size();
  if (size == 0) return p;
  p.rep_ = make(size);
  put(put(put(reinterpret_cast<char*>(p.rep_ + 1), a), b), c);
  return p;
}

void Payload::drop() {
  if (rep_ && --rep_->holders == 0) std::free(rep_);
}

}  // namespace base
