package jail

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// storeDir is where the memory of all jails lies, on the host.
const storeDir = "/var/lib/named-jail"

// The files of a store.
const (
	lockName     = "lock"
	manifestName = "manifest"
	journalName  = "journal.json"
	backupName   = "backup"
	indexName    = "index.json"
)

// storeFiles are those that are replaced now and then: a run that is cut off
// may leave an unfinished one.
var storeFiles = append([]string{manifestName, journalName}, memos...)

// Store is the memory of one jail: below /var/lib/named-jail, root's alone, and
// out of named's reach.
type Store struct {
	h        *Host
	jail     string // link-free path
	path     string // of the store's directory
	dir      *dir   // nil while it does not exist
	backups  *dir
	peek     bool // the manifest is not read, only looked at
	hidden   bool // it exists, and we may not look into it
	manifest *Manifest
	seen     Info // of the manifest's file when it was read
	lock     *os.File
	made     []madeDir // by this Store, on the way to its directory
	finished *Report   // of a rollback that this Store did or went on with
}

// OpenStore opens the memory of a jail. Without create nothing is made, and a
// store that does not exist is an empty one. A store that may not be read (we
// are not root) is empty too: see Hidden.
//
// Errors: *Error NJ515 when the directory is not safe or its record is damaged;
// NJ501; NJ504 for create without root.
func OpenStore(h *Host, jail string, create bool) (*Store, error) {
	return openStore(h, jail, create, false)
}

// PeekStore is OpenStore that does not read the manifest: State and the records
// of checks can be had, nothing else. Errors: as OpenStore.
func PeekStore(h *Host, jail string) (*Store, error) { return openStore(h, jail, false, true) }

func openStore(h *Host, jail string, create, peek bool) (*Store, error) {
	t, err := OpenJail(h, jail)
	if err != nil {
		return nil, err
	}
	t.Close()
	s := &Store{h: h, jail: t.real, path: joinPath(storeDir, storeName(t.real)), manifest: newManifest(t.real), peek: peek}
	if create {
		if err := needRoot(h, s.path); err != nil {
			return nil, err
		}
		err = s.make()
	} else {
		err = s.open()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// needRoot is the one answer to somebody who may not change anything.
func needRoot(h *Host, path string) error {
	if h.euid == 0 {
		return nil
	}
	return &Error{Code: "NJ504", Path: path, Message: "this needs root",
		Remedy: "Run the same command as root (sudo)."}
}

// Close lets go of the store and of its lock. Errors: never.
func (s *Store) Close() error {
	s.Unlock()
	s.closeDirs()
	return nil
}

func (s *Store) closeDirs() {
	if s.backups != nil {
		s.backups.close()
		s.backups = nil
	}
	if s.dir != nil {
		s.dir.close()
		s.dir = nil
	}
}

// Manifest is what was put into the jail so far. It must not be changed.
func (s *Store) Manifest() *Manifest { return s.manifest }

// Hidden tells that there is a store which may not be read without root, so
// that Manifest is empty for want of rights.
func (s *Store) Hidden() bool { return s.hidden }

// Path is the store's directory on the host.
func (s *Store) Path() string { return s.path }

// storeName makes one file name of a path: "/var/named" is "var-named".
func storeName(jail string) string {
	var b strings.Builder
	for _, c := range []byte(strings.TrimPrefix(jail, "/")) {
		switch {
		case c == '/':
			b.WriteByte('-')
		case c == '-', c == '%', c <= ' ', c >= 0x7f:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	name := b.String()
	if len(name) > 150 {
		return name[:100] + "%" + digestBytes([]byte(jail))[:40]
	}
	return name
}

// open finds an existing store.
func (s *Store) open() error {
	ss := s.h.session()
	defer ss.close()
	up, err := ss.resolveDir(storeDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		if err = s.safe(up, 0o022); err != nil {
			return err
		}
		s.dir, err = up.sub(baseName(s.path))
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrPermission) && s.h.euid != 0:
		s.hidden = true
		return nil
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ENOMEM):
		return err
	case err != nil:
		return s.unsafe(s.path, "it is no directory, or cannot be opened")
	}
	s.dir.watch = nil // the store is ours, and part of no system that is looked at
	if err := s.safe(s.dir, 0o077); err != nil {
		return err
	}
	if err := s.openBackups(); err != nil {
		return err
	}
	err = s.load()
	if errors.Is(err, fs.ErrPermission) && s.h.euid != 0 {
		s.hidden = true
		return nil
	}
	return err
}

// openBackups opens the directory of backups; there may be none.
func (s *Store) openBackups() error {
	if s.backups != nil {
		s.backups.close()
	}
	var err error
	if s.backups, err = s.dir.sub(backupName); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return s.readFailed(backupName, err)
	}
	return s.safe(s.backups, 0o022)
}

// load reads the manifest, unless its file is the one that was read before.
func (s *Store) load() error {
	f, info, err := s.dir.openRegular(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		s.manifest, s.seen = newManifest(s.jail), Info{}
		return nil
	}
	if err != nil {
		return s.readFailed(manifestName, err)
	}
	defer f.Close()
	if err := planted(f.Name(), info); err != nil {
		return err
	}
	if s.seen.Exists() && stampOf(info) == stampOf(s.seen) {
		return nil
	}
	if s.peek {
		s.seen = info
		return nil
	}
	data, err := readAll(f, info, maxRead)
	if err != nil {
		return s.readFailed(manifestName, err)
	}
	m, err := readManifest(data, joinPath(s.path, manifestName))
	if err == nil {
		s.manifest, s.seen = m, info
	}
	return err
}

// make opens the store and makes its directory where it is missing.
func (s *Store) make() error {
	s.closeDirs()
	ss := s.h.session()
	defer ss.close()
	cur := s.h.top
	for _, part := range components(storeDir) {
		sub, err := ss.resolveDir(joinPath(cur.path, part))
		if errors.Is(err, fs.ErrNotExist) {
			mode := uint32(0o755)
			if part == baseName(storeDir) {
				mode = 0o700
			}
			sub, err = s.makeSub(ss, cur, part, mode)
		}
		if err != nil {
			return changeError(joinPath(cur.path, part), "opening the directory for named-jail's records", err)
		}
		if !rootsOwn(sub.info) {
			return s.unsafe(sub.path, "others than root can write a directory on the way to them")
		}
		cur = sub
	}
	if err := s.safe(cur, 0o022); err != nil {
		return err
	}
	if info, err := cur.lstat(baseName(s.path)); err != nil || !info.Exists() {
		if _, err := s.makeSub(ss, cur, baseName(s.path), 0o700); err != nil {
			return changeError(s.path, "making the directory for named-jail's records", err)
		}
	}
	return s.open()
}

// makeBackups makes the directory for backups where it is missing. The caller
// holds the lock.
func (s *Store) makeBackups() error {
	if s.backups != nil {
		return nil
	}
	ss := s.h.session()
	defer ss.close()
	if _, err := s.makeSub(ss, s.dir, backupName, 0o700); err != nil {
		return changeError(s.path, "making the directory for backups", err)
	}
	var err error
	s.backups, err = s.dir.sub(backupName)
	return err
}

// makeSub makes one directory of the store and syncs it.
func (s *Store) makeSub(ss *session, d *dir, name string, mode uint32) (*dir, error) {
	above, _ := d.lstat(".")
	err := makeDir(d, name, mode) // cut off here, /var/lib must not stay closed to others
	if err == nil {
		s.noteMade(d, name, above)
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	f, err := d.reopen(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := modeFile(f, d, name, mode); err != nil {
		return nil, err
	}
	if err := syncDir(d); err != nil {
		return nil, err
	}
	return ss.sub(d, name)
}

// safe checks that a directory is ours and that nobody has the bits of mask.
func (s *Store) safe(d *dir, mask uint32) error {
	owner := s.h.euid
	if d.info.UID != owner && d.info.UID != 0 {
		return s.unsafe(d.path, fmt.Sprintf("it belongs to user %d, not to root", d.info.UID))
	}
	if d.info.Mode&mask != 0 {
		return s.unsafe(d.path, fmt.Sprintf("others have access to it (mode %04o)", d.info.Mode))
	}
	return nil
}

// planted refuses a record that others than root could have written.
func planted(path string, info Info) error {
	var why string
	switch {
	case info.UID != 0 && info.UID != os.Geteuid():
		why = fmt.Sprintf("it belongs to user %d, not to root", info.UID)
	case info.Mode&0o022 != 0:
		why = fmt.Sprintf("others can write it (mode %04o)", info.Mode)
	default:
		return nil
	}
	return &Error{Code: "NJ515", Path: path, Message: "named-jail's records cannot be trusted: " + why,
		Remedy: "Find out who wrote it, and compare it with a backup; if it is right: chown root " + path + "; chmod 0600 " + path + "."}
}

func (s *Store) unsafe(path, why string) error {
	return &Error{Code: "NJ515", Path: path, Message: "named-jail's records cannot be trusted: " + why,
		Remedy: "Find out who made it; then: chown root " + path + "; chmod 0700 " + path + " (or move it away)."}
}

func (s *Store) readFailed(name string, err error) error {
	return &Error{Code: "NJ515", Path: joinPath(s.path, name), Message: "named-jail's records cannot be read", Err: err,
		Remedy: "Look at the file and at the disk it lies on."}
}

// read gives a file of the store, nil when there is none.
func (s *Store) read(name string) ([]byte, error) {
	if s.dir == nil {
		return nil, nil
	}
	return readFrom(s.dir, name)
}

func readFrom(d *dir, name string) ([]byte, error) {
	f, info, err := d.openRegular(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := planted(f.Name(), info); err != nil {
		return nil, err
	}
	return readAll(f, info, maxRead)
}

// writeJSON replaces a file of the store and makes it last.
func writeJSON(d *dir, name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return writeStore(d, name, append(data, '\n'))
}

// writeStore replaces a file of the store and makes it last.
func writeStore(d *dir, name string, data []byte) error {
	st := State{Mode: 0o600}
	st.UID, st.GID = os.Geteuid(), os.Getegid()
	if _, err := placeFile(d, name, name+".new", st, fillWith(data)); err != nil {
		return err
	}
	return syncDir(d)
}

// writeManifest writes a manifest into a directory of the store.
func writeManifest(d *dir, m *Manifest) error {
	data, err := m.encode()
	if err != nil {
		return err
	}
	return writeStore(d, manifestName, data)
}

// saveManifest writes the manifest down.
func (s *Store) saveManifest(m *Manifest) error {
	if err := writeManifest(s.dir, m); err != nil {
		return changeError(joinPath(s.path, manifestName), "writing it", err)
	}
	s.manifest, s.made = m, nil
	s.seen, _ = s.dir.lstat(manifestName)
	return nil
}

// runDir opens the directory of one run's backups.
func (s *Store) runDir(id string) (*dir, error) {
	if s.backups == nil || strings.ContainsAny(id, "/") || id == "" || id[0] == '.' {
		return nil, s.readFailed(backupName, fs.ErrNotExist)
	}
	d, err := s.backups.sub(id)
	if err != nil {
		return nil, s.readFailed(joinPath(backupName, id), err)
	}
	if err := s.safe(d, 0o022); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// nextRun gives the number of the next run: one more than was ever used.
func (s *Store) nextRun() (string, error) {
	last := 0
	names, err := s.backups.list()
	if err != nil {
		return "", err
	}
	for _, r := range s.manifest.Runs {
		names = append(names, r.ID)
	}
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil && n > last {
			last = n
		}
	}
	return fmt.Sprintf("%06d", last+1), nil
}

// dropRun removes the directory of a run that did not happen.
func (s *Store) dropRun(id string) error {
	d, err := s.runDir(id)
	if err != nil {
		return err
	}
	defer d.close()
	names, err := d.list()
	if err != nil {
		return err
	}
	for i, name := range names {
		working("removing what was kept", i, len(names))
		if err := removeFile(d, name); err != nil {
			return err
		}
	}
	return removeDir(s.backups, id)
}
