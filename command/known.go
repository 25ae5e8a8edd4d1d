package command

import (
	"bytes"
	"encoding/json"
	"io"
	"os"

	"named-jail/jail"
	"named-jail/launcher"
)

// Asking named what it is takes two runs of it. The answer is remembered with
// that of the jail's checks, where only root can write, for as long as the program
// is the same file and the loader's list of libraries too.

// knownBuild is an answer and what it was given for.
type knownBuild struct {
	Stamp string
	Build launcher.Build
}

// buildStamp describes a named that is a program of its own, "" for a script,
// which may start another one tomorrow.
func buildStamp(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, []byte("\x7fELF")) {
		return ""
	}
	return fileStamp(path) + "|" + fileStamp("/etc/ld.so.cache") + "|" + fileStamp("/etc/ld.so.preload")
}

// recallBuild gives the answer of an earlier run, if it still holds.
func (s *system) recallBuild(path string) (launcher.Build, bool) {
	if !s.live() || os.Geteuid() != 0 || s.tree == nil || s.noCache {
		return launcher.Build{}, false
	}
	store, err := jail.PeekStore(s.host, s.jail)
	if err != nil {
		return launcher.Build{}, false
	}
	defer store.Close()
	var known knownBuild
	if json.Unmarshal(store.Build(), &known) != nil || known.Build.Path != path || known.Stamp == "" || known.Stamp != buildStamp(path) {
		return launcher.Build{}, false
	}
	return known.Build, true
}

// keepBuild remembers the answer of this run. That it could not be kept is no
// reason to stop.
func (w *walk) keepBuild() {
	if w.answer == nil || w.store == nil || !w.store.Exists() || !w.live() || os.Geteuid() != 0 {
		return
	}
	if data, err := json.Marshal(w.answer); err == nil {
		_ = w.store.KeepBuild(data)
	}
}
