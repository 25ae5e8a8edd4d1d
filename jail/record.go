package jail

import (
	"errors"
	"io"
	"os"

	"named-jail/rewrite"
)

// role is what a place is to a run; it decides how it is put back.
type role string

const (
	roleParent   role = "parent"   // a directory whose entries changed
	roleMeta     role = "meta"     // only owner or mode changed
	roleMade     role = "made"     // a directory that was made
	roleAwaited  role = "awaited"  // a file of the host that named may have made in the jail
	roleData     role = "data"     // a file, link or node of the jail
	roleLink     role = "link"     // a link on the host
	roleOriginal role = "original" // a file of the host that a link replaced
)

// rank orders the roles of one place: the stronger one knows more.
var rank = map[role]int{roleParent: 1, roleMeta: 2, roleLink: 3, roleData: 4, roleOriginal: 5, roleMade: 6}

// State is all that is restored of one object. Units: as in Info. Digest is
// "" for what is no regular file.
type State struct {
	Kind       FileKind          `json:"kind"`
	Mode       uint32            `json:"mode,omitempty"`
	UID        int               `json:"uid"`
	GID        int               `json:"gid"`
	Size       int64             `json:"size,omitempty"`
	Mtime      int64             `json:"mtime,omitempty"`
	Target     string            `json:"target,omitempty"`
	Rdev       uint64            `json:"rdev,omitempty"`
	Digest     string            `json:"digest,omitempty"`
	Attributes map[string][]byte `json:"attributes,omitempty"`
}

func stateOf(i Info) State {
	return State{Kind: i.Kind, Mode: i.Mode, UID: i.UID, GID: i.GID, Size: i.Size, Mtime: i.Mtime, Target: i.Target, Rdev: i.Rdev}
}

// sameMeta tells whether owner and mode are as they were.
func (s State) sameMeta(i Info) bool {
	return s.Kind == i.Kind && s.Mode == i.Mode && s.UID == i.UID && s.GID == i.GID
}

// Record is one place that a run changes: what was there, and what it puts
// there. Path is link-free, on the host. Partner is the jail's file of an
// original, and the original of a file of the jail. Backup is the number of
// the copy of the bytes, 0 for none. Temp is the temporary name in use.
type Record struct {
	Path    string        `json:"path"`
	Role    role          `json:"role"`
	Class   rewrite.Class `json:"class,omitempty"`
	Before  State         `json:"before"`
	Backup  int           `json:"backup,omitempty"`
	Partner string        `json:"partner,omitempty"`
	Moved   bool          `json:"moved,omitempty"`  // the partner's bytes went away from there
	Target  string        `json:"target,omitempty"` // of the link that is put there
	Temp    string        `json:"temp,omitempty"`
	After   string        `json:"after,omitempty"` // digest of the bytes that are put there

	run  string // the run whose directory holds the backup
	back string // the temporary name for putting the place back
}

// recorder collects the records of one run and makes the backups.
type recorder struct {
	s      *session
	to     *dir // the run's directory in the store
	run    string
	token  string
	list   []*Record
	byPath map[string]*Record
	number int
}

func newRecorder(s *session, to *dir, run, token string) *recorder {
	return &recorder{s: s, to: to, run: run, token: token, byPath: map[string]*Record{}}
}

// add records one place as it is now; found is what the plan saw there, and a
// difference means that the plan is stale.
func (r *recorder) add(path string, as role, class rewrite.Class, found Info) (*Record, error) {
	at, err := r.s.strict(path)
	if errors.Is(err, os.ErrNotExist) {
		at, err = spot{}, nil // its directory is not there yet
	}
	if err != nil {
		return nil, changeError(path, "looking at it", err)
	}
	if as != roleParent && !sameObject(at.info, found) {
		return nil, changedUnderUs(path)
	}
	known := r.byPath[path]
	if known != nil && rank[known.Role] >= rank[as] {
		return known, nil
	}
	rec := known
	if rec == nil {
		rec = &Record{Path: path, Before: stateOf(at.info), run: r.run}
		r.byPath[path] = rec
		r.list = append(r.list, rec)
	}
	rec.Role, rec.Class = as, class
	switch as {
	case roleData, roleLink, roleOriginal:
		r.number++
		rec.Temp = tempName(r.token, r.number)
		if at.info.Kind == RegularFile {
			rec.Backup = r.number
			return rec, r.backup(rec, at)
		}
	}
	return rec, nil
}

// tempName is a name in no use; the token is drawn anew for each run.
func tempName(token string, n int) string { return ".named-jail-" + token + "-" + itoa(n) }

// parent records the directory that holds a place, for its time.
func (r *recorder) parent(path string) error {
	up, _ := splitPath(path)
	if at, err := r.s.strict(up); err != nil || !at.info.Exists() {
		return nil // it will be made, and has a record of its own
	}
	_, err := r.add(up, roleParent, 0, Info{})
	return err
}

// backup copies the bytes of a file into the store and reads them back.
func (r *recorder) backup(rec *Record, at spot) error {
	f, info, err := at.dir.openFile(at.name, at.info)
	if err != nil {
		return changeError(rec.Path, "reading it for the backup", err)
	}
	defer f.Close()
	if rec.Before.Attributes, err = readAttributes(f); err != nil {
		return changeError(rec.Path, "reading its extended attributes", err)
	}
	name := itoa(rec.Backup)
	out, err := createFile(r.to, name)
	if err != nil {
		return changeError(joinPath(r.to.path, name), "making a backup", err)
	}
	defer out.Close()
	rec.Before.Digest, err = copyBytes(writer{out, r.to, name}, f, info)
	if err != nil {
		return changeError(rec.Path, "making its backup in "+r.to.path, err)
	}
	digest, err := digestOpen(out)
	if err == nil && digest != rec.Before.Digest {
		err = errors.New("what was written cannot be read back")
	}
	if err == nil {
		err = flushFile(out, r.to, name)
	}
	if err != nil {
		return changeError(rec.Path, "making its backup in "+r.to.path, err)
	}
	return nil
}

// openBackup opens the copy of a record's bytes and checks that it is whole.
func (s *Store) openBackup(rec *Record) (*os.File, Info, error) {
	to, err := s.runDir(rec.run)
	if err != nil {
		return nil, Info{}, err
	}
	defer to.close()
	f, info, err := to.openRegular(itoa(rec.Backup))
	if err != nil {
		return nil, info, changeError(rec.Path, "opening its backup", err)
	}
	digest, err := digestOpen(f)
	if err == nil && digest != rec.Before.Digest {
		err = &Error{Code: "NJ515", Path: f.Name(), Message: "the backup of " + rec.Path + " is damaged",
			Remedy: "Restore that file from your own backup, then run the command again."}
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, info, err
	}
	return f, info, nil
}
