// What a test puts before the store as admission webhooks and validation do: it refuses writes, or
// warns.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sim/request.h"
#include "sim/status.h"

namespace sim {

struct AdmissionReview {
  const ApiRequest& request;
  const Type& type;
  base::json::Value before, after;  // absent: none; after: as it would be stored
  bool dry_run = false;
  std::vector<std::string>* warnings = nullptr;  // what `decide` appends becomes Warning headers
};

struct Admission {
  std::string verb = {};      // "create", "update" (also of patches and applies), "delete"; "": any
  std::string resource = {};  // plural; "": any
  // The refusal; nullopt: admitted. Unset: admits all.
  std::function<std::optional<Status>(const AdmissionReview&)> decide = {};
  std::vector<std::string> warnings = {};  // Warning headers of the answer, also of a refusal
  int count = -1;                          // so many reviews, then it is gone; -1: all
};

class Admissions {
 public:
  void add(Admission one) { list_.push_back(std::move(one)); }
  void clear() { list_.clear(); }
  // In order, until one refuses. `extra`: gets header lines.
  std::optional<Status> review(AdmissionReview what, std::string& extra);

 private:
  std::vector<Admission> list_;
};

// `admission webhook "NAME" denied the request: MESSAGE`, with the code that the webhook gave.
Status webhook_denied(std::string_view name, std::string_view message, int code = 403,
                      std::string_view reason = "Forbidden");
// 500: the webhook cannot be reached.
Status webhook_failed(std::string_view name, std::string_view why);
// Refuses with 422 each update of `resource` that changes `path` ("spec.provider.name"): a
// validation rule of a CRD.
Admission immutable_field(std::string resource, std::string path,
                          std::string message = "Value is immutable");

// k0rdent's: refuses a ClusterDeployment's change to a template that its status.availableUpgrades
// does not name.
Admission upgrade_path();

}  // namespace sim
