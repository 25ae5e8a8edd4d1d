package jail

import (
	"io"
	"os"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"
)

// Every system call of this package that changes something stands in this file
// and passes through enter, so that a test can make each of them fail, or stop
// the work before it.

// hook, when a test sets it, is asked before each change; its error takes the
// place of the call.
var hook func(call, path string) error

func enter(call string, d *dir, name string) error {
	if hook == nil {
		return nil
	}
	return hook(call, joinPath(d.path, name))
}

// makeDir makes a directory of root's with the bits of mode that the umask
// leaves; owner and the rest of the mode follow once it is opened.
func makeDir(d *dir, name string, mode uint32) error {
	if err := enter("mkdirat", d, name); err != nil {
		return err
	}
	return unix.Mkdirat(d.fd, name, mode)
}

func removeFile(d *dir, name string) error {
	if err := enter("unlinkat", d, name); err != nil {
		return err
	}
	return unix.Unlinkat(d.fd, name, 0)
}

func removeDir(d *dir, name string) error {
	if err := enter("rmdirat", d, name); err != nil {
		return err
	}
	return unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR)
}

func renameIn(d *dir, from, to string) error {
	if err := enter("renameat", d, to); err != nil {
		return err
	}
	return unix.Renameat(d.fd, from, d.fd, to)
}

func makeLink(target string, d *dir, name string) error {
	if err := enter("symlinkat", d, name); err != nil {
		return err
	}
	return symlinkAt(target, d, name)
}

func makeNode(d *dir, name string, mode uint32, rdev uint64) error {
	if err := enter("mknodat", d, name); err != nil {
		return err
	}
	return mknodAt(d.fd, name, mode, rdev)
}

// ownFile and modeFile act on what is open, whatever its name means by now.
func ownFile(f *os.File, d *dir, name string, uid, gid int) error {
	if err := enter("fchown", d, name); err != nil {
		return err
	}
	return unix.Fchown(int(f.Fd()), uid, gid)
}

func modeFile(f *os.File, d *dir, name string, mode uint32) error {
	if err := enter("fchmod", d, name); err != nil {
		return err
	}
	return unix.Fchmod(int(f.Fd()), mode)
}

// ownName changes the owner of what cannot be opened (a link, a device). It
// never follows a link.
func ownName(d *dir, name string, uid, gid int) error {
	if err := enter("fchownat", d, name); err != nil {
		return err
	}
	return unix.Fchownat(d.fd, name, uid, gid, unix.AT_SYMLINK_NOFOLLOW)
}

// ownLink changes the owner of a link that we just made, where it has another:
// a directory with the set-gid bit gives its own group. What is changed is a
// link for certain, whatever lies there by now.
func ownLink(d *dir, name string, uid, gid int) error {
	info, err := d.lstat(name)
	if err != nil || info.Kind == LinkFile && info.UID == uid && info.GID == gid {
		return err
	}
	if err := enter("fchownat", d, name); err != nil {
		return err
	}
	return ownLinkAt(d, name, uid, gid)
}

// modeNode changes the mode of a device node. chmod follows links, so this is
// used only where nobody but root can put one.
func modeNode(d *dir, name string, mode uint32) error {
	if err := enter("fchmodat", d, name); err != nil {
		return err
	}
	return unix.Fchmodat(d.fd, name, mode, 0)
}

func timeFile(f *os.File, d *dir, name string, mtime int64) error {
	if err := enter("utimensat", d, name); err != nil {
		return err
	}
	return setTimes(f, d, name, mtime)
}

func attributeFile(f *os.File, d *dir, name, attribute string, value []byte) error {
	if err := enter("fsetxattr", d, name); err != nil {
		return err
	}
	return writeAttribute(f, attribute, value)
}

func syncFile(f *os.File, d *dir, name string) error {
	if err := enter("fsync", d, name); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes what was renamed, made and removed in a directory last.
func syncDir(d *dir) error {
	f, err := d.reopen(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return syncFile(f, d, ".")
}

// writer counts the writes to one file as changes.
type writer struct {
	f    *os.File
	d    *dir
	name string
}

var _ io.Writer = writer{}

func (w writer) Write(b []byte) (int, error) {
	if err := enter("write", w.d, w.name); err != nil {
		return 0, err
	}
	return w.f.Write(b)
}

// pending is a file that is being written and not yet in its place.
type pending struct {
	*os.File
	d      *dir
	temp   string                // its name for now
	name   string                // the name that it will have
	owned  *renameio.PendingFile // nil when we made it ourselves
	root   *os.Root              // of owned
	placed bool                  // only kept where owned is nil
}

// newPending begins a file. In a directory that only root can write renameio
// does the work; in others, and where its longer temporary name would not fit,
// the file gets the name temp, which the journal knows.
func newPending(d *dir, name, temp string) (*pending, error) {
	if err := enter("create", d, name); err != nil {
		return nil, err
	}
	if d.trusted() && len(name) <= 255-maxSuffix {
		root, err := d.osRoot()
		if err != nil {
			return nil, err
		}
		f, err := renameio.NewPendingFile(name, renameio.WithRoot(root), renameio.WithStaticPermissions(0o600))
		if err != nil {
			root.Close()
			return nil, err
		}
		return &pending{File: f.File, d: d, temp: baseName(f.Name()), name: name, owned: f, root: root}, nil
	}
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, temp, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	})
	if err != nil {
		return nil, err
	}
	return &pending{File: os.NewFile(uintptr(fd), joinPath(d.path, temp)), d: d, temp: temp, name: name}, nil
}

// maxSuffix is what renameio adds to a name: a dot and a 63 bit number.
const maxSuffix = 20

// place syncs the file and gives it its name in one step.
func (p *pending) place() error {
	if err := enter("fsync", p.d, p.name); err != nil {
		return err
	}
	if p.owned == nil {
		if err := p.Sync(); err != nil {
			return err
		}
		err := renameIn(p.d, p.temp, p.name)
		p.placed = err == nil
		return err
	}
	if err := enter("renameat", p.d, p.name); err != nil {
		return err
	}
	return p.owned.CloseAtomicallyReplace()
}

// discard removes a file that did not get its place, and closes in any case.
func (p *pending) discard() {
	if p.owned != nil {
		if enter("unlinkat", p.d, p.temp) == nil {
			p.owned.Cleanup()
		} else {
			p.File.Close()
		}
		p.root.Close()
		return
	}
	p.File.Close()
	if !p.placed {
		removeFile(p.d, p.temp)
	}
}

// createFile makes a new file of the store and opens it for writing and
// reading back.
func createFile(d *dir, name string) (*os.File, error) {
	if err := enter("create", d, name); err != nil {
		return nil, err
	}
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), joinPath(d.path, name)), nil
}

// flushFile syncs a file where the whole file system is not synced at once
// later (see syncAll).
func flushFile(f *os.File, d *dir, name string) error {
	if canSyncAll {
		return nil
	}
	return syncFile(f, d, name)
}

// syncAll syncs the file system that a directory lies on, and the directory.
func syncAll(d *dir) error {
	if !canSyncAll {
		return syncDir(d)
	}
	if err := enter("syncfs", d, "."); err != nil {
		return err
	}
	f, err := d.reopen(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return syncFileSystem(f)
}
