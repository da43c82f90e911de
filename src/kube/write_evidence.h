// Decides from the object, as it is now, whether a write whose answer was lost was executed. Pure.
//
//   evidence     for "made"                            for "not made"
//   content      the object is as it was to be         -
//   owner        as content, and managedFields have    managedFields lack our manager's entry,
//                our manager's entry with these fields or it is the one from before
//   deletion     gone, of another uid, or being        not being deleted, and the uid is the
//                deleted                               same
//   version      -                                     the resourceVersion is that from before
//   generation   -                                     metadata.generation is that from before, and
//                                                      the write changes more than metadata
//   superseded   -                                     another write came between, so the API server
//                                                      refuses this one by its precondition
//   absent       -                                     no such object
//
// managedFields are compared with those of WriteSpec::before. Their times have seconds, so an entry
// counts as unchanged also when its manager wrote the same fields twice within one second.
#pragma once

#include <string>

#include "base/json.h"
#include "kube/write_call.h"

namespace kube {

struct Finding {
  enum class Verdict : unsigned char { made, not_made, unclear };
  Verdict verdict = Verdict::unclear;
  WriteEvidence evidence = WriteEvidence::none;
  std::string why;  // a clause: "the object does not exist"
  // The write may still be executed, so a later look can find something else.
  bool may_come = true;
  WriteOutcome::Result result = WriteOutcome::Result::changed;  // for made
  bool same_object = true;  // false: `live` is not the object that was written
};

// `live`: the object (of a subresource: its representation), absent after a 404.
Finding judge_write(const WriteSpec& spec, base::json::Value live);

}  // namespace kube
