package jail

import "fmt"

// Memo names a record in the store that spares a later command work. It is as
// safe as the store, and nothing is lost with it.
type Memo string

const (
	CheckedZones Memo = "zones.cache"  // the zone files that were found sound
	LastCheck    Memo = "check.record" // the last whole check that found nothing wrong
	LastStart    Memo = "start.record" // the last start that had nothing to change
	StartZones   Memo = "start.zones"  // the zones of that start that can be judged alone
	KnownBuild   Memo = "build.record" // what named said that it is
)

// memos are all of them.
var memos = []string{string(CheckedZones), string(LastCheck), string(LastStart), string(StartZones), string(KnownBuild)}

// Exists tells whether there is a store, and we may look into it.
func (s *Store) Exists() bool { return s.dir != nil }

// Unfinished tells whether a run was cut off, or another one is at work: there is
// a journal, or it cannot be told.
func (s *Store) Unfinished() bool {
	if s.dir == nil {
		return false
	}
	info, err := s.dir.look(journalName)
	return err != nil || info.Exists()
}

// Create makes the store where there is none. Errors: as OpenStore.
func (s *Store) Create() error {
	if err := needRoot(s.h, s.path); err != nil || s.dir != nil {
		return err
	}
	return s.make()
}

// Recall gives a memo as it was last kept, empty when there is none or it cannot
// be read.
func (s *Store) Recall(m Memo) []byte {
	data, err := s.read(string(m))
	if err != nil {
		return nil
	}
	return data
}

// Keep replaces a memo. A store that does not exist yet keeps nothing, nor does
// one without root. Errors: those of writing the file.
func (s *Store) Keep(m Memo, data []byte) error {
	if s.dir == nil || s.h.euid != 0 {
		return nil
	}
	name := string(m)
	st := State{Mode: 0o600}
	if _, err := placeFile(s.dir, name, name+".new", st, fillWith(data)); err != nil {
		return changeError(joinPath(s.path, name), "writing it", err)
	}
	return syncDir(s.dir)
}

// State describes the manifest's file as it was read, for comparison.
func (s *Store) State() string {
	i := s.seen
	return fmt.Sprint(i.Kind, i.Dev, i.Ino, i.Size, i.Mtime, i.Ctime)
}
