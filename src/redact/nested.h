// Nested: the secrets in a value that is a map or a list, or that stands on the lines below its name,
// and those of a map that names a secret in one member and has it in another.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/chars.h"
#include "redact/fragment.h"
#include "redact/key_words.h"

namespace redact {

// Appends the secrets in what was read, in the order of the text, but none that begins before
// `floor`. `quick`: the text is JSON whose strings are not decoded; one with an escape counts as a
// secret.
void secrets_of(const Fragment& fragment, const Around& around, std::size_t floor, bool quick,
                std::vector<Found>& out);

// What surrounds the value of a name: `is_list` is written with brackets or dashes.
Around around_named(std::string_view name);

// The name of the map in which a name is, of which it is the first member or one that follows soon;
// empty if there is none.
Found parent_of(std::string_view text, const Found& name, std::size_t floor);

}  // namespace redact
