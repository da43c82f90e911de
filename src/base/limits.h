// Every cap that more than one file needs, with its reason. Caps of one file stand in that file's header.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace base::limits {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

// Budgets (base/budgets.h): what all together may hold.
constexpr std::size_t kProgramBytes = 12 * kMiB;          // resident without a client: the program, OpenSSL's tables, the API's catalog
constexpr Duration kFullRetryAfter = seconds(5);          // said by whoever is full: a slow reader or a stall is over, or cut, soon after

// HTTP server (a stranger's bytes).
constexpr std::size_t kHeadBytes = 16 * kKiB;             // request line and headers; browsers and proxies stay under 8 KiB
constexpr std::size_t kHeaderCount = 100;                 // as Apache's default; SDKs send about ten
constexpr std::size_t kBodyBytes = kMiB;                  // no call of ours needs 64 KiB; 4 MiB of escapes are 25 ms of parsing, in one turn
constexpr std::size_t kBodyValues = 5000;                 // of a JSON body: a batch of 100 messages has some 3,000; each look-up walks them
constexpr std::size_t kUnverifiedBodyBytes = 64 * kKiB;   // of a caller whose token was not checked yet: an initialize or a call is a few KiB
constexpr Duration kHeadTime = seconds(10);               // first byte to whole head: slow-loris bound
constexpr Duration kBodyTime = seconds(60);               // whole head to whole body
constexpr Duration kIdleTime = seconds(120);              // keep-alive without a request; longer than the usual proxy's 60 s
constexpr Duration kWriteStallTime = seconds(30);         // a peer that takes nothing for so long is gone
constexpr std::size_t kConnections = 12000;               // 10,000 streams and room for calls; each costs a descriptor
constexpr std::size_t kConnectionBytes = 16 * kKiB;       // what one may cost before anything is asked: a head in pieces; a memory limit bounds their number by it
constexpr std::size_t kStreamQueueBytes = kMiB;           // of one SSE stream
constexpr std::size_t kStreamQueueMessages = 4096;

// Kubernetes client (an API server's bytes).
constexpr std::size_t kClientHeadBytes = 640 * kKiB;      // a head has some hundred bytes, but an answer may carry fifty Warnings of 10 KiB
constexpr std::size_t kClientBodyBytes = 64 * kMiB;       // one list page of 500 large objects
constexpr std::size_t kWatchFrameBytes = 16 * kMiB;       // etcd holds at most 1.5 MiB an object; JSON escapes may grow it
constexpr int kListPage = 500;                            // client-go's page size

// MCP.
constexpr std::size_t kSessions = 1000;                   // idle ones are evicted beyond this
constexpr Duration kSessionIdle = hours(1);               // without a request or an open stream
constexpr Duration kResumeWindow = seconds(30);           // a laptop changes its network, a proxy restarts
constexpr std::size_t kSubscriptionsPerSession = 256;
constexpr std::size_t kUriBytes = 2048;

// Pod logs.
constexpr std::size_t kLogLineBytes = kMiB;               // longer lines are cut and say so
constexpr std::size_t kLogReadBytes = kMiB;               // of one podLogs.get or read: what a model can take in; newest bytes are kept

}  // namespace base::limits
