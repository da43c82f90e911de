#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace base {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::forbidden:
      return "forbidden";
    case Errc::unauthorized:
      return "unauthorized";
    case Errc::gone:
      return "gone";
    case Errc::throttled:
      return "throttled";
    case Errc::unavailable:
      return "unavailable";
    case Errc::timeout:
      return "timeout";
    case Errc::cancelled:
      return "cancelled";
    case Errc::protocol:
      return "protocol";
    case Errc::too_large:
      return "too_large";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

static Errc code_of(int err) {
  switch (err) {
    case ENOENT:
      return Errc::not_found;
    case EACCES:
    case EPERM:
      return Errc::forbidden;
    case EINVAL:
      return Errc::invalid_argument;
    case ETIMEDOUT:
      return Errc::timeout;
    case ECANCELED:
      return Errc::cancelled;
    case EFBIG:
    case EMSGSIZE:
      return Errc::too_large;
    case EEXIST:
      return Errc::conflict;
    default:
      return Errc::unavailable;
  }
}

Error errno_error(std::string_view op, int err) {
  return Error(code_of(err), std::string(op) + ": " + std::strerror(err));
}

}  // namespace base
