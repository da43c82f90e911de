// What only the start needed is given back: code and tables that were run or read once (OpenSSL's
// initialisation is most of it), and the heap's free end.
#pragma once

namespace app {

// Read-only pages of the program leave its resident set; those that are used come back from the
// page cache one by one, without I/O as long as the cache has them. Cheap (some microseconds); safe
// at any time.
void give_back_startup_memory();

}  // namespace app
