package jail

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"sort"
	"strings"
	"syscall"
)

// Report is what a rollback did. All paths are the host's.
//
// Restored were put back; Carried got what named (or the administrator) wrote
// in the jail since; Kept were changed on the host since and left alone; Left
// lie in the jail still; Saved are copies, in the store, of files of the jail
// that were changed since and have no other home.
type Report struct {
	Restored, Carried, Kept, Left, Saved []string
}

// restorer puts places back. Whatever it did already, it does not do again: it
// can be cut off and begun anew.
type restorer struct {
	st      *Store
	s       *session
	j       journal
	report  Report
	saved   []string
	protect map[string]bool // files of the jail that hold the only copy
	safe    map[string]bool // files of the jail whose bytes are on the host too
	dirs    map[string]bool // directories to sync
}

func newRestorer(st *Store, j journal) *restorer {
	return &restorer{st: st, s: st.h.session(), j: j, protect: map[string]bool{}, safe: map[string]bool{}, dirs: map[string]bool{}}
}

// restore puts all places of a prepared list back: originals first, so that nothing is
// removed from the jail before its bytes are safe; directories last.
func (r *restorer) restore(list []*Record) error {
	if err := r.pass(list, roleOriginal, r.original); err != nil {
		return err
	}
	if err := r.pass(list, roleAwaited, r.awaited); err != nil {
		return err
	}
	if err := r.pass(list, roleLink, r.hostLink); err != nil {
		return err
	}
	if err := r.syncAll(); err != nil {
		return err
	}
	if err := r.pass(list, roleData, r.data); err != nil {
		return err
	}
	if err := r.pass(list, roleMeta, r.meta); err != nil {
		return err
	}
	for _, rec := range slices.Backward(list) {
		if rec.Role == roleMade {
			if err := r.made(rec); err != nil {
				return changeError(rec.Path, "removing the directory", err)
			}
		}
	}
	if err := r.syncAll(); err != nil {
		return err
	}
	for _, rec := range slices.Backward(list) {
		if rec.Before.Kind == DirectoryFile {
			if err := r.directory(rec); err != nil {
				return changeError(rec.Path, "putting its owner, mode and time back", err)
			}
		}
	}
	for _, list := range []*[]string{&r.report.Restored, &r.report.Carried, &r.report.Kept, &r.report.Left, &r.report.Saved} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return nil
}

// pass puts the places of one role back.
func (r *restorer) pass(list []*Record, as role, do func(*Record) error) error {
	for i, rec := range list {
		if rec.Role != as {
			continue
		}
		working("putting back", i, len(list))
		r.s.trim()
		if err := do(rec); err != nil {
			return changeError(rec.Path, "putting it back", err)
		}
	}
	return nil
}

// syncAll makes the entries of all directories that were changed last.
func (r *restorer) syncAll() error {
	for path := range r.dirs {
		d, err := r.s.dirAt(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed by now
		}
		if err == nil {
			err = syncDir(d)
		}
		if err != nil {
			return changeError(path, "syncing the directory", err)
		}
	}
	clear(r.dirs)
	return nil
}

// at looks at a place; a missing directory on the way is absence.
func (r *restorer) at(path string) (spot, error) {
	at, err := r.s.strict(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return spot{}, nil
	}
	return at, err
}

// fromBackup puts the bytes of a backup back, with all that goes with them.
func (r *restorer) fromBackup(rec *Record, at spot) error {
	f, info, err := r.st.openBackup(rec)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = placeFile(at.dir, at.name, rec.back, rec.Before, fillFrom(f, info))
	return err
}

// prepare orders the places and gives each its temporary name for putting it
// back. Begun anew, a restorer gives the same names, and finds what it left.
func (r *restorer) prepare(list []*Record) {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	for i, rec := range list {
		rec.back = tempName(r.j.Token+"r", i)
	}
	r.sweep(list)
}

// hostLink puts back what lay in the place of a link on the host.
func (r *restorer) hostLink(rec *Record) error {
	at, err := r.at(rec.Path)
	if err != nil || at.dir == nil {
		return err
	}
	ours := at.info.Kind == LinkFile && at.info.Target == rec.Target
	removed := rec.Target == "" && !at.info.Exists()
	if !ours && !removed {
		if at.info.Exists() && !sameObject(at.info, infoFrom(rec.Before, at.info)) {
			r.report.Kept = append(r.report.Kept, rec.Path)
		}
		return nil
	}
	return r.replace(rec, at)
}

// infoFrom makes an Info of a State, for a comparison with like.
func infoFrom(s State, like Info) Info {
	like.Kind, like.Mode, like.UID, like.GID, like.Size, like.Mtime = s.Kind, s.Mode, s.UID, s.GID, s.Size, s.Mtime
	like.Target, like.Rdev = s.Target, s.Rdev
	return like
}

// data puts back what lay in the jail.
func (r *restorer) data(rec *Record) error {
	at, err := r.at(rec.Path)
	if err != nil || at.dir == nil {
		return err
	}
	if r.protect[rec.Path] {
		if at.info.Exists() {
			r.report.Left = append(r.report.Left, rec.Path)
		}
		return nil
	}
	if at.info.Kind == DirectoryFile {
		r.report.Left = append(r.report.Left, rec.Path)
		return nil
	}
	if sameObject(at.info, infoFrom(rec.Before, at.info)) {
		return nil
	}
	if at.info.Kind == RegularFile && !rec.Moved && !r.safe[rec.Path] {
		if err := r.saveChanged(rec, at); err != nil || r.protect[rec.Path] {
			return err
		}
	}
	return r.replace(rec, at)
}

// replace makes a place what it was, whatever lies there now (no directory).
func (r *restorer) replace(rec *Record, at spot) error {
	r.dirs[at.dir.path] = true
	switch rec.Before.Kind {
	case RegularFile:
		r.report.Restored = append(r.report.Restored, rec.Path)
		return r.fromBackup(rec, at)
	case LinkFile:
		r.report.Restored = append(r.report.Restored, rec.Path)
		return placeLink(rec.Before.Target, at.dir, at.name, rec.back, rec.Before.UID, rec.Before.GID)
	case CharFile, BlockFile:
		r.report.Restored = append(r.report.Restored, rec.Path)
		return placeNode(at.dir, at.name, rec.back, rec.Before)
	}
	if !at.info.Exists() {
		return nil
	}
	return removeFile(at.dir, at.name) // a socket or FIFO is made anew by its program
}

// meta puts owner and mode of a file back.
func (r *restorer) meta(rec *Record) error {
	if rec.Before.Kind == DirectoryFile {
		return nil // later, when nothing changes in it any more
	}
	at, err := r.at(rec.Path)
	if err != nil || at.info.Kind != rec.Before.Kind || rec.Before.sameMeta(at.info) {
		return err
	}
	if at.info.Kind == RegularFile && (fromElsewhere(at.dir, at.info) || at.dir.mayShow(at.info) != nil) {
		r.report.Left = append(r.report.Left, rec.Path) // it may be somebody else's
		return nil
	}
	return changeMeta(at, rec.Before.UID, rec.Before.GID, rec.Before.Mode, true, 0, r.owners(rec, at)...)
}

// owners are those whose files and directories a rollback gives away: root, the
// one who had it before, and those who own what it lies in.
func (r *restorer) owners(rec *Record, at spot) []int {
	return []int{0, rec.Before.UID, at.dir.now().UID}
}

// made removes a directory that was made. One with something in it stays.
func (r *restorer) made(rec *Record) error {
	at, err := r.at(rec.Path)
	if err != nil || at.info.Kind != DirectoryFile || rec.Before.Exists() {
		return err
	}
	r.s.forget(rec.Path)
	err = removeDir(at.dir, at.name)
	if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.EBUSY) {
		r.report.Left = append(r.report.Left, r.contents(at)...)
		return nil
	}
	r.dirs[at.dir.path] = true
	return err
}

// maxContents bounds what a report lists of one directory.
const maxContents = 20

// contents names what is left in a directory.
func (r *restorer) contents(at spot) []string {
	d, err := at.dir.sub(at.name)
	if err != nil {
		return []string{at.path()}
	}
	defer d.close()
	names, err := d.list()
	if err != nil {
		return []string{at.path()}
	}
	var out []string
	for i, name := range names {
		if i == maxContents {
			out = append(out, d.path+" (and "+itoa(len(names)-i)+" more)")
			break
		}
		if info, err := d.lstat(name); err == nil && info.Kind != DirectoryFile {
			out = append(out, joinPath(d.path, name))
		}
	}
	return out
}

// Exists tells whether there was an object.
func (s State) Exists() bool { return s.Kind != Absent }

// mountedOver tells whether a directory of the system is mounted in the place of
// one of the jail.
func (r *restorer) mountedOver(rec *Record, at spot) bool {
	return strings.HasPrefix(rec.Path+"/", r.st.jail+"/") && r.st.h.systemDir(at.info) != ""
}

// directory puts owner, mode and time of a directory back.
func (r *restorer) directory(rec *Record) error {
	at, err := r.at(rec.Path)
	if err != nil || at.info.Kind != DirectoryFile {
		return err
	}
	if rec.Before.sameMeta(at.info) && at.info.Mtime == rec.Before.Mtime {
		return nil
	}
	if r.mountedOver(rec, at) {
		r.report.Left = append(r.report.Left, rec.Path)
		return nil
	}
	err = changeMeta(at, rec.Before.UID, rec.Before.GID, rec.Before.Mode, !rec.Before.sameMeta(at.info), rec.Before.Mtime, r.owners(rec, at)...)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
