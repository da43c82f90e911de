#include "app/commands.h"

namespace app {

namespace {

const CommandRow kCommands[] = {
    {"serve", "[flags]", "serve MCP clients over HTTP; the default, start is an alias"},
    {"stdio", "[flags]", "serve the client that started it, on standard input and output"},
    {"stop", "[flags]", "end the server of a pid file and wait for its end"},
    {"call", "TOOL [NAME=VALUE...] [flags]", "call a tool and print its answer"},
    {"tools", "[TOOL] [flags]", "list the tools, or show one with its arguments"},
    {"read", "URI [flags]", "read a resource"},
    {"watch", "URI... [flags]", "follow resources: each change is a line"},
    {"check", "[flags]", "report what the API server provides and what is missing"},
    {"doctor", "[flags]", "check everything that the server depends on, and say what to do"},
    {"print-config", "[flags]", "print every setting and where it comes from"},
    {"policy", "check|test ...", "test a policy file"},
    {"audit", "verify FILE...", "verify an audit file"},
    {"rbac", "PRESET", "print the RBAC rules that tools need"},
    {"completion", "bash|zsh|fish", "print the completion script of a shell"},
    {"version", "", "print the version"},
    {"help", "[COMMAND]", "print this list, or the flags of a command"},
};

}  // namespace

std::span<const CommandRow> all_commands() {
  return kCommands;
}

}  // namespace app
