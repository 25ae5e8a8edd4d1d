package jail

import "net/netip"

// Process is a running named.
//
// InJail says that its root directory is the jail, Elsewhere that it is neither
// that nor the host's: a container, or a jail of another kind. Named says that
// its file or its name is named's; else it was only asked for. Program is the file
// that it runs, as the system tells it. Args is its command line without
// argv[0]; Dir its working directory, "" where that cannot be told. Replaced are
// the files that it executes and that have been replaced or removed since it
// started: the program first, then its libraries.
type Process struct {
	PID       int
	InJail    bool
	Elsewhere bool
	Named     bool
	Program   string
	Args      []string
	Dir       string
	Replaced  []string
}

// FileID is the identity of a file: the numbers of its device and inode.
type FileID struct{ Dev, Ino uint64 }

// Identity gives the identity of what Info describes.
func (i Info) Identity() FileID { return FileID{i.Dev, i.Ino} }

// Server is what can be told of a running named: the files that it holds open,
// true for those that it may write, and the addresses where it takes TCP
// connections.
type Server struct {
	Open    map[FileID]bool
	Listens []netip.AddrPort
}
