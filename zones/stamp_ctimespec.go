//go:build freebsd || netbsd || darwin

package zones

import (
	"io/fs"
	"syscall"
)

// identify fills in what only the system's own record of the file holds.
func (s *Stamp) identify(info fs.FileInfo) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Dev, s.Inode = uint64(st.Dev), uint64(st.Ino)
		s.Ctime = int64(st.Ctimespec.Sec)*1e9 + int64(st.Ctimespec.Nsec)
	}
}
