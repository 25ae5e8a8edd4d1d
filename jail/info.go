package jail

import (
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// FileKind is what an object of a file system is. The zero value means that
// there is nothing.
type FileKind uint8

// The kinds of objects.
const (
	Absent FileKind = iota
	RegularFile
	DirectoryFile
	LinkFile
	CharFile
	BlockFile
	FIFOFile
	SocketFile
	OtherFile
)

// kindNames are the words that messages use.
var kindNames = [...]string{"nothing", "a file", "a directory", "a symbolic link",
	"a character device", "a block device", "a FIFO", "a socket", "something unknown"}

// String gives the kind with its article: "a symbolic link".
func (k FileKind) String() string { return kindNames[k] }

// Info is what lstat(2) says of one object.
//
// Units: Mode is permission bits with set-id and sticky bits as the system
// gives them (octal, 0 to 07777); Size bytes; Blocks of 512 bytes, those that
// are taken on the disk; Mtime and Ctime nanoseconds since 1970. Target is the text of a symbolic link, filled in where it was asked for.
type Info struct {
	Base   string
	Kind   FileKind
	Mode   uint32
	UID    int
	GID    int
	Size   int64
	Blocks int64
	Mtime  int64
	Ctime  int64
	Dev    uint64
	Ino    uint64
	Nlink  uint64
	Rdev   uint64
	Target string
}

// Exists tells whether there was an object at all.
func (i Info) Exists() bool { return i.Kind != Absent }

// tooLarge tells whether nobody has reason to copy a file: it is huge, or large
// and made of holes, as no zone is on a file system that packs its files either.
func (i Info) tooLarge() bool {
	return i.Size > maxFile || i.Size > minHoles && i.Blocks < i.Size/512/64
}

// FileInfo gives the same as an fs.FileInfo; its Sys is the Info itself.
func (i Info) FileInfo() fs.FileInfo { return fileInfo{i} }

type fileInfo struct{ i Info }

func (f fileInfo) Name() string       { return f.i.Base }
func (f fileInfo) Size() int64        { return f.i.Size }
func (f fileInfo) ModTime() time.Time { return time.Unix(0, f.i.Mtime) }
func (f fileInfo) IsDir() bool        { return f.i.Kind == DirectoryFile }
func (f fileInfo) Sys() any           { return f.i }

// Identity tells which object it is and when its inode last changed, as in
// Info.
func (f fileInfo) Identity() (dev, inode uint64, ctime int64) { return f.i.Dev, f.i.Ino, f.i.Ctime }

// typeBits translate a FileKind for fs.FileMode.
var typeBits = [...]fs.FileMode{0, 0, fs.ModeDir, fs.ModeSymlink, fs.ModeDevice | fs.ModeCharDevice,
	fs.ModeDevice, fs.ModeNamedPipe, fs.ModeSocket, fs.ModeIrregular}

func (f fileInfo) Mode() fs.FileMode {
	m := fs.FileMode(f.i.Mode&0o777) | typeBits[f.i.Kind]
	if f.i.Mode&unix.S_ISUID != 0 {
		m |= fs.ModeSetuid
	}
	if f.i.Mode&unix.S_ISGID != 0 {
		m |= fs.ModeSetgid
	}
	if f.i.Mode&unix.S_ISVTX != 0 {
		m |= fs.ModeSticky
	}
	return m
}

// infoOf translates the system's structure.
func infoOf(name string, st *unix.Stat_t) Info {
	i := Info{
		Base: name, Mode: uint32(st.Mode) & 0o7777, UID: int(st.Uid), GID: int(st.Gid),
		Size: int64(st.Size), Blocks: int64(st.Blocks), Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(),
		Dev: uint64(st.Dev), Ino: uint64(st.Ino), Nlink: uint64(st.Nlink),
	}
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFREG:
		i.Kind = RegularFile
	case unix.S_IFDIR:
		i.Kind = DirectoryFile
	case unix.S_IFLNK:
		i.Kind = LinkFile
	case unix.S_IFCHR:
		i.Kind, i.Rdev = CharFile, uint64(st.Rdev)
	case unix.S_IFBLK:
		i.Kind, i.Rdev = BlockFile, uint64(st.Rdev)
	case unix.S_IFIFO:
		i.Kind = FIFOFile
	case unix.S_IFSOCK:
		i.Kind = SocketFile
	default:
		i.Kind = OtherFile
	}
	return i
}

// sameObject tells whether two looks met the same, unchanged object.
func sameObject(a, b Info) bool {
	if a.Kind != b.Kind || a.Mode != b.Mode || a.UID != b.UID || a.GID != b.GID {
		return false
	}
	switch a.Kind {
	case Absent, DirectoryFile:
		return true
	case LinkFile:
		return a.Target == b.Target
	case CharFile, BlockFile:
		return a.Rdev == b.Rdev
	}
	return sameBytes(a, b)
}

// sameBytes tells whether two looks at a regular file met the same content, as
// far as the stamps tell.
func sameBytes(a, b Info) bool {
	return a.Kind == b.Kind && a.Dev == b.Dev && a.Ino == b.Ino && a.Size == b.Size && a.Mtime == b.Mtime
}
