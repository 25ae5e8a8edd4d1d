// Command named stands in for BIND's named in the examples of testdata/codes,
// so that they show the same with every BIND, and without one. It tells a
// release and the paths of Debian's package. With -f it runs until it is killed,
// else it ends at once.
package main

import (
	"fmt"
	"os"
	"slices"
	"time"
)

const release = "BIND 9.18.49 (Extended Support Version) <id:0>"

func main() {
	args := append(os.Args[1:], "")
	switch {
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
	case slices.Contains(args, "-f"):
		time.Sleep(time.Hour)
	}
}
