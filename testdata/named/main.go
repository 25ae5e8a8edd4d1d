// Command named stands in for BIND's named in the examples of testdata/codes,
// so that they show the same with every BIND, and without one. It tells a
// release and the paths of Debian's package. With -f it runs until it is killed:
// with an address behind that it takes connections there, with -t it goes into the
// jail and looks for /etc/services. With -X its lock fails; else it ends at once.
// Called by the name of rndc it obeys every command but reload.
package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const release = "BIND 9.18.49 (Extended Support Version) <id:0>"

func main() {
	args := append(os.Args[1:], "")
	switch {
	case filepath.Base(os.Args[0]) == "rndc":
		if slices.Contains(args, "reload") {
			fmt.Fprintln(os.Stderr, "rndc: 'reload' failed: out of memory")
			os.Exit(1)
		}
	case args[0] == "-v":
		fmt.Println(release)
	case args[0] == "-V":
		fmt.Println(release + `
running on Linux x86_64
built by make with '--sysconfdir=/etc/bind' '--localstatedir=/' '--libdir=/usr/lib'
default paths:
  named configuration:  /etc/named.conf
  rndc configuration:   /etc/bind/rndc.conf
  DNSSEC root key:      /etc/bind/bind.keys
  nsupdate session key: //run/named/session.key
  named PID file:       //run/named/named.pid
  named lock file:      //run/named/named.lock
  geoip-directory:      /usr/share/GeoIP`)
	case slices.Contains(args, "-X"):
		os.Exit(1)
	case slices.Contains(args, "-f"):
		if at := args[min(slices.Index(args, "-f")+1, len(args)-1)]; strings.Contains(at, ":") {
			if _, err := net.Listen("tcp4", at); err != nil {
				os.Exit(1)
			}
		}
		look(args)
		time.Sleep(time.Hour)
	}
}

// look goes into the jail, where one is given, and looks for a file.
func look(args []string) {
	at := slices.Index(args, "-t")
	if at < 0 {
		return
	}
	if err := syscall.Chroot(args[at+1]); err != nil {
		os.Exit(1)
	}
	_, _ = os.Stat("/etc/services")
}
