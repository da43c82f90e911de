#include "cluster/template_name.h"

#include <algorithm>
#include <iterator>

namespace cluster {

std::string version_in_name(std::string_view name) {
  std::size_t at = name.size();
  int numbers = 0;
  while (at > 0) {
    const std::size_t dash = name.rfind('-', at - 1);
    const std::size_t begin = dash == name.npos ? 0 : dash + 1;
    const std::string_view part = name.substr(begin, at - begin);
    if (dash == name.npos || part.empty() || part.find_first_not_of("0123456789") != part.npos) {
      break;
    }
    ++numbers;
    at = dash;
  }
  if (numbers < 2) return {};
  std::string version(name.substr(at + 1));
  std::replace(version.begin(), version.end(), '-', '.');
  return version;
}

std::string_view provider_in_name(std::string_view name) {
  constexpr std::string_view known[] = {"aws",    "azure",    "gcp",    "openstack", "vsphere",
                                        "docker", "kubevirt", "remote", "adopted"};
  const std::string_view first = name.substr(0, name.find('-'));
  return std::find(std::begin(known), std::end(known), first) == std::end(known)
             ? std::string_view()
             : first;
}

std::string_view provider_name(std::string_view kcm) {
  if (kcm == "internal") return "adopted";
  return kcm == "k0sproject-k0smotron" ? "remote" : kcm;
}

}  // namespace cluster
