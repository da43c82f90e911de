// Change: what happened to an object of a watched collection.
#pragma once

namespace kube::watch {

enum class Change : unsigned char { added, modified, deleted };

}  // namespace kube::watch
