// What a cluster template of k0rdent needs in practice: charts declare more values as required, with
// defaults that are empty. By the templates of k0rdent 1.12; versions follow the name.
#pragma once

#include <string_view>
#include <vector>

namespace describe {

// The paths in spec.config that have to be given for a template of this name; none for a template
// that is not k0rdent's own.
std::vector<std::string_view> needed_values(std::string_view template_name);

}  // namespace describe
