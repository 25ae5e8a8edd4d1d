package rewrite

import "io/fs"

// JailPath is an absolute, clean path as named sees it after chroot(2):
// "/zones/master/db.example".
type JailPath string

// Kind is what an entry of the jail is.
type Kind uint8

// The kinds of entries. HostLink is the only one that does not lie in the
// jail: a symbolic link on the host, at Source, to the jail's Path.
const (
	Directory Kind = iota
	File
	Device
	Symlink
	HostLink
)

// Principal is who owns an entry. The numbers behind the names are looked up
// when the plan is made.
type Principal uint8

// Root is uid or gid 0, Daemon the group "daemon", User the account that named
// runs as (as a group: its group), AsSource what the original has.
const (
	Root Principal = iota
	Daemon
	User
	AsSource
)

// Transfer is how a file gets its bytes.
type Transfer uint8

// Make is for what has no bytes (directories, devices, links). Write puts
// Content there. Copy takes the bytes of Source and leaves it. Move takes the
// bytes of Source and leaves a symbolic link in its place; with the --copy
// flag it is a Copy. Adopt changes owner and mode of what lies there already
// and makes nothing.
const (
	Make Transfer = iota
	Write
	Copy
	Move
	Adopt
)

// Class is the rule of relocation that an entry came in by.
type Class uint8

// The classes. The static classes hold what only the administrator changes:
// the host's file replaces the jail's whenever it differs. In the written
// classes the jail's file is the living one, because named writes it: it is
// never overwritten.
const (
	ClassTree      Class = iota // the article's directories
	ClassConfig                 // named.conf and include files
	ClassStatic                 // zone file that named only reads
	ClassSecondary              // zone file that named writes, a copy
	ClassDynamic                // zone file that named writes, by update or signing
	ClassBeside                 // zone file that named reads and writes journals or a signed copy beside
	ClassRead                   // other files that named reads: keys, certificates
	ClassWritten                // other files that named writes
	ClassLibrary                // shared libraries and programs
	ClassDevice                 // device nodes
)

// Living tells whether named writes files of the class, so that the jail's
// copy is the one that counts.
func (c Class) Living() bool {
	return c == ClassSecondary || c == ClassDynamic || c == ClassWritten
}

// Wanted is one entry that the jail must hold: plain data, made by the model
// of the install, compared with the tree by package jail.
//
// Mode holds permission bits (octal, 0 to 0777). StrictMode, unless 0, takes
// the place of Mode, and StrictGroup that of Group, when the original grants
// less to others than Mode does. Content is the whole new text for Write, or
// for a Move or Copy whose bytes had to be edited. Source is the original's
// path on the host, "" when there is none. An Optional entry whose Source is
// missing is no error. Keeps, of a Directory that named writes, are the patterns
// (of path.Match) of files that named makes there without being told a name;
// Source is then the directory of the host that they belong to.
type Wanted struct {
	Path        JailPath
	Kind        Kind
	Class       Class
	Owner       Principal
	Group       Principal
	Mode        fs.FileMode
	StrictGroup Principal
	StrictMode  fs.FileMode
	Transfer    Transfer
	Source      string
	Content     []byte
	Edited      bool
	Optional    bool
	Keeps       []string
	Target      string // of a Symlink, as named sees it
	Major       uint32 // of a Device
	Minor       uint32
	Char        bool // a character Device, else a block one
	Reason      string
}

// sameOrigin tells whether two entries for one place are made of the same file
// of the host, or one of them of none.
func (w Wanted) sameOrigin(other Wanted) bool {
	return w.Source == other.Source || w.Source == "" || other.Source == ""
}
