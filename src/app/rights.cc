#include "app/rights.h"

#include "base/json.h"

namespace app {

class Rights::Review {
 public:
  Review(Rights& owner, kube::Client& client)
      : owner_(owner), get_(client, kube::ApiGet::Fn::bind<&Review::on_answer>(this)) {}

  void start(Right right) {
    right_ = std::move(right);
    kube::ApiRequest request;
    request.method = "POST";
    request.path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    request.content_type = "application/json";
    const std::size_t slash = right_.resource.find('/');
    base::json::Writer w(request.body);
    w.begin_object()
        .field("apiVersion", "authorization.k8s.io/v1")
        .field("kind", "SelfSubjectAccessReview");
    w.key("spec").begin_object().key("resourceAttributes").begin_object();
    w.field("verb", right_.verb).field("group", right_.group);
    w.field("resource", right_.resource.substr(0, slash));
    if (slash != right_.resource.npos) w.field("subresource", right_.resource.substr(slash + 1));
    w.end_object().end_object().end_object();
    get_.start(std::move(request));
  }
  const Right& right() const { return right_; }

 private:
  void on_answer(kube::ApiGet::Outcome outcome) {
    base::json::Document doc;
    bool allowed = false;
    if (const auto root = doc.parse(outcome.body))
      allowed = (*root)["status"]["allowed"].bool_or(false);
    owner_.done(*this, allowed, outcome.failure ? outcome.failure->message : std::string());
  }

  Rights& owner_;
  Right right_;
  kube::ApiGet get_;
};

Rights::Rights(loop::Loop& loop, kube::Client& client) : loop_(loop), client_(client) {
  for (std::size_t i = 0; i < kReviewsAtOnce; ++i)
    reviews_.push_back(std::make_unique<Review>(*this, client_));
}

Rights::~Rights() = default;

std::string Rights::text_of(const Right& right) {
  return right.verb + " " + right.resource + (right.group.empty() ? "" : "." + right.group);
}

void Rights::next(Review& review) {
  if (wanted_.empty() || !problem_.empty()) return;
  ++running_;
  review.start(std::move(wanted_.front()));
  wanted_.pop_front();
}

void Rights::done(Review& review, bool allowed, const std::string& problem) {
  --running_;
  if (problem.empty()) known_[review.right()] = allowed;
  if (problem_.empty()) problem_ = problem;
  next(review);
  if (running_ == 0) loop_.stop();
}

Rights::Answer Rights::of(const std::vector<rbac::Rule>& rules) {
  std::vector<Right> all;
  for (const rbac::Rule& rule : rules)
    for (const std::string& group : rule.groups)
      for (const std::string& resource : rule.resources)
        for (const std::string& verb : rule.verbs)
          all.push_back({verb, group, resource});
  wanted_.clear();
  problem_.clear();
  for (const Right& right : all)
    if (!known_.contains(right)) wanted_.push_back(right);
  for (auto& review : reviews_)
    next(*review);
  if (running_ > 0) loop_.run();
  Answer out;
  out.rights = all.size();
  out.problem = problem_;
  for (const Right& right : all)
    if (const auto found = known_.find(right); found != known_.end() && !found->second)
      out.missing.push_back(text_of(right));
  return out;
}

}  // namespace app
