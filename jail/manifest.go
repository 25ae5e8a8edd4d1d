package jail

import (
	"maps"
	"slices"
	"time"

	"named-jail/rewrite"
)

// Stamp tells whether a file may have changed since it was last read. Units:
// bytes, and nanoseconds since 1970.
type Stamp struct {
	Dev, Ino           uint64
	Size, Mtime, Ctime int64
}

func stampOf(i Info) Stamp { return Stamp{i.Dev, i.Ino, i.Size, i.Mtime, i.Ctime} }

// Entry is what the manifest knows of one file of the jail.
//
// Source is the original's path as the configuration names it, Real its place
// without links. SourceMode holds the original's permission bits, SourceDigest
// and SourceStamp its bytes when they were last taken; Written and Stamp those
// of the jail's file when it was last put there. Linked: our link stands at
// Real. UID, GID and Mode are for a file that the original's place does not
// have yet and that named may make in the jail. Found: the jail had the file
// before anything was put into it, so it is not ours to carry away.
type Entry struct {
	Class        rewrite.Class
	Transfer     rewrite.Transfer
	Source       string
	Real         string
	Linked       bool
	Found        bool
	SourceMode   uint32
	SourceDigest string
	SourceStamp  Stamp
	Written      string
	Stamp        Stamp
	UID          int
	GID          int
	Mode         uint32
}

// Run is one Apply or Rollback that was carried out, or an Apply that was cut
// off and undone. ID names the directory of its backups.
//
// Ops is the number of its changes; for a rollback that of the places that were
// put back. Program is the version that did it. Cut: it was cut off, and a later
// command finished it. Pruned is when backups of it were removed.
type Run struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"` // KindApply, KindRollback, KindUndone
	Time       time.Time `json:"time"`
	Ops        int       `json:"ops"`
	Program    string    `json:"program,omitempty"`
	RolledBack bool      `json:"rolledBack,omitempty"`
	Cut        bool      `json:"cut,omitempty"`
	Pruned     time.Time `json:"pruned,omitzero"`
}

// Manifest is what was put into one jail: by the jail's paths, with the names
// that were given to files of the host, and the runs that did it.
type Manifest struct {
	Version   int                         `json:"version"`
	Jail      string                      `json:"jail"`
	Copy      bool                        `json:"copy,omitempty"` // originals stay, for good
	User      string                      `json:"user,omitempty"` // the account that the jail was made for
	Names     map[string]rewrite.JailPath `json:"-"`
	Entries   map[rewrite.JailPath]*Entry `json:"-"`
	HostLinks map[string]rewrite.JailPath `json:"hostLinks,omitempty"` // by their place on the host
	Runs      []Run                       `json:"runs,omitempty"`

	// Keeps tells what named makes by itself in directories of the jail.
	Keeps map[rewrite.JailPath]Keep `json:"keeps,omitempty"`

	// Added are files of the host that a trace found missing in the jail and that
	// no statement names. They stay wanted, at the same path, until a rollback.
	Added []rewrite.JailPath `json:"added,omitempty"`
}

// Keep is what named makes in a directory of the jail without being told a name:
// keys, zones that were added at run time. Real is the directory of the host
// that they belong to, Patterns (of path.Match) their names.
type Keep struct {
	Real     string   `json:"real"`
	Patterns []string `json:"patterns"`
	UID      int      `json:"uid"`
	GID      int      `json:"gid"`
}

// manifestVersion is raised when older programs would misread the file.
const manifestVersion = 1

func newManifest(jail string) *Manifest {
	return &Manifest{Version: manifestVersion, Jail: jail, Names: map[string]rewrite.JailPath{},
		Entries: map[rewrite.JailPath]*Entry{}, HostLinks: map[string]rewrite.JailPath{},
		Keeps: map[rewrite.JailPath]Keep{}}
}

// clone copies the manifest; entries are shared and replaced, never changed.
func (m *Manifest) clone() *Manifest {
	c := *m
	c.Names, c.Entries, c.HostLinks = maps.Clone(m.Names), maps.Clone(m.Entries), maps.Clone(m.HostLinks)
	c.Keeps = maps.Clone(m.Keeps)
	c.Runs = append([]Run(nil), m.Runs...)
	c.Added = slices.Clone(m.Added)
	return &c
}
