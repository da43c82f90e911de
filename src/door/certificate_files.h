// CertificateFiles: the TLS context of the listeners, made from files that others rotate. They are
// looked at every kCertificateCheck and at reload(), by content: a mounted Secret swaps a symbolic
// link two directories up. A new pair is in use from the next handshake on; connections that are
// open keep the old one. A pair that cannot be used (a key that does not match yet, half a file)
// changes nothing, and a WARN says once what is wrong; nor does one that is not valid now while the old
// one is: it is used when it is valid, or the old one no more. So it is with the authorities of clients'
// certificates, on their own; but a connection whose certificate former ones have signed must not
// outlive them: when_new_ca(). A pair whose end is near, or over, is named in a WARN once a day.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "base/delegate.h"
#include "base/watched_file.h"
#include "loop/loop.h"
#include "net/tls.h"

namespace door {

// A certificate is renewed days before its end; a tester should not wait.
constexpr base::Duration kCertificateCheck = base::seconds(10);
// A certificate's end is near in the last tenth of its life, from this at most: who renews them does so
// at a third of it.
constexpr base::Duration kCertificateEnd = base::hours(7 * 24);
constexpr base::Duration kSayEnd = base::hours(24);

struct CertificateFileNames {
  std::string cert, key;  // PEM: the chain, leaf first; the key, not encrypted
  std::string client_ca;  // if set, clients must show a certificate that one of these has signed
  net::UserField user = net::UserField::common_name;
};

class CertificateFiles {
 public:
  // `loop` must outlive this.
  CertificateFiles(loop::Loop& loop, const CertificateFileNames& names);

  // The first reading. Errors name the file or the part at fault.
  base::Result<void> load();
  // Called after other authorities came into use: the connections that showed a certificate to the
  // former ones, and handshakes that are under way, are to end.
  void when_new_ca(base::Delegate<void()> fn) { new_ca_fn_ = fn; }
  void reload() { look(); }
  void stop() { timer_.cancel(); }
  // Requires: load() succeeded. Another one after any other call.
  net::TlsContext& context() const { return *context_; }

 private:
  void on_time();
  void look();
  void say_end();
  struct Contents {
    std::string cert, key, client_ca;
  };
  Contents newest() const;
  base::Result<void> make(const Contents& from);
  void make_in_part();
  std::int64_t wall_seconds() const;

  loop::Loop& loop_;
  base::WatchedFile cert_, key_, client_ca_;
  const net::UserField user_;
  Contents in_use_;
  base::Delegate<void()> new_ca_fn_;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  std::int64_t try_again_ = kNever;  // when a pair that was not valid may be used: Unix time, s
  std::string problem_;              // why the files' newest content is not in use; "": it is
  std::unique_ptr<net::TlsContext> context_;
  base::TimePoint said_end_{};  // the last WARN about the pair's end; and what it said
  enum class End : unsigned char { far, near, over } end_ = End::far;
  loop::Timer timer_;
};

}  // namespace door
