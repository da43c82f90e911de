// Listeners on Unix sockets, and on sockets that another process made.
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/clock.h"
#include "loop/loop.h"
#include "net/listener.h"
#include "support/temp_dir.h"

namespace {

using base::Errc;

struct UnixListener : testing::Test {
  test::TempDir dir;
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  int accepted = 0;
  std::unique_ptr<net::Listener> listener = make();

  std::unique_ptr<net::Listener> make() {
    return std::make_unique<net::Listener>(
        loop, net::Listener::AcceptFn::bind<&UnixListener::on_accept>(this));
  }
  void on_accept(base::Fd fd, const net::Address& peer) {
    ++accepted;
    EXPECT_TRUE(peer.is_unix());
    EXPECT_TRUE(peer.is_loopback());
    EXPECT_EQ(net::peer_key(peer), "");
    const auto who = net::process_peer(fd.get());
    ASSERT_TRUE(who.has_value());
    EXPECT_EQ(who->id, "unix:" + std::to_string(::getuid()));
    EXPECT_EQ(who->by, net::PeerIdentity::By::process);
  }
  base::Fd connect(const std::string& path) {
    base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fd.reset();
    return fd;
  }
  unsigned mode_of(const std::string& path) {
    struct stat file {};
    return ::lstat(path.c_str(), &file) == 0 ? file.st_mode & 07777 : 0;
  }
};

TEST_F(UnixListener, AcceptsPeersWhoseUserTheKernelNames) {
  ASSERT_TRUE(listener->listen_unix({dir.path("s")}));
  EXPECT_EQ(listener->address().text(), "unix:" + dir.path("s"));
  const base::Fd peer = connect(dir.path("s"));
  ASSERT_TRUE(peer);
  loop.run_once();
  EXPECT_EQ(accepted, 1);
}

TEST_F(UnixListener, ItsFileHasTheModeWhateverTheUmaskIs) {
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(listener->listen_unix({dir.path("s"), 0666}));
  EXPECT_EQ(mode_of(dir.path("s")), 0666u);
  EXPECT_EQ(::umask(before), 0077u) << "it is as it was";
}

TEST_F(UnixListener, ItsFileHasTheOwner) {
  net::UnixSocket socket{dir.path("s")};
  socket.owner = ::getuid();
  socket.group = ::getgid();
  EXPECT_TRUE(listener->listen_unix(socket));
  if (::getuid() == 0) return;  // root may give it away
  listener->stop();
  socket.owner = 0;
  EXPECT_FALSE(listener->listen_unix(socket));
  EXPECT_EQ(mode_of(dir.path("s")), 0u) << "nothing is left";
}

TEST_F(UnixListener, TheFileGoesWithIt) {
  ASSERT_TRUE(listener->listen_unix({dir.path("s")}));
  listener->stop();
  EXPECT_EQ(mode_of(dir.path("s")), 0u);
}

TEST_F(UnixListener, AnotherServersFileStays) {
  ASSERT_TRUE(listener->listen_unix({dir.path("s")}));
  ASSERT_EQ(::rename(dir.path("s").c_str(), dir.path("mine").c_str()), 0);
  auto other = make();
  ASSERT_TRUE(other->listen_unix({dir.path("s")}));
  listener->stop();
  EXPECT_TRUE(connect(dir.path("s")));
}

TEST_F(UnixListener, AStaleFileIsReplaced) {
  ASSERT_TRUE(listener->listen_unix({dir.path("s")}));
  // As after a crash: the socket is gone, its file is there.
  ASSERT_EQ(::link(dir.path("s").c_str(), dir.path("kept").c_str()), 0);
  listener->stop();
  ASSERT_EQ(::rename(dir.path("kept").c_str(), dir.path("s").c_str()), 0);
  auto again = make();
  const auto ok = again->listen_unix({dir.path("s")});
  ASSERT_TRUE(ok) << ok.error().what();
  EXPECT_TRUE(connect(dir.path("s")));
}

TEST_F(UnixListener, AServerThatAnswersKeepsItsSocket) {
  ASSERT_TRUE(listener->listen_unix({dir.path("s")}));
  auto second = make();
  const auto refused = second->listen_unix({dir.path("s")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::conflict);
  EXPECT_NE(refused.error().what().find("a server listens there"), std::string::npos);
  second->stop();
  EXPECT_TRUE(connect(dir.path("s")));
}

TEST_F(UnixListener, AFileThatIsNoSocketIsNeverRemoved) {
  dir.write("s", "text");
  const auto refused = listener->listen_unix({dir.path("s")});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what().find("no socket"), std::string::npos) << refused.error().what();
  EXPECT_EQ(dir.read("s"), "text");
  // A link to a live socket is no socket either: what it names could be replaced later.
  auto other = make();
  ASSERT_TRUE(other->listen_unix({dir.path("t")}));
  ASSERT_EQ(::symlink(dir.path("t").c_str(), dir.path("link").c_str()), 0);
  EXPECT_FALSE(listener->listen_unix({dir.path("link")}));
}

TEST_F(UnixListener, APathThatIsTooLongIsSaid) {
  const auto refused = listener->listen_unix({"/" + std::string(107, 'x')});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::invalid_argument);
}

TEST_F(UnixListener, AtItsEndItAcceptsWhatWaits) {
  ASSERT_TRUE(listener->listen_unix({dir.path("s")}));
  listener->pause(true);
  std::vector<base::Fd> peers;
  for (int i = 0; i < 2 * net::kAcceptBatch; ++i)
    peers.push_back(connect(dir.path("s")));
  EXPECT_EQ(accepted, 0);
  listener->finish();
  EXPECT_EQ(accepted, 2 * net::kAcceptBatch);
  EXPECT_FALSE(listener->listening());
  EXPECT_FALSE(connect(dir.path("s")));
}

TEST_F(UnixListener, WhatWaitsAtAPassedSocketIsLeftToItsNextServer) {
  base::Fd passed(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  dir.path("p").copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(::bind(passed.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(passed.get(), 8), 0);
  ASSERT_TRUE(listener->adopt(base::Fd(::dup(passed.get()))));
  const base::Fd peer = connect(dir.path("p"));
  listener->finish();
  EXPECT_EQ(accepted, 0);
  listener = make();
  ASSERT_TRUE(listener->adopt(std::move(passed)));
  loop.run_once();
  EXPECT_EQ(accepted, 1) << "by the next one";
}

TEST_F(UnixListener, APassedSocketServesAndItsFileStays) {
  auto maker = make();
  ASSERT_TRUE(maker->listen_unix({dir.path("s")}));
  base::Fd passed(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  dir.path("p").copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(::bind(passed.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  EXPECT_FALSE(listener->adopt(base::Fd(::dup(passed.get())))) << "it does not listen";
  ASSERT_EQ(::listen(passed.get(), 1), 0);
  ASSERT_TRUE(listener->adopt(std::move(passed)));
  const base::Fd peer = connect(dir.path("p"));
  ASSERT_TRUE(peer);
  loop.run_once();
  EXPECT_EQ(accepted, 1);
  listener->stop();
  EXPECT_NE(mode_of(dir.path("p")), 0u);
  EXPECT_FALSE(listener->adopt(base::Fd(::socket(AF_UNIX, SOCK_DGRAM, 0))));
}

}  // namespace
