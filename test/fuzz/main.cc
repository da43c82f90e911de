// All fuzz targets in one program: fuzz-targets TARGET [libFuzzer's arguments]; fuzz-targets --list
// names them.
#include <algorithm>
#include <cstdint>

#include "base/log.h"
#include "base/random.h"
#include "fuzz/fuzz.h"

namespace fuzz {

namespace {

struct Target {
  std::string_view name;
  void (*run)(std::string_view);
};

constexpr Target kTargets[] = {
    {"http_request", http_request},
    {"http_response", http_response},
    {"json", json},
    {"jsonrpc", jsonrpc},
    {"era", era},
    {"resource_uri", resource_uri},
    {"url", url},
    {"yaml", yaml},
    {"kubeconfig", kubeconfig},
    {"policy", policy},
    {"audit_line", audit_line},
    {"watch_frames", watch_frames},
    {"log_lines", log_lines},
    {"sse", sse},
    {"cursor", cursor},
    {"sealed", sealed},
    {"last_event_id", last_event_id},
    {"endpoint", endpoint},
    {"stdio", stdio},
    {"redaction", redaction},
    {"catalog_index", catalog_index},
    {"catalog_redirect", catalog_redirect},
    {"versions", versions},
    {"confirmation", confirmation},
    {"manifest", manifest},
    {"json_patch", json_patch},
    {"jwt", jwt},
    {"jwks", jwks},
    {"metadata", metadata},
    {"issuers", issuers},
    {"exchanged", exchanged},
    {"tls_hello", tls_hello},
};

const Target* chosen = nullptr;

constexpr std::size_t kBytewise = 512;  // longer inputs are not cut at every byte
constexpr int kRandomCuts = 3;

void seed_from(std::uint64_t& seed, std::string_view input) {
  for (const char c : input)
    seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
}

}  // namespace

std::vector<Pieces> cuts(std::string_view input) {
  std::vector<Pieces> all{{std::string(input)}};
  if (input.size() <= kBytewise) {
    Pieces bytes;
    for (const char c : input)
      bytes.emplace_back(1, c);
    all.push_back(std::move(bytes));
  }
  std::uint64_t seed = 0xcbf29ce484222325;
  seed_from(seed, input);
  base::Random random(seed);
  for (int i = 0; i < kRandomCuts; ++i) {
    Pieces pieces;
    for (std::string_view rest = input; !rest.empty();) {
      // Mostly small pieces near each other, sometimes a large one.
      const std::size_t most = random.below(4) == 0 ? rest.size() : 16;
      const std::size_t n = std::min<std::size_t>(rest.size(), 1 + random.below(most));
      pieces.emplace_back(rest.substr(0, n));
      rest.remove_prefix(n);
    }
    all.push_back(std::move(pieces));
  }
  return all;
}

std::string_view take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

}  // namespace fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::string_view name = *argc > 1 ? (*argv)[1] : "";
  for (const fuzz::Target& target : fuzz::kTargets) {
    if (name == "--list") std::printf("%s\n", std::string(target.name).c_str());
    if (name == target.name) fuzz::chosen = &target;
  }
  if (name == "--list") std::exit(0);
  if (!fuzz::chosen) {
    std::fprintf(stderr,
                 "usage: fuzz-targets TARGET [libFuzzer's arguments]; --list names the targets\n");
    std::exit(2);
  }
  // libFuzzer sees the rest.
  std::move(*argv + 2, *argv + *argc, *argv + 1);
  --*argc;
  base::log::configure({base::log::Level::error, base::log::Format::json, 2});
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
