// What the fuzz targets share. A target is one function that takes any bytes and looks whether what
// must hold for every input holds; it stands in the table of main.cc and has seeds in seeds/NAME/.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// A property that does not hold: says which, and ends the run as a crash, which libFuzzer keeps.
#define HOLDS(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (0)

namespace fuzz {

using Pieces = std::vector<std::string>;

// Ways to cut `input`: whole, byte by byte (short inputs), and some at random, the same each time
// for the same input. Each piece has memory of its own, so that a view kept too long is found.
std::vector<Pieces> cuts(std::string_view input);

// Takes the first line off `input`; all of it when there is one line only.
std::string_view take_line(std::string_view& input);

void http_request(std::string_view input);
void http_response(std::string_view input);
void json(std::string_view input);
void jsonrpc(std::string_view input);
void era(std::string_view input);
void resource_uri(std::string_view input);
void url(std::string_view input);
void yaml(std::string_view input);
void kubeconfig(std::string_view input);
void policy(std::string_view input);
void audit_line(std::string_view input);
void watch_frames(std::string_view input);
void log_lines(std::string_view input);
void sse(std::string_view input);
void cursor(std::string_view input);
void sealed(std::string_view input);
void last_event_id(std::string_view input);
void endpoint(std::string_view input);
void stdio(std::string_view input);
void redaction(std::string_view input);
void catalog_index(std::string_view input);
void catalog_redirect(std::string_view input);
void versions(std::string_view input);
void confirmation(std::string_view input);
void manifest(std::string_view input);
void json_patch(std::string_view input);
void jwt(std::string_view input);
void jwks(std::string_view input);
void metadata(std::string_view input);
void issuers(std::string_view input);
void exchanged(std::string_view input);
void tls_hello(std::string_view input);

}  // namespace fuzz
