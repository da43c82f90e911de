// The system calls that the server uses (seccomp.h), and those that end it. Found by tracing the stories of
// test/e2e with strace; those of malloc, abort and the C library's start of a time zone are here, too.
#pragma once

#include <sys/syscall.h>

namespace sandbox {

// The most frequent first: the filter compares in this order on kernels before 5.11, which remember nothing.
constexpr long kAllowed[] = {
// The loop.
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_pwait,
    SYS_read,
    SYS_write,
    SYS_recvfrom,
    SYS_sendto,
    SYS_recvmsg,
    SYS_sendmsg,
    SYS_readv,
    SYS_writev,
    SYS_epoll_ctl,
    SYS_timerfd_settime,
    SYS_clock_gettime,
    SYS_close,
    SYS_accept4,
    SYS_epoll_create1,
    SYS_timerfd_create,
    SYS_signalfd4,
    SYS_pipe2,
    SYS_eventfd2,
    // Sockets; socket() itself is checked by its family.
    SYS_connect,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_getsockname,
    SYS_getpeername,
    SYS_shutdown,
    SYS_bind,
    SYS_listen,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_socketpair,
    SYS_ppoll,
#ifdef SYS_poll
    SYS_poll,
#endif
    // Memory; mmap() and mprotect() are checked.
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    // Files: certificates, tokens, the audit file, the catalog's cache. Landlock says which.
    SYS_openat,
    SYS_newfstatat,
    SYS_fstat,
    SYS_lseek,
    SYS_fcntl,
    SYS_pread64,
    SYS_pwrite64,
    SYS_getdents64,
    SYS_readlinkat,
    SYS_faccessat,
    SYS_renameat,
    SYS_renameat2,
    SYS_unlinkat,
    SYS_fsync,
    SYS_utimensat,
    SYS_fdatasync,
    SYS_ftruncate,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_getcwd,
    SYS_mkdirat,
    SYS_flock,
#ifdef SYS_statx
    SYS_statx,
#endif
#ifdef SYS_open
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_readlink,
    SYS_access,
    SYS_rename,
    SYS_unlink,
    SYS_chmod,
    SYS_mkdir,
#endif
    // The process itself.
    SYS_rt_sigprocmask,
    SYS_rt_sigaction,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_uname,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_yield,
    SYS_futex,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
#ifdef SYS_time
    SYS_time,
#endif
#ifdef SYS_getrlimit
    SYS_getrlimit,
    SYS_setrlimit,
#endif
#ifdef SYS_getcpu
    SYS_getcpu,
#endif
};

constexpr long kFatal[] = {
    // Another program, another process.
    SYS_execve,
    SYS_execveat,
    SYS_clone,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
#ifdef SYS_clone3
    SYS_clone3,
#endif
    // The memory and descriptors of others.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
    // Namespaces and mounts.
    SYS_unshare,
    SYS_setns,
    SYS_chroot,
    SYS_pivot_root,
    SYS_mount,
    SYS_umount2,
#ifdef SYS_move_mount
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsmount,
#endif
    // The kernel.
    SYS_bpf,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_reboot,
    SYS_personality,
// Ways around the filter, and to what others hold.
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
#endif
    SYS_open_by_handle_at,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
};

}  // namespace sandbox
