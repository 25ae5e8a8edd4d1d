package jail

import "named-jail/rewrite"

// WrittenDirs lists the directories that an account owns, so that it can write
// there; of those that lie in one another only the outermost. Errors: a
// directory of the jail that cannot be read.
func (t *Tree) WrittenDirs(uid int) ([]rewrite.JailPath, error) {
	if !t.Exists() {
		return nil, nil
	}
	s := t.session()
	defer s.close()
	return s.writtenBelow(t, t.top, uid, nil)
}

func (s *session) writtenBelow(t *Tree, d *dir, uid int, list []rewrite.JailPath) ([]rewrite.JailPath, error) {
	f, err := d.reopen(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		info, err := d.look(e.Name())
		if err != nil {
			return nil, err
		}
		if info.Kind != DirectoryFile {
			continue
		}
		if info.UID == uid {
			if place, ok := t.JailPath(joinPath(d.path, e.Name())); ok {
				list = append(list, place)
			}
			continue
		}
		below, err := s.sub(d, e.Name())
		if err == nil {
			list, err = s.writtenBelow(t, below, uid, list)
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
