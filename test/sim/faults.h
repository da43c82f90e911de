// What a test may have the simulated API server do wrong, on demand: two layers that combine freely
// with any story.
//   connections  a ConnectionPlan for each accepted connection, and ByteFaults (fault_stream.h)
//   placed in it or in the
//                answer to one request
//   answers      an AnswerFault for requests that match
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/answer.h"
#include "sim/fault_stream.h"
#include "sim/request.h"

namespace sim {

struct ConnectionPlan {
  enum class Accept : unsigned char {
    serve,
    reset,    // at once
    silent,   // accepted, and never a byte
    garbage,  // plain text where TLS was expected
  };
  Accept accept = Accept::serve;
  std::vector<ByteFault> faults = {};
};

// Which requests; what is empty fits all.
struct Match {
  std::string verb = {};  // of ApiRequest; "log" for pods/log
  std::string path = {};  // a part of it
  std::string user = {};
  int skip = 0;   // so many pass first
  int count = 1;  // then so many are hit; -1: all
};

struct AnswerFault {
  Match match = {};
  // Instead of the true answer.
  std::optional<Answer> answer = {};
  // The same, as a chunked body that ends properly: ERROR frames, an empty 200.
  std::optional<Answer> stream = {};
  // Changes the body of the true answer: lies about versions.
  std::function<void(std::string& body)> edit = {};
  std::string extra = {};  // header lines of the true answer, each with CRLF
  // The request is executed, whatever is said of it: with `answer`, or `cut`, its true answer is
  // lost.
  bool executed = false;
  // With `cut`: the connection is cut at once, and the request is executed so much later, as one
  // that waits in the API server's queue.
  std::optional<base::Duration> executed_after = {};
  base::Duration delay{};  // before the head
  bool never = false;      // no head, ever
  bool cut = false;        // the connection is cut where the head would begin
  // Counted from the first byte of the answer's head.
  std::vector<ByteFault> bytes = {};
};

// A write, by verb and a part of its path, whose connection is cut before any answer: after it was
// executed; without being executed; and executed later.
AnswerFault answer_lost(std::string verb, std::string path = {}, int count = 1);
AnswerFault request_lost(std::string verb, std::string path = {}, int count = 1);
AnswerFault executed_late(base::Duration after, std::string verb, std::string path = {});

class Faults {
 public:
  void add(AnswerFault fault) { answers_.push_back(std::move(fault)); }
  // The next connections, in order; after them all are served well.
  void plan(ConnectionPlan plan) { connections_.push_back(std::move(plan)); }
  void clear() {
    answers_.clear();
    connections_.clear();
  }

  // The first fault that fits, counted as used.
  std::optional<AnswerFault> take(const ApiRequest& request);
  ConnectionPlan next_connection();

 private:
  std::vector<AnswerFault> answers_;
  std::vector<ConnectionPlan> connections_;
};

}  // namespace sim
