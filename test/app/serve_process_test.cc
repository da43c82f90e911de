// The program as a process: signals while it starts and in each stage of its end.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/sanitized.h"
#include "support/temp_dir.h"

namespace {

// Beside the tests' own program.
std::string program_path() {
  char self[4096];
  const ssize_t n = ::readlink("/proc/self/exe", self, sizeof self);
  std::string path(self, n > 0 ? static_cast<std::size_t>(n) : 0);
  return path.substr(0, path.rfind('/') + 1) + "k0rdent-mcp";
}

// Takes connections into its backlog and never says anything.
struct MuteServer {
  MuteServer() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd.get(), 64), 0);
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ::ntohs(address.sin_port);
  }
  base::Fd fd;
  int port = 0;
};

class Connection {
 public:
  // Not `must`: it may be refused.
  explicit Connection(int port, bool must = true)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    address.sin_port = ::htons(static_cast<std::uint16_t>(port));
    const int made = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    if (must) {
      EXPECT_EQ(made, 0);
    }
  }
  void send(std::string_view bytes) {
    EXPECT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // As much as the other side takes now.
  void offer(std::string_view bytes) {
    [[maybe_unused]] const ssize_t n =
        ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // Sends it again and again until the other side takes no more.
  void fill(std::string_view bytes) {
    while (::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    }
  }
  // Reads until `part` has come.
  std::string read_to(std::string_view part) {
    std::string out;
    char buffer[4096];
    while (out.find(part) == std::string::npos) {
      const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
      if (n <= 0) break;
      out.append(buffer, static_cast<std::size_t>(n));
    }
    return out;
  }

 private:
  base::Fd fd_;
};

class Program {
 public:
  explicit Program(std::vector<std::string> args) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    err_ = base::Fd(ends[0]);
    const base::Fd theirs(ends[1]);
    args.insert(args.begin(), program_path());
    std::vector<char*> argv;
    for (std::string& each : args)
      argv.push_back(each.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::dup2(theirs.get(), STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ~Program() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }
  void signal(int signo) { ::kill(pid_, signo); }
  // The next line of the log with that message; "" when it ends before.
  std::string line(std::string_view message) {
    const std::string part = "\"msg\":\"" + std::string(message) + "\"";
    for (;;) {
      for (std::size_t end; (end = text_.find('\n')) != std::string::npos;) {
        const std::string one = text_.substr(0, end);
        text_.erase(0, end + 1);
        if (one.find(part) != std::string::npos) return one;
      }
      char buffer[4096];
      const ssize_t n = ::read(err_.get(), buffer, sizeof buffer);
      if (n <= 0) return {};
      text_.append(buffer, static_cast<std::size_t>(n));
    }
  }
  // All that it writes until its end.
  std::string rest() {
    char buffer[4096];
    ssize_t n = 0;
    while ((n = ::read(err_.get(), buffer, sizeof buffer)) > 0)
      text_.append(buffer, static_cast<std::size_t>(n));
    return std::exchange(text_, {});
  }
  bool ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
  }
  // The exit code; -n when signal n killed it.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  base::Fd err_;
  std::string text_;
};

std::string post(std::string_view body, std::string_view session = {}) {
  std::string out =
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Accept: application/json, text/event-stream\r\n";
  if (!session.empty()) out.append("Mcp-Session-Id: ").append(session).append("\r\n");
  return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct ServeProcess : ::testing::Test {
  void SetUp() override {
    if (::access(program_path().c_str(), X_OK) != 0)
      GTEST_SKIP() << "optional: the program is not built beside the tests";
  }
  std::string kubeconfig() const {
    return "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:" + std::to_string(api.port) +
           "'}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
           "current-context: c\nusers: [{name: u, user: {}}]\n";
  }
  std::vector<std::string> args(const std::string& config) const {
    return {"serve", "--listen",     "127.0.0.1:0",  "--kubeconfig",
            config,  "--log-format", "json",         "--drain-timeout",
            "60s",   "--pid-file",   dir.path("pid")};
  }
  void start() {
    program = std::make_unique<Program>(args(dir.write("kubeconfig", kubeconfig())));
    const std::string line = program->line("listening");
    base::json::Document doc;
    const auto root = doc.parse(line);
    ASSERT_TRUE(root.has_value()) << line;
    const std::string address((*root)["address"].str());
    port = std::atoi(address.substr(address.rfind(':') + 1).c_str());
    EXPECT_NE(dir.read("pid"), "");
  }
  std::string session(Connection& connection) const {
    connection.send(post(
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
        R"("capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"));
    const std::string answer = connection.read_to("\"serverInfo\"");
    std::size_t at = answer.find("ession-");
    at = answer.find(": ", at) + 2;
    return answer.substr(at, answer.find('\r', at) - at);
  }
  // What was sent before on other connections was read when this returns.
  void probe() const {
    Connection other(port);
    other.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    EXPECT_NE(other.read_to("\r\n\r\n"), "");
  }

  test::TempDir dir;
  MuteServer api;
  std::unique_ptr<Program> program;
  int port = 0;
};

// Bug: a core would have shown the tokens of all callers.
TEST_F(ServeProcess, LeavesNoCoreUnlessItIsAsked) {
#if K0RDENT_MCP_SANITIZED
  GTEST_SKIP() << "optional: AddressSanitizer turns cores off itself";
#endif
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &before), 0);
  if (before.rlim_max == 0) GTEST_SKIP() << "optional: cores are off for all here";
  const rlimit on{before.rlim_max, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_CORE, &on), 0);
  const auto cores = [&](std::vector<std::string> more) {
    auto all = args(dir.write("kubeconfig", kubeconfig()));
    all.insert(all.end(), more.begin(), more.end());
    program = std::make_unique<Program>(all);
    EXPECT_NE(program->line("listening"), "");
    rlimit theirs{};
    EXPECT_EQ(::prlimit(program->pid(), RLIMIT_CORE, nullptr, &theirs), 0);
    return theirs.rlim_cur;
  };
  EXPECT_EQ(cores({}), 0U);
  program.reset();
  EXPECT_EQ(cores({"--core-dumps", "on"}), before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_CORE, &before), 0);
}

TEST_F(ServeProcess, ASignalWhileItStartsEndsItCleanly) {
  const std::string fifo = dir.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  program = std::make_unique<Program>(args(fifo));
  base::Fd config(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));  // until it reads there
  program->signal(SIGTERM);
  const std::string text = kubeconfig();
  ASSERT_EQ(::write(config.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  config = base::Fd();
  EXPECT_NE(program->line("shutdown: stopped"), "");
  EXPECT_EQ(program->wait(), 0);
  EXPECT_EQ(dir.read("pid"), "");
}

TEST_F(ServeProcess, SighupReadsThePolicyFileAndOpensTheAuditFileAgain) {
  auto all = args(dir.write("kubeconfig", kubeconfig()));
  all.insert(all.end(), {"--allow-writes", "--policy-file", dir.write("p.yaml", "rules: []"),
                         "--audit-file", dir.path("audit.log")});
  program = std::make_unique<Program>(all);
  ASSERT_NE(program->line("listening"), "");
  dir.write("p.yaml", "rules: [{effect: deny}]");
  ASSERT_EQ(::rename(dir.path("audit.log").c_str(), dir.path("old").c_str()), 0);
  program->signal(SIGHUP);
  EXPECT_NE(program->line("the policy changed"), "");
  program->signal(SIGTERM);
  EXPECT_NE(program->line("shutdown: stopped"), "");
  EXPECT_EQ(program->wait(), 0);
  EXPECT_NE(dir.read("old").find("\"seq\":1"), std::string::npos);
  EXPECT_NE(dir.read("audit.log").find("\"seq\":2"), std::string::npos);
}

TEST_F(ServeProcess, AnUnusablePolicyFileStopsTheStart) {
  auto all = args(dir.write("kubeconfig", kubeconfig()));
  all.insert(all.end(), {"--policy-file", dir.write("p.yaml", "rules: [{efect: deny}]")});
  program = std::make_unique<Program>(all);
  EXPECT_NE(program->line("cannot start").find("did you mean effect?"), std::string::npos);
  EXPECT_EQ(program->wait(), 1);
}

TEST_F(ServeProcess, TheUsageOfACommandIsOnLinesOfItsOwn) {
  program = std::make_unique<Program>(std::vector<std::string>{"policy", "test", "--vreb", "get"});
  EXPECT_EQ(program->rest(), "k0rdent-mcp: unknown flag --vreb; did you mean --verb?\n");
  EXPECT_EQ(program->wait(), 2);
  program = std::make_unique<Program>(std::vector<std::string>{"audit"});
  EXPECT_TRUE(program->rest().starts_with(
      "usage: k0rdent-mcp audit verify FILE... [--audit-key-file FILE]\n\n"));
  EXPECT_EQ(program->wait(), 2);
}

TEST_F(ServeProcess, WithNobodyThereItEndsAtOnce) {
  start();
  program->signal(SIGINT);
  EXPECT_NE(program->line("shutdown: stopped"), "");
  EXPECT_EQ(program->wait(), 0);
  EXPECT_EQ(dir.read("pid"), "");
}

TEST_F(ServeProcess, ASecondSignalWhileItDrainsEndsItAtOnceAndTakesThePidFileAlong) {
  for (const int second : {SIGTERM, SIGINT}) {
    start();
    Connection client(port);
    const std::string id = session(client);
    client.send(post(R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":)"
                     R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}}})",
                     id));
    probe();
    program->signal(SIGTERM);
    EXPECT_NE(program->line("shutdown: draining").find("\"calls\":1"), std::string::npos);
    program->signal(second);
    EXPECT_EQ(program->wait(), 128 + second);
    EXPECT_EQ(dir.read("pid"), "");
  }
}

TEST_F(ServeProcess, ASecondSignalWhileItClosesEndsItAtOnce) {
  start();
  Connection client(port);
  const std::string id = session(client);
  // A client that asks and asks and reads nothing: its answers keep the server from closing.
  client.fill(post(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", id));
  probe();
  program->signal(SIGTERM);
  EXPECT_NE(program->line("shutdown: closing"), "");
  program->signal(SIGTERM);
  EXPECT_EQ(program->wait(), 128 + SIGTERM);
  EXPECT_EQ(dir.read("pid"), "");
}

// Bug: it ended without a word.
TEST_F(ServeProcess, WithoutMemoryItSaysWhatItHoldsAndEnds) {
#if K0RDENT_MCP_SANITIZED
  GTEST_SKIP() << "optional: AddressSanitizer has its own end";
#endif
  start();
  {
    std::ifstream statm("/proc/" + std::to_string(program->pid()) + "/statm");
    rlim_t pages = 0;
    statm >> pages;
    const rlim_t bytes = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
    // What its first requests need, and nothing for what they hold.
    const rlim_t enough = bytes + rlim_t{8} * 1024 * 1024;
    const rlimit none_more{enough, enough};
    ASSERT_EQ(::prlimit(program->pid(), RLIMIT_AS, &none_more, nullptr), 0);
  }
  // Bodies that do not end: each is kept.
  std::string most = post(std::string(60'000, 'x'));
  most.pop_back();
  std::vector<std::unique_ptr<Connection>> many;
  Connection health(port);
  for (int i = 0; i < 2000 && !program->ended(); ++i) {
    many.push_back(std::make_unique<Connection>(port, false));
    many.back()->offer(most);
    // What came before was read when this is answered.
    health.offer("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    if (health.read_to("\r\n\r\n").empty()) break;
  }
  program->signal(SIGTERM);  // it is gone, or this would wait for ever
  program->signal(SIGINT);
  const std::string line = program->line("out of memory");
  base::json::Document doc;
  const auto root = doc.parse(line);
  ASSERT_TRUE(root.has_value()) << line;
  EXPECT_EQ((*root)["level"].str(), "ERROR");
  EXPECT_GT((*root)["asked_bytes"].int_or(0), 0);
  EXPECT_GT((*root)["resident_bytes"].int_or(0), 1 << 20);
  EXPECT_GT((*root)["held_bodies"].int_or(0), 0) << line;
  EXPECT_GE((*root)["held_memory"].int_or(0), (*root)["held_bodies"].int_or(0));
  EXPECT_GE((*root)["held_descriptors"].int_or(0), 1);
  EXPECT_EQ(program->wait(), 3);
}

}  // namespace
