//go:build linux && (amd64 || arm64)

package launcher

import (
	"fmt"
	"net"
	"strconv"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// room is where a traced named runs: mounts and a network of its own. memory is
// the root directory of its file system in memory.
type room struct{ memory int }

func (r *room) close() { unix.Close(r.memory) }

// noRoom is the remedy where the kernel gives no room.
const noRoom = "The kernel must let root make mounts and networks of its own, with overlayfs (modprobe overlay); in a container give it the capability SYS_ADMIN."

// enterRoom gives the calling thread mounts and a network of its own, which end
// with the last thread in them. At the jail's path lies the jail under a layer
// in memory: it looks as it is, owners and modes too, and nothing that is done
// there reaches the disk.
func enterRoom(jail string) (*room, error) {
	mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(jail))
	if err != nil {
		return nil, cannotTrace(err, "the list of mounts cannot be read", "Mount /proc.")
	}
	for _, m := range mounts {
		if m.Mountpoint != jail {
			return nil, cannotTrace(nil, "something is mounted in the jail, at "+m.Mountpoint,
				"Unmount it first; a trace must not write there: umount "+m.Mountpoint)
		}
	}
	addresses := hostAddresses()
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS | unix.CLONE_NEWNET); err != nil {
		return nil, cannotTrace(err, "making mounts and a network of its own", noRoom)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, cannotTrace(err, "making the mounts its own", noRoom)
	}
	r := &room{memory: -1}
	if err := r.cover(jail); err != nil {
		if r.memory >= 0 {
			r.close()
		}
		return nil, cannotTrace(err, "laying a layer in memory over the jail", noRoom)
	}
	if err := loopback(); err != nil {
		r.close()
		return nil, cannotTrace(err, "bringing up a network of its own", noRoom)
	}
	lend(addresses)
	return r, nil
}

// cover lays the layer over the jail. The directories are named by descriptors:
// a path could hold characters that separate the options.
func (r *room) cover(jail string) error {
	const dir = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	lower, err := unix.Open(jail, dir, 0)
	if err != nil {
		return err
	}
	defer unix.Close(lower)
	var st unix.Stat_t
	var fs unix.Statfs_t
	if err := unix.Fstat(lower, &st); err != nil {
		return err
	}
	if err := unix.Fstatfs(lower, &fs); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", jail, "tmpfs", 0, "mode=0700"); err != nil {
		return err
	}
	if r.memory, err = unix.Open(jail, dir, 0); err != nil {
		return err
	}
	for _, name := range []string{"upper", "work"} {
		if err := unix.Mkdirat(r.memory, name, 0o700); err != nil {
			return err
		}
	}
	upper, err := unix.Openat(r.memory, "upper", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(upper)
	if err := unix.Fchown(upper, int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	if err := unix.Fchmod(upper, st.Mode&0o7777); err != nil {
		return err
	}
	// What the jail's file system does not allow, the layer must not allow.
	flags := uintptr(fs.Flags) & (unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOSUID | unix.MS_RDONLY)
	return unix.Mount("overlay", jail, "overlay", flags,
		fmt.Sprintf("lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d/upper,workdir=/proc/self/fd/%d/work", lower, r.memory, r.memory))
}

// loopback brings the loopback interface up.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	up, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	up.SetUint16(unix.IFF_UP | unix.IFF_LOOPBACK | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, up)
}

// lend gives the loopback interface the addresses that the host has, so that
// named listens on them as it would there. One that it cannot have is
// one that named cannot listen on, which it bears.
func lend(addresses []net.IP) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	for i, ip := range addresses {
		req, err := unix.NewIfreq("lo:" + strconv.Itoa(i+1))
		if err == nil && req.SetInet4Addr(ip) == nil {
			_ = unix.IoctlIfreq(fd, unix.SIOCSIFADDR, req)
		}
	}
}

// hostAddresses are the IPv4 addresses of this machine, but for the first
// loopback address, which every network has.
func hostAddresses() []net.IP {
	var list []net.IP
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if ok && n.IP.To4() != nil && !n.IP.Equal(net.IPv4(127, 0, 0, 1)) {
			list = append(list, n.IP.To4())
		}
	}
	return list
}

// tracedServers reads the kernel's tables of sockets. Only named is in its network,
// so that these are its own.
func tracedServers() []net.TCPAddr {
	var list []net.TCPAddr
	for _, at := range servers("/proc/thread-self/net", nil) {
		list = append(list, *net.TCPAddrFromAddrPort(at))
	}
	return list
}
