// Phrases: words of a program or a file format behind which a secret stands without a name:
//
//   curl -u bob:x    mysql -px    sshpass -p x    redis-cli -a x    IDENTIFIED BY 'x'
//   db.example.com:5432:app:bob:x (.pgpass)    Private-Lines: 2 and the lines below (PuTTY)
//   bob:x@/app    bob/x@db.example.com:1521/app
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/chars.h"

namespace redact {

// The secret behind the phrase that has text[at].
Found phrase_at(std::string_view text, std::size_t at);

}  // namespace redact
