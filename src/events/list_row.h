// k0rdent.mgmt.events.list: the events of a namespace, newest first, with kubectl's columns; the row
// of its table.
#pragma once

#include "answer/list_row.h"

namespace events {

const answer::ListRow& list_row();

}  // namespace events
