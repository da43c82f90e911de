// Rights: which rules of RBAC an identity has, in all namespaces, asked of the API server by
// SelfSubjectAccessReviews, some at a time, each right once.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kube/client.h"
#include "loop/loop.h"
#include "rbac/preset.h"

namespace app {

// At once: a far API server answers in tenths of a second, and a preset has some hundred rights.
constexpr std::size_t kReviewsAtOnce = 8;

class Rights {
 public:
  // Both must outlive this.
  Rights(loop::Loop& loop, kube::Client& client);
  ~Rights();

  struct Answer {
    std::vector<std::string>
        missing;  // "list pods", "create clusterdeployments.k0rdent.mirantis.com"
    std::size_t rights = 0;
    std::string problem;  // why it could not be asked; "": it was
  };
  // Runs the loop until all is known.
  Answer of(const std::vector<rbac::Rule>& rules);

 private:
  struct Right {
    std::string verb, group, resource;
    auto operator<=>(const Right&) const = default;
  };
  class Review;
  static std::string text_of(const Right& right);
  void next(Review& review);
  void done(Review& review, bool allowed, const std::string& problem);

  loop::Loop& loop_;
  kube::Client& client_;
  std::map<Right, bool> known_;
  std::deque<Right> wanted_;
  std::size_t running_ = 0;
  std::string problem_;
  std::vector<std::unique_ptr<Review>> reviews_;
};

}  // namespace app
