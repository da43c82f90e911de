// k0rdent.pods.list: pods with kubectl's columns; the row of its table.
#pragma once

#include "answer/list_row.h"

namespace pods {

const answer::ListRow& list_row();

}  // namespace pods
