// Streams that the process dialled, to a listener of its own.
#pragma once

#include <memory>
#include <vector>

#include "net/dial.h"
#include "net/listener.h"
#include "support/net_support.h"

namespace test {

class Dialled {
 public:
  Dialled(loop::Loop& loop, int streams)
      : loop_(loop),
        resolver_(loop),
        listener_(loop, net::Listener::AcceptFn::bind<&Dialled::on_accept>(this)) {
    CHECK(listener_.listen("127.0.0.1", 0));
    more(streams);
  }
  void more(int streams) {
    while (streams-- > 0) {
      const std::size_t had = streams_.size();
      net::Dial dial(loop_, resolver_, net::Dial::Fn::bind<&Dialled::on_dialled>(this));
      dial.start("127.0.0.1", listener_.address().port(), nullptr);
      CHECK(run_until(loop_, [&] { return streams_.size() > had; }));
    }
  }

 private:
  void on_accept(base::Fd fd, const net::Address&) { accepted_.push_back(std::move(fd)); }
  void on_dialled(base::Result<std::unique_ptr<net::Stream>> stream) {
    streams_.push_back(*std::move(stream));
  }
  loop::Loop& loop_;
  net::Resolver resolver_;
  net::Listener listener_;
  std::vector<base::Fd> accepted_;
  std::vector<std::unique_ptr<net::Stream>> streams_;
};

}  // namespace test
