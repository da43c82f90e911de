#include "net/loopback.h"

#include "base/text.h"
#include "net/socket.h"

namespace net {

bool is_loopback(std::string_view host) {
  if (base::iequals(host, "localhost")) return true;
  const auto address = parse_address(host, 0);
  return address && address->is_loopback();
}

}  // namespace net
