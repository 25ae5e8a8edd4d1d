package parser

// Backports are the releases of older branches that have what came with a
// later one: a statement of 9.17.3 that 9.16.12 got too. Each speaks for its
// own branch only: 9.16.x, 9.18.x, or the whole of BIND 8.
type Backports struct {
	Since, Deprecated, Obsolete []Version
}

// reached tells whether v has what came with main, or with the release of its
// own branch. An unknown main has always been there.
func reached(v, main Version, back []Version) bool {
	if !v.Before(main) {
		return true
	}
	first, ok := ownBranch(v, back)
	return ok && !v.Before(first)
}

// ownBranch finds the release that is of v's branch.
func ownBranch(v Version, back []Version) (Version, bool) {
	for _, b := range back {
		if b.Major == v.Major && (b.Minor == v.Minor || v.Major == 8) {
			return b, true
		}
	}
	return Version{}, false
}

// firstFor gives the release to tell somebody who runs v: that of v's branch
// where there is one, main otherwise.
func firstFor(v, main Version, back []Version) Version {
	if first, ok := ownBranch(v, back); ok {
		return first
	}
	return main
}

// arrived tells whether the release has the statement, or had it.
func (d *Def) arrived(v Version) bool { return reached(v, d.Since, d.Back.Since) }

// gone tells whether the release has the statement no longer.
func (d *Def) gone(v Version) bool { return d.Until.Known() && !v.Before(d.Until) }

// KnownIn tells whether a release takes the statement, with or without a
// warning. BIND 8 is a release like others.
func (d *Def) KnownIn(v Version) bool { return d.arrived(v) && !d.gone(v) }

// DeprecatedIn tells whether a release warns of the statement, which works.
func (d *Def) DeprecatedIn(v Version) bool {
	return d.Deprecated.Known() && reached(v, d.Deprecated, d.Back.Deprecated) && !d.ObsoleteIn(v) && d.KnownIn(v)
}

// ObsoleteIn tells whether a release takes the statement and does nothing.
func (d *Def) ObsoleteIn(v Version) bool {
	return d.Obsolete.Known() && reached(v, d.Obsolete, d.Back.Obsolete) && d.KnownIn(v)
}
