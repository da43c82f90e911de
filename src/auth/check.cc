#include "auth/check.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "cluster/upstream.h"

namespace auth {

namespace {

// Reviews in flight for one check: a graph needs some thirty, of a few milliseconds each, and few
// connections should carry them.
constexpr std::size_t kSideBySide = 4;
constexpr base::Duration kAccessTimeLimit = base::seconds(15);  // one review; a client waits 60 s

std::string body_of(const Access& access) {
  std::string body;
  base::json::Writer w(body);
  w.begin_object().field("apiVersion", "authorization.k8s.io/v1");
  w.field("kind", "SelfSubjectAccessReview").key("spec").begin_object();
  w.key("resourceAttributes").begin_object().field("verb", access.verb);
  w.field_if("group", access.resource.group).field("version", access.resource.version);
  w.field("resource", access.resource.plural).field_if("subresource", access.subresource);
  w.field_if("namespace", access.ns).field_if("name", access.name);
  w.end_object().end_object().end_object();
  return body;
}

}  // namespace

std::string Access::text() const {
  std::string out = verb + " " + resource.plural;
  if (!subresource.empty()) out.append("/").append(subresource);
  if (!resource.group.empty()) out.append(".").append(resource.group);
  if (!ns.empty()) out.append(" in namespace '").append(ns).append("'");
  return out;
}

class Check::Question {
 public:
  Question(Check& owner, kube::Client& client)
      : owner_(owner), get_(client, kube::ApiGet::Fn::bind<&Question::on_answer>(this)) {}
  std::size_t which = 0;  // index into asked_
  void start(kube::ApiRequest request) { get_.start(std::move(request)); }
  void cancel() { get_.cancel(); }

 private:
  void on_answer(const kube::ApiGet::Outcome& outcome) { owner_.on_answer(*this, outcome); }
  Check& owner_;
  kube::ApiGet get_;
};

Check::Check(cluster::Cluster& cluster, Fn fn) : cluster_(cluster), fn_(fn) {}

Check::~Check() = default;

void Check::start(const kube::config::Credentials& credentials, std::vector<Access> asked) {
  CHECK(!asked.empty());
  credentials_ = credentials;
  asked_ = std::move(asked);
  next_ = answered_ = 0;
  while (questions_.size() < kSideBySide)
    questions_.push_back(std::make_unique<Question>(*this, cluster::Upstream::client(cluster_)));
  for (const auto& question : questions_) {
    if (next_ < asked_.size()) ask_next(*question);
  }
}

void Check::ask_next(Question& question) {
  question.which = next_++;
  kube::ApiRequest request;
  request.method = "POST";
  request.path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  request.content_type = "application/json";
  request.body = body_of(asked_[question.which]);
  request.credentials = credentials_;
  request.total_time = kAccessTimeLimit;
  request.idempotent = true;  // a review stores nothing
  question.start(std::move(request));
}

void Check::on_answer(Question& question, const kube::ApiGet::Outcome& outcome) {
  // With our own credentials a 401 says nothing about the caller.
  if (outcome.failure && outcome.failure->says(401) && !credentials_.ours())
    return finish({Said::no, "the caller's token is no longer accepted"});
  if (outcome.failure) return finish({Said::unknown, outcome.failure->message});
  base::json::Document doc;
  const auto review = doc.parse(outcome.body);
  const auto allowed = review ? (*review)["status"]["allowed"].as_bool() : std::nullopt;
  if (!allowed) return finish({Said::unknown, "the API server's access review has no verdict"});
  if (!*allowed)
    return finish({Said::no, "forbidden: the API server does not allow the caller to " +
                                 asked_[question.which].text()});
  if (++answered_ == asked_.size()) return finish({});
  if (next_ < asked_.size()) ask_next(question);
}

void Check::cancel() {
  for (const auto& question : questions_)
    question->cancel();
}

void Check::finish(Outcome outcome) {
  cancel();
  fn_(std::move(outcome));
}

}  // namespace auth
