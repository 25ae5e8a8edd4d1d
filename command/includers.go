package command

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"

	"named-jail/jail"
	"named-jail/rewrite"
	"named-jail/zones"
)

// includers judge who writes the files that include others: root opens nothing for
// a user who could not read it himself.
type includers struct {
	s    *system
	mu   sync.Mutex
	eyes map[writer]*jail.Eyes
}

// writer is a user, or the members of a group, who can write a file.
type writer struct{ uid, gid int }

func (s *system) newIncluders() *includers {
	if os.Geteuid() != 0 {
		return nil // what this process may read is its user's
	}
	return &includers{s: s, eyes: map[writer]*jail.Eyes{}}
}

func (in *includers) close() {
	if in == nil {
		return
	}
	for _, e := range in.eyes {
		e.Close()
	}
}

// writers lists who can write a file beside root.
func writers(info jail.Info) []writer {
	var list []writer
	if info.UID != 0 {
		list = append(list, writer{info.UID, -1})
	}
	if info.Mode&0o020 != 0 && info.GID != 0 {
		list = append(list, writer{nobody, info.GID})
	}
	if info.Mode&0o002 != 0 {
		list = append(list, writer{nobody, nobody})
	}
	return list
}

// text says what is wrong, for messages.
func (w writer) text() string {
	switch {
	case w.gid < 0:
		return fmt.Sprintf("the zone file belongs to user %d, who may not read the file that it includes", w.uid)
	case w.gid == nobody:
		return "everybody may write the zone file, and not everybody may read the file that it includes"
	}
	return fmt.Sprintf("group %d may write the zone file, and may not read the file that it includes", w.gid)
}

// sees looks at a file as a writer would.
func (in *includers) sees(host *jail.Host, w writer, name string) jail.Sight {
	in.mu.Lock()
	defer in.mu.Unlock()
	e := in.eyes[w]
	if e == nil {
		who := jail.Viewer{UID: w.uid, GID: w.gid, Groups: []int{w.gid}}
		if w.gid < 0 {
			who.GID, who.Groups = nobody, []int{nobody}
			if w.uid == in.s.account.UID {
				who.GID = in.s.account.GID
				who.Groups = jail.Groups(in.s.host, in.s.host.Root(), in.s.account.Name, who.GID)
			}
		}
		e = jail.HostEyes(host, who)
		in.eyes[w] = e
	}
	return e.See(name)
}

// Include opens a file that a line of a zone file includes, unless somebody else
// than root can write that one, and could not read this one. from is the zone file
// as it was read. Errors: as Open; *zones.Refusal.
func (s source) Include(line zones.Include, from zones.Stamp) (zones.File, string, error) {
	if s.bare {
		return nil, line.Name, &zones.Refusal{Why: "the zone is to be one file"}
	}
	if s.who == nil {
		return s.Open(line.Name)
	}
	info, _, err := s.look(under(s.cwd, line.Opened))
	if err != nil || info.Dev != from.Dev || info.Ino != from.Inode {
		return nil, line.Name, &zones.Refusal{Why: "the zone file was exchanged while it was being read"}
	}
	seen := jail.Info{}
	for _, w := range writers(info) {
		for _, at := range s.places(line.Name) {
			sight := s.who.sees(s.host, w, at)
			if sight.Barred != "" || sight.Unknown || sight.Info.Exists() && !sight.Read {
				return nil, line.Name, &zones.Refusal{Why: w.text(), Remedy: letRoot}
			}
			if seen = sight.Info; seen.Exists() {
				break
			}
		}
	}
	f, shown, err := s.Open(line.Name)
	if err != nil || !seen.Exists() {
		return f, shown, err
	}
	now, err := f.Stat()
	if err != nil || !isThe(now, seen) {
		f.Close()
		return nil, line.Name, &zones.Refusal{Why: "the file that it names was exchanged while it was being read"}
	}
	return f, shown, nil
}

// places are where Open looks for a file.
func (s source) places(name string) []string {
	list := []string{under(s.cwd, name)}
	if s.tree != nil && s.tree.Exists() {
		list = append(list, s.tree.HostPath(rewrite.JailPath(path.Clean(list[0]))))
	}
	return list
}

// letRoot is what to do about a file that must not be included.
const letRoot = "Let root own the zone file, or let its owner read the included file."

// isThe tells whether an open file is the one that was looked at.
func isThe(now fs.FileInfo, seen jail.Info) bool {
	s := zones.StampOf("", now)
	return s.Dev == seen.Dev && s.Inode == seen.Ino
}
