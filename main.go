// Command named-jail puts a BIND name server into a chroot jail and starts it
// there, from its own named.conf.
package main

import (
	"os"

	"named-jail/command"
)

func main() { os.Exit(command.Main(os.Args)) }
