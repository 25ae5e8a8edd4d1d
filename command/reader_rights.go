package command

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// ownID is added to the number of the reader's process: the sum is its user and its
// group. No account has it, so that no process of another user, of named least of
// all, may trace the reader, stop it, or send it signals.
//
// Source: systemd, docs/UIDS-GIDS.md: nothing is given numbers between 0x70000000
// and 0x7fffffff.
const ownID = 0x70000000

// nobodyID is for a system that does not have such numbers, as in a container.
const nobodyID = 65534

// giveUp takes from this process what it can do beyond reading what it is given, and
// looks whether it is gone. The result says what is gone. Errors: rights that this process
// must not keep and cannot give up.
func giveUp() (string, error) {
	// The names of services are read once in the life of a process: now.
	_, _ = net.LookupPort("tcp", "domain")
	if err := confineRoot(); err != nil {
		return "", err
	}
	id := ownID + os.Getpid()&0x0fffffff
	if err := become(id); err != nil {
		id = nobodyID
		if err = become(id); err != nil {
			return "", fmt.Errorf("the system does not let it become another user: %w", err)
		}
	}
	if syscall.Setuid(0) == nil || syscall.Setgid(0) == nil {
		return "", errors.New("it can become root again")
	}
	rest, err := confine()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("user %d, %s", id, rest), nil
}

// become takes on a user and group, without others.
func become(id int) error {
	if err := syscall.Setgroups([]int{}); err != nil {
		if groups, no := syscall.Getgroups(); no != nil || len(groups) > 0 {
			return err
		}
	}
	if err := syscall.Setgid(id); err != nil {
		return err
	}
	if err := syscall.Setuid(id); err != nil {
		return err
	}
	groups, err := syscall.Getgroups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g != id {
			return errors.New("it keeps other groups")
		}
	}
	if syscall.Getuid() != id || syscall.Geteuid() != id || syscall.Getgid() != id || syscall.Getegid() != id {
		return errors.New("it is still another user")
	}
	return nil
}
