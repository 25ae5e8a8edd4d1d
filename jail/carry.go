package jail

import (
	"slices"
	"strings"
)

// original puts a file of the host back in the place of our link. When the
// jail's file is newer than what was moved there, that is what is put back.
func (r *restorer) original(rec *Record) error {
	at, err := r.at(rec.Path)
	if err != nil {
		return err
	}
	jail, err := r.at(rec.Partner)
	if err != nil {
		return err
	}
	ours := at.info.Kind == LinkFile && at.info.Target == rec.Target
	if at.dir == nil {
		r.report.Left = append(r.report.Left, rec.Partner)
		r.protect[rec.Partner] = true // there is no directory to put it back into
		return nil
	}
	digest, err := r.living(jail)
	if err != nil {
		return err
	}
	newer := digest != "" && digest != rec.After && digest != rec.Before.Digest
	if at.info.Exists() && !ours {
		return r.keepOriginal(rec, at, newer, digest)
	}
	r.dirs[at.dir.path] = true
	if digest == "" && isJournalOf(rec.Path) && r.partnerLives(rec) {
		// named took this journal into its zone, whose newer file goes back.
		if ours {
			err = removeFile(at.dir, at.name)
		}
		r.report.Kept = append(r.report.Kept, rec.Path)
		return err
	}
	if newer {
		if err := r.carry(rec, at, jail); err != nil {
			return err
		}
		r.report.Carried = append(r.report.Carried, rec.Path)
		return nil
	}
	r.report.Restored = append(r.report.Restored, rec.Path)
	return r.fromBackup(rec, at)
}

// living gives the digest of a file of the jail, "" when there is none that may
// be carried anywhere. What named planted there (a file too large to copy, a
// second name of some other file) stays where it is.
func (r *restorer) living(jail spot) (string, error) {
	if jail.info.Kind != RegularFile {
		return "", nil
	}
	if jail.info.tooLarge() || fromElsewhere(jail.dir, jail.info) || jail.dir.mayShow(jail.info) != nil {
		r.protect[jail.path()] = true
		r.report.Left = append(r.report.Left, jail.path())
		return "", nil
	}
	return digestSpot(jail)
}

// fromElsewhere tells whether a file in a directory that others can write may be one
// from elsewhere, with a second name there: it has more names than one, or belongs
// to somebody who does not write there.
func fromElsewhere(d *dir, i Info) bool {
	now := d.now()
	if rootsOwn(now) {
		return false
	}
	writes := i.UID == 0 || i.UID == now.UID || now.Mode&0o020 != 0 && i.GID == now.GID
	return i.Nlink > 1 || !writes
}

// keepOriginal leaves alone what somebody put in the place of our link; or the
// original itself, when the run did not come that far.
func (r *restorer) keepOriginal(rec *Record, at spot, newer bool, digest string) error {
	if rec.Before.sameMeta(at.info) && at.info.Size == rec.Before.Size && at.info.Mtime == rec.Before.Mtime {
		return nil
	}
	r.report.Kept = append(r.report.Kept, rec.Path)
	if !newer {
		return nil
	}
	if at.info.Kind == RegularFile {
		if here, err := digestSpot(at); err == nil && here == digest {
			return nil // carried back before, or by hand
		}
	}
	r.protect[rec.Partner] = true
	return nil
}

// journalSuffixes are the files that belong to a zone file of the same name.
var journalSuffixes = []string{".jnl", ".jbk", ".jnw"}

func isJournalOf(path string) bool {
	return slices.ContainsFunc(journalSuffixes, func(s string) bool { return strings.HasSuffix(path, s) })
}

// partnerLives tells whether the zone file of a journal is in the jail.
func (r *restorer) partnerLives(rec *Record) bool {
	for _, suffix := range journalSuffixes {
		if zone, ok := strings.CutSuffix(rec.Partner, suffix); ok {
			at, err := r.at(zone)
			return err == nil && at.info.Kind == RegularFile
		}
	}
	return false
}

// carry takes the jail's file to the original's place. Owner, mode and
// attributes are the original's by our own record: what named could set in the
// jail counts for nothing.
func (r *restorer) carry(rec *Record, at, jail spot) error {
	f, info, err := jail.dir.openFile(jail.name, jail.info)
	if err != nil {
		return err
	}
	defer f.Close()
	if fromElsewhere(jail.dir, info) {
		return changedUnderUs(jail.path()) // it was not a moment ago
	}
	st := rec.Before
	st.Mtime = info.Mtime
	_, err = placeFile(at.dir, at.name, rec.back, st, fillFrom(f, info))
	return err
}

// awaited carries a file to the host that named made in the jail, or went on
// writing there while the original stayed as it was.
func (r *restorer) awaited(rec *Record) error {
	jail, err := r.at(rec.Partner)
	if err != nil || jail.info.Kind != RegularFile {
		return err
	}
	at, err := r.at(rec.Path)
	if err != nil {
		return err
	}
	digest, err := r.living(jail)
	if err != nil || digest == "" {
		return err
	}
	if at.info.Kind == RegularFile {
		here, err := digestSpot(at)
		if err != nil {
			return err
		}
		if here == digest {
			r.safe[rec.Partner] = true
			return nil
		}
		if here != rec.After {
			r.report.Kept = append(r.report.Kept, rec.Path)
			r.protect[rec.Partner] = true
			return nil
		}
		rec.Before = stateOf(at.info)
		if err := r.save(rec, at); err != nil { // the older bytes
			return err
		}
	} else if at.dir == nil || at.info.Exists() {
		r.protect[rec.Partner] = true
		return nil
	}
	if rec.Before.Mode == 0 {
		rec.Before.Mode = 0o640
	}
	if err := r.carry(rec, at, jail); err != nil {
		return err
	}
	r.dirs[at.dir.path] = true
	r.safe[rec.Partner] = true
	r.report.Carried = append(r.report.Carried, rec.Path)
	return nil
}

// saveChanged keeps a copy of a file of the jail that somebody changed since we
// wrote it.
func (r *restorer) saveChanged(rec *Record, at spot) error {
	digest, err := r.living(at)
	if err != nil || digest == "" || digest == rec.After || digest == rec.Before.Digest {
		return err
	}
	return r.save(rec, at)
}

// save keeps a copy of a file in the store.
func (r *restorer) save(rec *Record, at spot) error {
	f, info, err := at.dir.openFile(at.name, at.info)
	if err != nil {
		return err
	}
	defer f.Close()
	digest, err := digestOpen(f)
	if err != nil {
		return err
	}
	to, err := r.st.runDir(r.j.Run)
	if err != nil {
		return err
	}
	defer to.close()
	name := "saved-" + digest[:16]
	if known, err := to.lstat(name); err != nil || !known.Exists() {
		st := State{Mode: 0o600, Mtime: info.Mtime}
		if _, err := placeFile(to, name, name+".new", st, fillFrom(f, info)); err != nil {
			return err
		}
		if err := syncDir(to); err != nil {
			return err
		}
	}
	r.saved = append(r.saved, rec.Path)
	r.report.Saved = append(r.report.Saved, rec.Path+" (as "+joinPath(to.path, name)+")")
	return nil
}
