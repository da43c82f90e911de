// Modern::Request: one modern request on its way through modern.cc and modern_methods.cc.
#pragma once

#include <string_view>

#include "mcp/modern.h"

namespace mcp {

struct Modern::Request {
  const Message& message;
  const Mirror& mirror;
  ModernMeta meta;
  Caller caller;
  http::Reply reply;
  AnswerForm form;
  bool streams;  // the client accepts event streams

  base::json::Value param(std::string_view name) const { return message.params[name]; }
};

struct Modern::Method {
  std::string_view name;
  void (Modern::*run)(Request&);
  std::string_view name_member;  // the member of params that Mcp-Name repeats; "": none
  bool begins_work;
  bool calls;  // work that is a ModernCall
};

}  // namespace mcp
