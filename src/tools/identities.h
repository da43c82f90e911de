// The row of k0rdent.mgmt.providers.listIdentities.
#pragma once

#include "answer/list_row.h"

namespace tools {

// Groups the Credentials that the caller may see by the identity object that they name; the
// identity objects themselves are not read.
const answer::ListRow& identities_row();

}  // namespace tools
