#include "auth/token_hash.h"

#include "base/hash.h"

namespace auth {
TokenHash token_hash(std::string_view token) {
  return base::sha256(token);
}
}  // namespace auth
