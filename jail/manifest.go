package jail

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
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

// MarshalText writes the five numbers with dots between them; a manifest of
// 20,000 zones has to be read fast. Errors: never.
func (s Stamp) MarshalText() ([]byte, error) {
	if s == (Stamp{}) {
		return nil, nil
	}
	b := make([]byte, 0, 80)
	b = strconv.AppendUint(b, s.Dev, 10)
	b = strconv.AppendUint(append(b, '.'), s.Ino, 10)
	for _, n := range []int64{s.Size, s.Mtime, s.Ctime} {
		b = strconv.AppendInt(append(b, '.'), n, 10)
	}
	return b, nil
}

// UnmarshalText reads what MarshalText wrote. Errors: any other text.
func (s *Stamp) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = Stamp{}
		return nil
	}
	parts := strings.Split(string(text), ".")
	if len(parts) != 5 {
		return fmt.Errorf("the stamp %q does not have five numbers", text)
	}
	var err error
	if s.Dev, err = strconv.ParseUint(parts[0], 10, 64); err != nil {
		return err
	}
	if s.Ino, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
		return err
	}
	for i, to := range []*int64{&s.Size, &s.Mtime, &s.Ctime} {
		if *to, err = strconv.ParseInt(parts[2+i], 10, 64); err != nil {
			return err
		}
	}
	return nil
}

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
	Class        rewrite.Class    `json:"class"`
	Transfer     rewrite.Transfer `json:"transfer"`
	Source       string           `json:"source,omitempty"`
	Real         string           `json:"real,omitempty"`
	Linked       bool             `json:"linked,omitempty"`
	Found        bool             `json:"found,omitempty"`
	SourceMode   uint32           `json:"sourceMode,omitempty"`
	SourceDigest string           `json:"sourceDigest,omitempty"`
	SourceStamp  Stamp            `json:"sourceStamp,omitzero"`
	Written      string           `json:"written,omitempty"`
	Stamp        Stamp            `json:"stamp,omitzero"`
	UID          int              `json:"uid,omitempty"`
	GID          int              `json:"gid,omitempty"`
	Mode         uint32           `json:"mode,omitempty"`
}

// Run is one Apply or Rollback that was carried out. ID names the directory of
// its backups.
type Run struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"` // "apply" or "rollback"
	Time       time.Time `json:"time"`
	Ops        int       `json:"ops"`
	RolledBack bool      `json:"rolledBack,omitempty"`
}

// Manifest is what was put into one jail: by the jail's paths, with the names
// that were given to files of the host, and the runs that did it.
type Manifest struct {
	Version   int                         `json:"version"`
	Jail      string                      `json:"jail"`
	Copy      bool                        `json:"copy,omitempty"` // originals stay, for good
	Names     map[string]rewrite.JailPath `json:"names"`
	Entries   map[rewrite.JailPath]*Entry `json:"entries"`
	HostLinks map[string]rewrite.JailPath `json:"hostLinks,omitempty"` // by their place on the host
	Runs      []Run                       `json:"runs,omitempty"`
}

// manifestVersion is raised when older programs would misread the file.
const manifestVersion = 1

func newManifest(jail string) *Manifest {
	return &Manifest{Version: manifestVersion, Jail: jail, Names: map[string]rewrite.JailPath{},
		Entries: map[rewrite.JailPath]*Entry{}, HostLinks: map[string]rewrite.JailPath{}}
}

// clone copies the manifest; entries are shared and replaced, never changed.
func (m *Manifest) clone() *Manifest {
	c := *m
	c.Names, c.Entries, c.HostLinks = maps.Clone(m.Names), maps.Clone(m.Entries), maps.Clone(m.HostLinks)
	c.Runs = append([]Run(nil), m.Runs...)
	return &c
}

// readManifest decodes the file. A file that makes no sense is an error: to
// go on without it would forget what is ours.
func readManifest(data []byte, path string) (*Manifest, error) {
	m := newManifest("")
	bad := &Error{Code: "NJ515", Path: path, Message: "the record of what is in the jail cannot be understood",
		Remedy: "Restore the file from a backup, or move it away to begin anew (rollback is lost then)."}
	if err := json.Unmarshal(data, m); err != nil || m.Version < 1 {
		return nil, bad
	}
	if m.Version > manifestVersion {
		bad.Message = "this record was written by a newer named-jail"
		bad.Remedy = "Use that newer version for this jail."
		return nil, bad
	}
	for _, e := range m.Entries {
		if e == nil {
			return nil, bad
		}
	}
	if m.Names == nil {
		m.Names = map[string]rewrite.JailPath{}
	}
	if m.Entries == nil {
		m.Entries = map[rewrite.JailPath]*Entry{}
	}
	if m.HostLinks == nil {
		m.HostLinks = map[string]rewrite.JailPath{}
	}
	return m, nil
}
