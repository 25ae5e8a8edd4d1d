package zones

// answer is what a lookup in the zone finds.
type answer uint8

const (
	hit       answer = iota
	noData           // the name exists, the type does not
	emptyName        // the name exists because others lie below it
	noName
	isCNAME
	belowDNAME
	delegated // at or below a zone cut
	isGlue    // a hit, at or below a zone cut
)

// lookup finds the type that flag stands for (hasA, hasAAAA) at a name that lies in the zone, as
// named would answer it; glue lets it look below zone cuts. With belowDNAME the
// second result is the owner of the DNAME, with delegated and isGlue that of
// the cut. store.fill must have been called when the zone has a wildcard.
//
// Source: BIND, lib/dns/rbtdb.c (zone_find, zone_zonecut_callback,
// find_wildcard); RFC 1034 section 4.3.2, RFC 4592.
func (s *store) lookup(n []byte, flag uint32, glue bool) (answer, uint32) {
	cut := none
	if s.flags&hasCut != 0 {
		// From the origin down to the parent of the name.
		var starts [128]int
		depth := 0
		for at := int(n[0]) + 1; n[0] != 0 && len(n)-at >= s.zone.n; at += int(n[at]) + 1 {
			starts[depth] = at
			depth++
			if n[at] == 0 {
				break
			}
		}
		for depth--; depth >= 0; depth-- {
			id := s.find(n[starts[depth]:])
			if id == none {
				continue
			}
			flags := s.owners.at(id).flags
			if id != 0 && flags&hasNS != 0 && cut == none {
				cut = id
				if !glue {
					return delegated, cut
				}
			} else if flags&hasDNAME != 0 && cut == none {
				return belowDNAME, id
			}
		}
	}
	id := s.find(n)
	if id != none && s.owners.at(id).flags&^isWild == 0 && !s.has(id) {
		if cut != none {
			return delegated, cut
		}
		return emptyName, id
	}
	if id == none {
		if cut != none {
			return delegated, cut
		}
		if id = s.wildcard(n); id == none {
			return noName, none
		}
	}
	flags := s.owners.at(id).flags
	if cut != none {
		flags &^= hasCNAME // no glue
	}
	if id != 0 && flags&hasNS != 0 && cut == none {
		cut = id
		if !glue {
			return delegated, cut
		}
	}
	switch {
	case flags&(flag|hasCNAME) == 0:
		if cut != none {
			return delegated, cut
		}
		return noData, id
	case cut != none:
		return isGlue, cut
	case flags&flag == 0:
		return isCNAME, id
	}
	return hit, id
}

// wildcard finds the wildcard that answers for a name that does not exist.
func (s *store) wildcard(n []byte) uint32 {
	if s.flags&isWild == 0 {
		return none
	}
	star := [256]byte{1, '*'}
	for at := int(n[0]) + 1; len(n)-at >= s.zone.n; at += int(n[at]) + 1 {
		if 2+len(n)-at <= 255 {
			if id := s.find(star[:2+copy(star[2:], n[at:])]); id != none {
				return id
			}
		}
		if s.find(n[at:]) != none {
			return none // the closest name that exists has no wildcard below it
		}
		if n[at] == 0 {
			break
		}
	}
	return none
}
