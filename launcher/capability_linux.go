package launcher

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"
)

// capabilityRow says what a named needs until it has given up root.
//
// Source: BIND 9 bin/named/{os.c,unix/os.c} linux_initialprivs, the same seven
// in all releases that limit themselves; measured on 9.16.50, 9.18.49 and
// 9.20.30, which keep CAP_NET_BIND_SERVICE and CAP_SYS_RESOURCE. A named that
// does not limit itself is root with all rights until its zones are configured:
// it opens files of its account as root.
type capabilityRow struct {
	limits bool // the program limits itself
	kept   []uintptr
}

var ownLimits = []uintptr{unix.CAP_NET_BIND_SERVICE, unix.CAP_SYS_CHROOT, unix.CAP_SETUID, unix.CAP_SETGID,
	unix.CAP_DAC_READ_SEARCH, unix.CAP_SYS_RESOURCE, unix.CAP_CHOWN}

var capabilityRows = []capabilityRow{
	{true, ownLimits},
	{false, append([]uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_FOWNER, unix.CAP_KILL}, ownLimits...)},
}

// capabilityCalls are the calls by which a program limits its capabilities; the
// name of one of them stands in every named that does.
var capabilityCalls = [][]byte{[]byte("cap_set_proc"), []byte("capset")}

// Capabilities is the bounding set that the named of the build needs.
func Capabilities(b Build) []uintptr {
	limits := b.Family == 9 && mentions(b.Path, capabilityCalls)
	for _, r := range capabilityRows {
		if r.limits == limits {
			return r.kept
		}
	}
	return nil
}

// maxProgram bounds what is read of a program, in bytes.
const maxProgram = 256 << 20

// mentions tells whether one of the texts stands in a program. One that cannot
// be read mentions nothing.
func mentions(program string, texts [][]byte) bool {
	info, err := os.Stat(program)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxProgram {
		return false
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return false
	}
	for _, t := range texts {
		if bytes.Contains(data, t) {
			return true
		}
	}
	return false
}
