#include "kube/token_hash.h"

#include "net/tls.h"

namespace kube {
TokenHash token_hash(std::string_view token) {
  return net::sha256(token);
}
}  // namespace kube
