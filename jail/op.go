package jail

import (
	"fmt"
	"strconv"

	"named-jail/rewrite"
)

// Op is one change, as the plan shows it.
//
// Op is one of mkdir, write, move, copy, link, mknod, chown, chmod, remove.
// Path is the jail's place as named sees it. From is the original of a move or
// copy, and the place on the host of a link that is put there. Owner and Group
// are names, or numbers where there is no name; Mode is octal ("0511").
type Op struct {
	Op     string           `json:"op"`
	Path   rewrite.JailPath `json:"path"`
	From   string           `json:"from"`
	Owner  string           `json:"owner"`
	Group  string           `json:"group"`
	Mode   string           `json:"mode"`
	Reason string           `json:"reason"`

	step step
}

// Content gives the whole new text of a write, and of a move or copy whose
// bytes are edited; false for all others.
func (o Op) Content() ([]byte, bool) { return o.step.content, o.step.content != nil }

// Before gives what the plan found at the place that changes; Absent when
// nothing is there.
func (o Op) Before() Info { return o.step.before }

// Class is the rule of relocation that the place came in by.
func (o Op) Class() rewrite.Class { return o.step.class }

// OwnerName and GroupName give the names for numbers, the numbers where they
// have none here.
func (p *Plan) OwnerName(uid int) string { return p.ids.ownerName(uid) }

// GroupName is OwnerName for groups.
func (p *Plan) GroupName(gid int) string { return p.ids.groupName(gid) }

// stepKind is what the executor does for an Op.
type stepKind uint8

const (
	stepMkdir  stepKind = iota
	stepData            // put a file at place, from content or from source
	stepLink            // put a symbolic link at place
	stepOwn             // change the owner of place
	stepMode            // change the mode of place
	stepNode            // make a device node at place
	stepRemove          // remove the file at place
	stepNone            // nothing but what original says
)

// step is the inside of an Op: everything that doing and undoing it needs.
type step struct {
	kind     stepKind
	phase    int
	place    string // link-free path on the host of what changes
	before   Info   // what the plan found there
	uid, gid int
	mode     uint32
	class    rewrite.Class
	entry    *Entry // of the manifest, to be completed when the file lies there

	content []byte // nil: the bytes of source
	source  string // link-free path of the original, "" when there is none
	found   Info   // what the plan found at source
	digest  string // of the bytes that place gets; "" until they are read

	original bool // source is replaced by a link to place
	target   string
	rdev     uint64
	char     bool // a character device
	onHost   bool // a stepLink or stepRemove outside the jail
}

// The phases, in the order in which they are done. The bar between the jail
// and the host's links is a sync of everything before it.
const (
	phaseDirectory = iota
	phaseDevice
	phaseData
	phaseJailLink
	phaseInclude
	phaseConfig
	phaseHostLink
	phaseRemove
)

// configPath is where named's configuration lies in every jail.
const configPath rewrite.JailPath = "/etc/named.conf"

// IDs are the numbers, and for display the names, behind rewrite.Principal.
type IDs struct {
	Root, Daemon      int // Daemon is a gid
	UserUID, UserGID  int
	User, Group       string // names of the last two; "" shows the numbers
	RootName, DaeName string // likewise; "" shows "root" and "daemon"
}

// uid gives the owner that a Principal stands for; original is where AsSource
// looks.
func (ids IDs) uid(p rewrite.Principal, original Info) int {
	switch p {
	case rewrite.User:
		return ids.UserUID
	case rewrite.AsSource:
		return original.UID
	}
	return ids.Root
}

// gid is uid for groups.
func (ids IDs) gid(p rewrite.Principal, original Info) int {
	switch p {
	case rewrite.User:
		return ids.UserGID
	case rewrite.Daemon:
		return ids.Daemon
	case rewrite.AsSource:
		return original.GID
	}
	return ids.Root
}

func (ids IDs) ownerName(uid int) string {
	switch {
	case uid == ids.UserUID && ids.User != "":
		return ids.User
	case uid == ids.Root:
		return nonEmpty(ids.RootName, "root")
	}
	return strconv.Itoa(uid)
}

func (ids IDs) groupName(gid int) string {
	switch {
	case gid == ids.UserGID && ids.Group != "":
		return ids.Group
	case gid == ids.Daemon:
		return nonEmpty(ids.DaeName, "daemon")
	case gid == ids.Root:
		return nonEmpty(ids.RootName, "root")
	}
	return strconv.Itoa(gid)
}

func nonEmpty(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

func itoa(n int) string { return strconv.Itoa(n) }

func octal(mode uint32) string { return fmt.Sprintf("%04o", mode) }
