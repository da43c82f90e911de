#include "door/door.h"

#include <memory>
#include <utility>

#include "net/tcp_stream.h"

namespace door {

Door::Door(loop::Loop& loop, http::Server& server, unsigned number, Handshakes* tls)
    : loop_(loop),
      server_(server),
      number_(number),
      tls_(tls),
      listener_(loop, net::Listener::AcceptFn::bind<&Door::on_accept>(this)) {
  pause_.fn = base::Delegate<void(bool)>::bind<&Door::pause>(this);
  if (tls_) tls_->attach(pause_);
}

Door::~Door() {
  pause_.unlink();
}

void Door::on_accept(base::Fd fd, const net::Address& peer) {
  net::set_server_options(fd.get());
  if (tls_) return tls_->begin(std::move(fd), peer, number_);
  auto who = address().is_unix() ? net::process_peer(fd.get()) : std::nullopt;
  auto stream = std::make_unique<net::TcpStream>(loop_, std::move(fd));
  if (who) stream->set_identity(std::make_unique<net::PeerIdentity>(*std::move(who)));
  server_.adopt(std::move(stream), net::peer_key(peer), number_);
}

}  // namespace door
