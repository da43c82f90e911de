// Standard input and output may be anything: pipes, sockets, files, /dev/null.
#include "net/pipe_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "loop/loop.h"
#include "support/temp_dir.h"

namespace {

struct NetPipeStream : testing::Test {
  struct Pipe {
    base::Fd read, write;
  };
  static Pipe make_pipe() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    return {base::Fd(fds[0]), base::Fd(fds[1])};
  }
  void open(int in, int out) {
    stream = std::make_unique<net::PipeStream>(loop, in, out);
    stream->set_ready(net::Stream::ReadyFn::bind<&NetPipeStream::on_ready>(this));
  }
  void on_ready(bool readable, bool writable) {
    if (readable) {
      char buffer[1000];
      const net::Io io = stream->read(buffer, sizeof buffer);
      if (io.kind == net::Io::Kind::bytes) got.append(buffer, io.n);
      if (io.kind == net::Io::Kind::eof) eof = true;
      if (io.kind == net::Io::Kind::error) failed = true;
      if (eof || failed) stream->want(false, false);
    }
    writables += writable ? 1 : 0;
  }
  void turns(int n = 5) {
    tick.arm(base::Duration::zero());
    while (n-- > 0) {
      loop.run_once();
      tick.arm(base::Duration::zero());
    }
    tick.cancel();
  }
  net::Io write(std::string_view bytes) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    return stream->write(&piece, 1);
  }
  void nothing() {}

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  loop::Timer tick{loop, "tick", loop::Timer::Fn::bind<&NetPipeStream::nothing>(this)};
  std::unique_ptr<net::PipeStream> stream;
  std::string got;
  bool eof = false, failed = false;
  int writables = 0;
};

TEST_F(NetPipeStream, ReadsAPipeToItsEndAndLeavesItsFlags) {
  Pipe in = make_pipe(), out = make_pipe();
  open(in.read.get(), out.write.get());
  stream->want(true, false);
  turns();
  EXPECT_EQ(got, "");
  ASSERT_EQ(::write(in.write.get(), "hello", 5), 5);
  turns();
  EXPECT_EQ(got, "hello");
  EXPECT_EQ(::fcntl(in.read.get(), F_GETFL) & O_NONBLOCK, 0);
  in.write.reset();
  turns();
  EXPECT_TRUE(eof);
}

TEST_F(NetPipeStream, AFullPipeBlocksNobody) {
  Pipe in = make_pipe(), out = make_pipe();
  open(in.read.get(), out.write.get());
  const std::string bytes(100000, 'x');
  std::size_t written = 0;
  net::Io io{net::Io::Kind::bytes};
  while ((io = write(bytes)).kind == net::Io::Kind::bytes)
    written += io.n;
  EXPECT_EQ(io.kind, net::Io::Kind::would_block);
  EXPECT_GE(written, 4096u);
  stream->want(false, true);
  turns();
  EXPECT_EQ(writables, 0);
  std::string taken(written, '\0');
  ASSERT_EQ(::read(out.read.get(), taken.data(), taken.size()), static_cast<ssize_t>(written));
  turns();
  EXPECT_GT(writables, 0);
}

TEST_F(NetPipeStream, AFileIsAlwaysReady) {
  test::TempDir dir;
  dir.write("in", std::string(2500, 'a'));
  const base::Fd in(::open(dir.path("in").c_str(), O_RDONLY | O_CLOEXEC));
  const base::Fd out(::open(dir.path("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  open(in.get(), out.get());
  stream->want(true, true);
  turns(10);
  EXPECT_EQ(got.size(), 2500u);
  EXPECT_TRUE(eof);
  EXPECT_GT(writables, 0);
  EXPECT_EQ(write(std::string(9000, 'b')).n, 9000u);
  EXPECT_EQ(dir.read("out").size(), 9000u);
}

TEST_F(NetPipeStream, AnEmptyInputEndsAtOnce) {
  const base::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  open(null.get(), null.get());
  stream->want(true, false);
  turns();
  EXPECT_TRUE(eof);
}

TEST_F(NetPipeStream, ASocketMayBeBoth) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  const base::Fd ours(fds[0]);
  base::Fd theirs(fds[1]);
  open(ours.get(), ours.get());
  stream->want(true, false);
  ASSERT_EQ(::write(theirs.get(), "in", 2), 2);
  turns();
  EXPECT_EQ(got, "in");
  EXPECT_EQ(write("out").n, 3u);
  const std::string bytes(1 << 20, 'x');
  while (write(bytes).kind == net::Io::Kind::bytes) {
  }
  EXPECT_EQ(write(bytes).kind, net::Io::Kind::would_block);
  theirs.reset();
  EXPECT_EQ(write(bytes).kind, net::Io::Kind::error);
  EXPECT_FALSE(stream->error().empty());
}

TEST_F(NetPipeStream, AReaderThatIsGoneIsAnError) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe in = make_pipe(), out = make_pipe();
  open(in.read.get(), out.write.get());
  stream->want(true, false);
  out.read.reset();
  EXPECT_EQ(write("x").kind, net::Io::Kind::error);
  turns();
  EXPECT_TRUE(failed) << "whoever reads hears of it, too";
}

TEST_F(NetPipeStream, NothingIsSaidAfterClose) {
  Pipe in = make_pipe(), out = make_pipe();
  open(in.read.get(), out.write.get());
  stream->want(true, true);
  stream->close();
  ASSERT_EQ(::write(in.write.get(), "x", 1), 1);
  turns();
  EXPECT_EQ(got, "");
  EXPECT_EQ(writables, 0);
  EXPECT_EQ(write("x").kind, net::Io::Kind::error);
}

}  // namespace
