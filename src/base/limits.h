// Limits that more than one file needs, each with its reason. A limit of a single file is in that
// file's header.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace base::limits {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

// Budgets (base/budgets.h): limits on everything together.

// Resident size without a client: the program, OpenSSL's tables, the API's catalog.
constexpr std::size_t kProgramBytes = 12 * kMiB;
// Sent with a refusal for lack of room: a slow reader or a stall recovers, or is cut, soon after.
constexpr Duration kFullRetryAfter = seconds(5);

// HTTP server (bytes of untrusted clients).

// Request line and headers; browsers and proxies stay under 8 KiB.
constexpr std::size_t kHeadBytes = 16 * kKiB;
// As Apache's default; SDKs send about ten.
constexpr std::size_t kHeaderCount = 100;
// No call of ours needs 64 KiB; parsing 4 MiB of escapes takes 25 ms, all in one turn of the loop.
constexpr std::size_t kBodyBytes = kMiB;
// Values in a JSON body: a batch of 100 messages has about 3,000; each look-up walks them.
constexpr std::size_t kBodyValues = 5000;
// Body of a caller whose token is not verified yet: an initialize or a call is a few KiB.
constexpr std::size_t kUnverifiedBodyBytes = 64 * kKiB;
constexpr Duration kHeadTime = seconds(10);   // first byte to whole head: slow-loris bound
constexpr Duration kBodyTime = seconds(60);   // whole head to whole body
constexpr Duration kIdleTime = seconds(120);  // keep-alive; longer than most proxies' 60 s
// A peer that takes no byte for this long is gone.
constexpr Duration kWriteStallTime = seconds(30);
// 10,000 streams, the rest for calls; each costs a descriptor.
constexpr std::size_t kConnections = 12000;
// What one connection may hold before its request is complete: a head in pieces. A memory limit
// divided by this bounds the number of connections.
constexpr std::size_t kConnectionBytes = 16 * kKiB;
constexpr std::size_t kStreamQueueBytes = kMiB;     // per SSE stream
constexpr std::size_t kStreamQueueMessages = 4096;  // per SSE stream

// Kubernetes client (bytes of an API server).

// A head has a few hundred bytes, but an answer may carry fifty Warnings of 10 KiB.
constexpr std::size_t kClientHeadBytes = 640 * kKiB;
constexpr std::size_t kClientBodyBytes = 64 * kMiB;  // one list page of 500 large objects
// etcd stores at most 1.5 MiB an object; JSON escapes may enlarge it.
constexpr std::size_t kWatchFrameBytes = 16 * kMiB;
constexpr int kListPage = 500;  // client-go's page size

// MCP.
constexpr std::size_t kSessions = 1000;          // beyond this, idle sessions are evicted
constexpr Duration kSessionIdle = hours(1);      // without a request or an open stream
constexpr Duration kResumeWindow = seconds(30);  // covers a change of network and a proxy's restart
constexpr std::size_t kSubscriptionsPerSession = 256;
// For each of a caller's 250 sessions its own stream and one of a call.
constexpr std::size_t kStreamsPerCaller = 500;
// In progress; each holds its request and what it reads from the API server.
constexpr std::size_t kCalls = 4096;
constexpr std::size_t kCallsPerCaller = 256;  // several agents with tens of calls; more is a loop
constexpr std::size_t kUriBytes = 2048;

// Pod logs.
constexpr std::size_t kLogLineBytes = kMiB;  // longer lines are cut and marked as cut
// Per podLogs.get or read: what a model can take in; the newest bytes are kept.
constexpr std::size_t kLogReadBytes = kMiB;

}  // namespace base::limits
