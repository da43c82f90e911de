// When certificates end, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace net {

struct CertificateEnd {
  std::string name;  // the subject's common name, printable; "": none
  base::WallTime ends;
};

// Every certificate of the PEM text that can be parsed, in order.
std::vector<CertificateEnd> certificate_ends(std::string_view pem);

}  // namespace net
