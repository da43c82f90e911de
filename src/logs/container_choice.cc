#include "logs/container_choice.h"

#include <vector>

namespace logs {

using base::Errc;
using base::Error;
using base::json::Value;

namespace {

struct Names {
  std::vector<std::string_view> regular, init, ephemeral;
};

void collect(Value list, std::vector<std::string_view>& into) {
  for (Value container : list.array())
    into.push_back(container["name"].str());
}

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  for (std::string_view n : names) {
    if (n == name) return true;
  }
  return false;
}

void list(std::string& out, std::string_view group, const std::vector<std::string_view>& names) {
  if (names.empty()) return;
  if (!out.empty()) out += "; ";
  out.append(group).append(": ");
  for (std::size_t i = 0; i < names.size(); ++i)
    out.append(i ? ", " : "").append(names[i]);
}

std::string all(const Names& n) {
  std::string out;
  list(out, "containers", n.regular);
  list(out, "init containers", n.init);
  list(out, "ephemeral containers", n.ephemeral);
  return out;
}

}  // namespace

base::Result<std::string> choose_container(Value pod, std::string_view wanted) {
  Names names;
  collect(pod["spec"]["containers"], names.regular);
  collect(pod["spec"]["initContainers"], names.init);
  collect(pod["spec"]["ephemeralContainers"], names.ephemeral);
  const auto known = [&](std::string_view n) {
    return has(names.regular, n) || has(names.init, n) || has(names.ephemeral, n);
  };
  const std::string pod_name = std::string(pod["metadata"]["name"].str());
  if (!wanted.empty()) {
    if (known(wanted)) return std::string(wanted);
    return Error(Errc::not_found, "pod '" + pod_name + "' has no container '" +
                                      std::string(wanted) + "' (" + all(names) + ")");
  }
  const std::string_view preferred =
      pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"].str();
  if (!preferred.empty() && known(preferred)) return std::string(preferred);
  if (names.regular.size() == 1) return std::string(names.regular[0]);
  if (names.regular.empty())
    return Error(Errc::not_found, "pod '" + pod_name + "' has no containers");
  return Error(Errc::invalid_argument, "pod '" + pod_name +
                                           "' has several containers; name one in 'container' (" +
                                           all(names) + ")");
}

}  // namespace logs
