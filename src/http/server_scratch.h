// ServerScratch: the buffers that all connections of a server share. Private to src/http.
#pragma once

#include <cstddef>
#include <string>

#include "http/message.h"
#include "http/parser.h"

namespace http {

// Its content does not outlive one call from the loop.
struct ServerScratch {
  static constexpr std::size_t kReadBytes = 64 * 1024;  // per read of a body
  // Per read of anything else: a pipelining client makes one connection hold this besides its
  // response.
  static constexpr std::size_t kHeadReadBytes = 16 * 1024;
  char read[kReadBytes];
  MessageHead head;
  Request request;
  std::string out;  // a response's head
};

}  // namespace http
