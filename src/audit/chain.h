// The chain of an audit log's lines (log.h), as Log writes it and verify() reads it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audit {

// In hex: SHA-256, or HMAC-SHA-256 with a key that is not "".
std::string chain_hash(std::string_view key, std::string_view bytes);

// The end of each line: ,"hash":"64 hex digits"}
std::string hash_suffix(std::string_view hash);

// What a line says of the chain.
struct ChainLine {
  std::uint64_t seq = 0;
  std::string prev;  // "" in the first line of a chain
  std::string torn;  // "": nothing torn precedes it
  std::string hash;
  std::string time;
};

// nullopt: `line` (without its newline) is no line of an audit log, or its own hash is wrong.
std::optional<ChainLine> read_chain_line(std::string_view key, std::string_view line);

}  // namespace audit
