package jail

import "bytes"

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

// KeepCache replaces the record of checked zones. A store that does not exist
// yet keeps nothing. Errors: those of writing the file.
func (s *Store) KeepCache(data []byte) error {
	if s.dir == nil || s.h.euid != 0 {
		return nil
	}
	st := State{Mode: 0o600}
	if _, err := placeFile(s.dir, cacheName, cacheName+".new", st, fillWith(data)); err != nil {
		return changeError(joinPath(s.path, cacheName), "writing it", err)
	}
	return syncDir(s.dir)
}
