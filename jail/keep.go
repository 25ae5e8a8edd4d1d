package jail

import (
	"bytes"
	"fmt"
)

// cacheName is the record of zone files that were found sound.
const cacheName = "zones.cache"

// Cached gives the record of checked zones as it was last kept, empty when
// there is none or it cannot be read: then everything is checked again. It is
// as safe as the store: root's, and outside the jail.
func (s *Store) Cached() *bytes.Reader {
	data, err := s.read(cacheName)
	if err != nil {
		data = nil
	}
	return bytes.NewReader(data)
}

// Exists tells whether there is a store, and we may look into it.
func (s *Store) Exists() bool { return s.dir != nil }

// Create makes the store where there is none. Errors: as OpenStore.
func (s *Store) Create() error {
	if err := needRoot(s.h, s.path); err != nil || s.dir != nil {
		return err
	}
	return s.make()
}

// KeepCache replaces the record of checked zones. A store that does not exist
// yet keeps nothing. Errors: those of writing the file.
func (s *Store) KeepCache(data []byte) error { return s.keep(cacheName, data) }

func (s *Store) keep(name string, data []byte) error {
	if s.dir == nil || s.h.euid != 0 {
		return nil
	}
	st := State{Mode: 0o600}
	if _, err := placeFile(s.dir, name, name+".new", st, fillWith(data)); err != nil {
		return changeError(joinPath(s.path, name), "writing it", err)
	}
	return syncDir(s.dir)
}

// verdictName is the record of the last whole check that found nothing wrong.
const verdictName = "check.record"

// Verdict gives the record of the last check as it was last kept, empty when
// there is none. It is as safe as the store.
func (s *Store) Verdict() []byte {
	data, err := s.read(verdictName)
	if err != nil {
		return nil
	}
	return data
}

// KeepVerdict replaces the record of the last check. Errors: as KeepCache.
func (s *Store) KeepVerdict(data []byte) error { return s.keep(verdictName, data) }

// State describes the manifest's file as it was read, for comparison.
func (s *Store) State() string {
	i := s.seen
	return fmt.Sprint(i.Kind, i.Dev, i.Ino, i.Size, i.Mtime, i.Ctime)
}

// buildName is what named said that it is.
const buildName = "build.record"

// Build gives what was last kept of named's answers, empty when there is none.
// It is as safe as the store.
func (s *Store) Build() []byte {
	data, err := s.read(buildName)
	if err != nil {
		return nil
	}
	return data
}

// KeepBuild replaces it. Errors: as KeepCache.
func (s *Store) KeepBuild(data []byte) error { return s.keep(buildName, data) }
