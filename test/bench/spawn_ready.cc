// Milliseconds from fork to the first 200 of GET /healthz, several times: what a restarting pod
// waits for. Polls without sleeping, so that the figure is the server's and not the poll's. usage:
// spawn-ready RUNS PORT PROGRAM ARGS…      prints the median
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using Clock = std::chrono::steady_clock;

static bool healthy(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<unsigned short>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool ok = connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  if (ok) {
    char request[128], answer[512];
    const int n = snprintf(request, sizeof request,
                           "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", port);
    ok = write(fd, request, static_cast<size_t>(n)) == n;
    const ssize_t got = ok ? read(fd, answer, sizeof answer - 1) : 0;
    ok = got > 12 && memcmp(answer + 9, "200", 3) == 0;
  }
  close(fd);
  return ok;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int runs = atoi(argv[1]), port = atoi(argv[2]);
  std::vector<double> ms;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    const pid_t child = fork();
    if (child == 0) {
      const int null = open("/dev/null", O_RDWR);
      dup2(null, 1);
      dup2(null, 2);
      execv(argv[3], argv + 3);
      _exit(127);
    }
    while (!healthy(port)) {
      if (Clock::now() - start > std::chrono::seconds(20)) return 1;
    }
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  std::sort(ms.begin(), ms.end());
  printf("%.2f\n", ms[ms.size() / 2]);
}
