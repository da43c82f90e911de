#include "app/flag_values.h"

#include "kube/config/kubeconfig.h"
#include "tools/toolsets.h"

namespace app {

std::vector<std::string> context_names(const std::string& file, Getenv getenv) {
  kube::config::LoadOptions options;
  options.file = file;
  options.getenv = getenv;
  options.regular_files = true;
  return kube::config::context_names(options);
}

const std::vector<std::string_view>& toolset_names() {
  return tools::toolsets();
}

}  // namespace app
