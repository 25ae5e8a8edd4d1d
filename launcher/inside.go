package launcher

// Window is a directory of the host that named is to see in its jail: Dir, a
// path of the host, is bound on Point, a directory of the jail. Of its sockets,
// FIFOs and directories only Name is seen.
type Window struct {
	Dir   string
	Point string // absolute, as named sees it
	Name  string
}

// Inside is what named finds in its jail beside the jail's own files, and what
// it may do there. It is made in a mount namespace that named alone is in: the
// host's mounts are not touched, and the kernel drops all of it when the last
// process of named's has ended.
//
// Jail is the jail's path without links. Isolation is nil where named is not
// isolated.
type Inside struct {
	Jail    string
	Program string // named's, whose file system stays
	Windows []Window
	*Isolation
}

// Isolation is what --isolate asks for.
//
// Written are the directories that named may write, as it sees them; everything
// else in the jail is read-only. Modules says that named maps code in the jail,
// which a mount without execution would forbid. Devices are directories whose
// device nodes must work. Capabilities is the bounding set that is left.
type Isolation struct {
	Written      []string
	Devices      []string
	Modules      bool
	Capabilities []uintptr
}

// Missed is a window that could not be opened, and why.
type Missed struct {
	Window
	Err error
}
