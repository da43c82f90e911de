// Completion for bash, zsh and fish. The scripts of the shells are a few lines each: they ask the
// hidden command `k0rdent-mcp __complete SHELL LINE` for what may follow the line, so that all shells
// offer what --help has, from the same tables. Tools, their arguments, namespaces, clusters and resources
// come from the server or the kubeconfig's cluster, if it answers within kLiveSeconds; contexts from
// the kubeconfig.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/time.h"

namespace cli {

// Longer than this no user waits for a completion.
constexpr int kLiveSeconds = 1;

struct Candidate {
  std::string word;
  std::string about = {};
};

// The words of a line as a shell splits it; the last one is being typed and may be empty. Quotes and
// backslashes are removed.
std::vector<std::string> words_of(std::string_view line);

// What the tables know of the last word. `files`: a file's name is wanted. `context`: one of the
// kubeconfig's. `live`: a server knows more.
struct Known {
  std::vector<Candidate> candidates;
  bool files = false, context = false, live = false;
};
Known complete_from_tables(const std::vector<std::string>& words);

// The contexts of the kubeconfig that the line or the environment names.
std::vector<Candidate> complete_contexts(const std::vector<std::string>& words, app::Getenv getenv);

// What a server knows. Requires: complete_from_tables() said `live`.
std::vector<Candidate> complete_from_server(const std::vector<std::string>& words,
                                            app::Getenv getenv);

// The script of "bash", "zsh" or "fish"; "": it is none of them.
std::string_view completion_script(std::string_view shell);

}  // namespace cli
