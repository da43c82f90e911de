// WriteJob: one write to one object: what is before, who writes, and the rules that hold for every
// verb: status and generation, what clients cannot change, admission, dry runs, writes that change
// nothing.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "sim/admission.h"
#include "sim/answer.h"
#include "sim/managers.h"

namespace sim {

class WriteJob {
 public:
  // All must outlive it.
  WriteJob(Store& store, View view, const ApiRequest& request, Admissions& admissions);

  Store& store;
  const View view;
  const ApiRequest& request;
  Admissions& admissions;
  std::string name;             // "" until a create has one
  const Object* old = nullptr;  // nullptr: there is none
  base::json::Value before;     // `old`, without kind and apiVersion

  bool dry_run = false;

  const Type& type() const { return view.type(); }
  Writing writing(const char* operation) const;
  // 409 when metadata of a body has another resourceVersion than the object, 422 for another uid.
  std::optional<Answer> precondition(base::json::Value body) const;
  std::optional<Answer> missing_namespace() const;
  // `next` with what the request cannot change as it was, without managers.
  std::string settled(base::json::Value next) const;
  // Stores what a write makes of the object, unless it is only tried; `next` is without managers.
  // An object that only its finalizers held goes with the last of them.
  Answer commit(int code, base::json::Value next, const Managers& managers) const;

 private:
  std::int64_t generation(base::json::Value next) const;

  base::json::Document doc_;
};

bool has_status(const Type& type);
bool has_generation(const Type& type);
bool has_scale(const Type& type);

// create, update and patch of the object itself and of /status; see subresource for /scale.
Answer answer_apply(WriteJob& job, base::json::Value body);
Answer answer_delete(WriteJob& job);
// GET, PUT and merge patch of /scale.
Answer answer_scale(WriteJob& job);

// RFC 7386.
std::string merged(base::json::Value target, base::json::Value patch);
// Up to the ';'.
std::string_view media_type(const ApiRequest& request);

}  // namespace sim
