// Answers that are one whole body, made from the store by plain functions: get, list, writes,
// discovery.
#pragma once

#include <string>
#include <string_view>

#include "sim/request.h"
#include "sim/status.h"
#include "sim/store.h"

namespace sim {

struct Answer {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
  std::string extra = {};  // header lines, each with CRLF
  base::Duration delay{};  // before it is sent
};

Answer refuse(const Status& status);

// "/version", "/readyz", "/livez", "/healthz": for everybody. False: none of them.
bool answer_public(const ApiRequest& request, Answer& answer);
// /api, /apis, /api/v1, /apis/G, /apis/G/V. `reviews`: authentication.k8s.io is served.
Answer answer_discovery(const Store& store, const ApiRequest& request, bool reviews);
Answer answer_review(const User& user);
// A SelfSubjectAccessReview: may this user do what the body asks about?
Answer answer_access_review(const ApiRequest& request);

// Reduces a good answer to a get or list that asks for PartialObjectMetadata(List) to the metadata.
void leave_metadata(const ApiRequest& request, Answer& answer);
Answer answer_get(Store& store, View view, const ApiRequest& request);
// limit and continue, resourceVersion and resourceVersionMatch, selectors
// (Kubernetes API concepts).
Answer answer_list(Store& store, View view, const ApiRequest& request);
// create, update, patch (merge, and server-side apply), delete; /status, and /scale, which can be
// got, too. See write_job.h.
class Admissions;
Answer answer_write(Store& store, View view, const ApiRequest& request, Admissions& admissions);
// "Audit-Id: …", with its line end.
std::string audit_header(const ApiRequest& request);

// The text of unknown paths.
Answer page_not_found();

}  // namespace sim
