#!/bin/sh
# Boots this machine's systemd as process 1 of its own namespaces, on a root whose changes go to memory and are forgotten: files as here, no
# network but loopback, no service but the journal. Ends when its first process does. usage: boot.sh DIR      DIR: an empty folder for the root
set -e
root=$1
if [ "${2-}" != inside ]; then exec unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup sh "$0" "$root" inside; fi
mount --make-rprivate /
mount -t tmpfs tmpfs "$root"
mkdir "$root/upper" "$root/work" "$root/all"
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/all"
cd "$root/all"
mount -t proc proc proc
mount --rbind /dev dev
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
mkdir sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
mount -t tmpfs tmpfs run
# Debian empties /tmp when it boots.
mkdir run/tmpfiles.d
ln -s /dev/null run/tmpfiles.d/tmp.conf
ip link set lo up
# What other runs left here; systemd could not move it, because a folder of the lower file system cannot be renamed.
rm -rf var/lib/k0rdent-mcp
# The credentials of a service are mounted where it sees them, which takes a true root and shared mounts.
mkdir -p mnt/old
pivot_root . mnt/old
umount -l /mnt/old
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=sysinit.target --show-status=no
