package command

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"named-jail/jail"
	"named-jail/launcher"
)

// Asking named what it is takes two runs of it. The answer is remembered with
// that of the jail's checks, where only root can write, for as long as the program
// and its libraries are the same files.

// knownBuild is an answer and what it was given for: the files that named
// consists of, and their stamps.
type knownBuild struct {
	Files []string
	Stamp string
	Build launcher.Build
}

// know describes a named that is a program of its own; false for a script, which
// may start another one tomorrow, and where a library is missing.
func (s *system) know(path string) (knownBuild, bool) {
	c, err := jail.LibraryClosure(s.host, path)
	if err != nil || len(c.Missing) > 0 || c.Interp == "" {
		return knownBuild{}, false
	}
	k := knownBuild{Files: []string{path, c.Interp, "/etc/ld.so.cache", "/etc/ld.so.preload"}}
	for _, lib := range c.Libs {
		k.Files = append(k.Files, lib.Path)
	}
	k.Stamp = k.stamp()
	return k, true
}

// stamp describes the files as they are now.
func (k *knownBuild) stamp() string {
	h := sha256.New()
	for _, name := range k.Files {
		fmt.Fprintln(h, fileStamp(name))
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// recallBuild gives the answer of an earlier run, if it still holds.
func (s *system) recallBuild(path string) (launcher.Build, bool) {
	if !s.remembers() || s.tree == nil || s.noCache {
		return launcher.Build{}, false
	}
	store, err := jail.PeekStore(s.host, s.jail)
	if err != nil {
		return launcher.Build{}, false
	}
	defer store.Close()
	var known knownBuild
	if json.Unmarshal(store.Recall(jail.KnownBuild), &known) != nil || known.Build.Path != path || len(known.Files) == 0 || known.Stamp != known.stamp() {
		return launcher.Build{}, false
	}
	return known.Build, true
}

// keepBuild remembers the answer of this run. That it could not be kept is no
// reason to stop.
func (w *walk) keepBuild() {
	if w.answer == nil || w.store == nil || !w.store.Exists() || !w.remembers() {
		return
	}
	if data, err := json.Marshal(w.answer); err == nil {
		_ = w.store.Keep(jail.KnownBuild, data)
	}
}
