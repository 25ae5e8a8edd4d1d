// Command named-jail puts a BIND name server into a chroot jail and starts it
// there, from its own named.conf.
package main

import (
	"os"
	"runtime/debug"

	"named-jail/command"
)

// heapGrowth is by how much the heap may grow between two collections, in
// percent. Half of Go's default: a configuration of 100,000 zones is to take
// less than half of named-checkconf's memory.
const heapGrowth = 50

func main() {
	debug.SetGCPercent(heapGrowth)
	os.Exit(command.Main(os.Args))
}
