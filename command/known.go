package command

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

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

// startBuild says what the named of a start is, before its command line is read:
// how that is to be read depends on it. The answer is looked for in the jail that
// the words seem to name; it holds wherever it was found, and if the words mean
// something else, named is asked.
func startBuild(ctx context.Context, program string, words []string, f flags) (launcher.Build, error) {
	if host, err := jail.OpenHost("/"); err == nil {
		s := &system{flags: f, host: host}
		defer s.close()
		s.jail = seemingJail(words)
		if s.placeJail() == nil {
			if build, ok := s.recallBuild(program); ok {
				return build, nil
			}
		}
	}
	return launcher.Probe(ctx, program, "")
}

// seemingJail is what stands after -t, "" where there is none.
func seemingJail(words []string) string {
	for i, word := range words {
		value, found := strings.CutPrefix(word, "-t")
		switch {
		case !found:
		case value != "":
			return value
		case i+1 < len(words):
			return words[i+1]
		}
	}
	return ""
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
