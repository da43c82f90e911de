// Server::Request: one modern request on its way through server.cc and methods.cc.
#pragma once

#include <string_view>

#include "mcp/modern/server.h"

namespace mcp::modern {

struct Server::Request {
  const Message& message;
  const shared::Mirror& mirror;
  Meta meta;
  Caller caller;
  http::Reply reply;
  shared::AnswerForm form;
  bool streams;  // the client accepts event streams

  base::json::Value param(std::string_view name) const { return message.params[name]; }
};

struct Server::Method {
  void (Server::*run)(Request&);
  std::string_view name_member = {};  // the member of params that Mcp-Name repeats; "": none
  bool begins_work = false;
  bool calls = false;  // work that is a Call
};

}  // namespace mcp::modern
