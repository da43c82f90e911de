// Doors: the listeners of --listen and --ops-listen.
#pragma once

#include <memory>
#include <vector>

#include "app/listen.h"
#include "app/settings.h"
#include "door/door.h"
#include "http/server.h"
#include "loop/loop.h"

namespace app {

// Request::door on the listener of --ops-listen.
constexpr unsigned kOpsDoor = 0xFFFF;

class Doors {
 public:
  struct Parts {
    loop::Loop& loop;
    const Settings& settings;
    http::Server& server;
    http::Server* ops;  // the server of --ops-listen; nullptr without that flag
    base::Budgets& budgets;
  };
  // All must outlive this.
  explicit Doors(const Parts& parts);

  // Opens all, in the order of the flags; after an error, none. Passed sockets that no flag names
  // are closed.
  base::Result<void> open();
  // The main listeners accept what waits, then nothing any more; that of --ops-listen goes on, and
  // so do the handshakes under way.
  void finish();
  void end_handshakes();
  std::size_t handshakes() const { return tls_ ? tls_->under_way() : 0; }
  void stop_ops() { ops_door_.reset(); }
  // SIGHUP: looks at the certificate's files now.
  void reload() {
    if (files_) files_->reload();
  }
  // For a process that exits at once: removes the files that would outlive it.
  void abandon();

  std::size_t size() const { return open_.size(); }
  // Requires: `door` < size().
  const Listen& listen(unsigned door) const { return open_[door].listen; }
  const net::Address& address(unsigned door) const { return open_[door].door->address(); }
  const door::Door* ops() const { return ops_door_.get(); }
  const door::Handshakes* tls() const { return tls_.get(); }  // nullptr: no certificate

 private:
  struct Open {
    Listen listen;  // of a passed socket: what it is
    std::unique_ptr<door::Door> door;
  };
  struct Passed {
    base::Fd fd;
    std::string name;
  };
  std::unique_ptr<door::Door> make(const Listen& listen);
  base::Result<void> open_one(const Listen& listen);
  base::Result<void> open_passed(const Listen& listen);
  base::Result<void> adopt(const Listen& listen, Passed passed);
  base::Result<void> open_ops();
  void on_new_client_ca();

  loop::Loop& loop_;
  const Settings& settings_;
  http::Server& server_;
  http::Server* ops_server_;
  std::vector<Passed> passed_;
  std::unique_ptr<door::CertificateFiles> files_;
  std::unique_ptr<door::Handshakes> tls_;
  std::vector<Open> open_;
  std::unique_ptr<door::Door> ops_door_;
};

}  // namespace app
