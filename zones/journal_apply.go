package zones

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
)

// journalBatch is how many records of a journal named takes together; a group
// never goes over its edge.
//
// Source: BIND, lib/dns/journal.c (dns_journal_rollforward).
const journalBatch = 101

// journalGroup is records that stand one after another in a journal and have
// owner, type and direction in common: named adds or takes out all of them or
// none, and with the TTL of the first.
//
// Source: BIND, lib/dns/diff.c (diff_apply).
type journalGroup struct {
	at     int64 // of the first, for messages
	owner  name
	add    bool
	class  uint16
	rtype  uint16
	covers uint16
	ttl    uint32
	data   [][]byte
}

// applier applies the changes of a journal to the zone's store.
type applier struct {
	c         *check
	x         *journalReader
	shown     string // the journal's path
	group     journalGroup
	batch     int
	outside   *store // records beside the zone, which named keeps too
	large     map[ownerKey]*ownerIndex
	idle      int   // changes that do nothing
	firstIdle int64 // where the first one ends
	stuck     bool  // a change could not be made
}

// take is what changes hands the records to.
func (a *applier) take(r *record, add bool) string {
	g := &a.group
	if metaTypes[r.rtype] {
		a.noEffect() // named keeps it, and nobody can ask for it
		return ""
	}
	covers := coversOf(r)
	same := len(g.data) > 0 && a.batch < journalBatch && g.add == add && g.rtype == r.rtype && g.covers == covers &&
		bytes.Equal(g.owner.bytes(), r.owner.bytes())
	if !same {
		if what := a.flush(); what != "" {
			return what
		}
		g.at, g.owner, g.add, g.class, g.rtype, g.covers, g.ttl = a.x.at, *r.owner, add, r.class, r.rtype, covers, r.ttl
	}
	if a.batch == journalBatch {
		a.batch = 0
	}
	a.batch++
	for _, d := range g.data {
		if bytes.Equal(d, r.wire) {
			a.noEffect()
			return ""
		}
	}
	g.data = append(g.data, bytes.Clone(r.wire))
	return ""
}

// noEffect counts a change that does nothing.
func (a *applier) noEffect() {
	if a.idle++; a.idle == 1 {
		a.firstIdle = a.x.at
	}
}

// coversOf is the type that a signature covers, 0 for other records.
func coversOf(r *record) uint16 {
	if r.rtype == dns.TypeRRSIG && len(r.wire) >= 2 {
		return binary.BigEndian.Uint16(r.wire)
	}
	return 0
}

// flush applies the group that has been gathered.
//
// Source: BIND, lib/dns/rbtdb.c (addrdataset, subtractrdataset), lib/dns/rdataslab.c
// (dns_rdataslab_merge, dns_rdataslab_subtract).
func (a *applier) flush() string {
	g := &a.group
	if len(g.data) == 0 {
		return ""
	}
	defer func() { g.data = g.data[:0] }()
	s, beside := &a.c.store, false
	atTop := bytes.Equal(g.owner.bytes(), s.zone.bytes())
	switch {
	case g.class != a.c.class:
		return a.cannot("is of class " + className(g.class) + ", the zone of class " + className(a.c.class))
	case len(g.data) > 1 && singletons[g.rtype]:
		return a.cannot("comes with others of its kind, and there can be only one")
	case g.add && g.rtype == dns.TypeSOA && !atTop:
		return a.cannot("stands below the origin of the zone")
	case !g.owner.under(&s.zone):
		if a.outside == nil {
			a.outside = &store{}
			a.outside.reset(&rootName)
		}
		s, beside = a.outside, true
	}
	id := s.find(g.owner.bytes())
	if id == none {
		if !g.add {
			return a.cannot("is taken out, and the zone does not have it")
		}
		id = s.owner(g.owner.bytes())
	}
	o := a.ownerOf(s, ownerKey{beside, id})
	set := o.set(g.rtype, g.covers)
	switch {
	case set.n > 0 && set.ttl != g.ttl:
		return a.cannot(fmt.Sprintf("has TTL %d, in the zone it is %d", g.ttl, set.ttl))
	case g.add:
		return a.putIn(o, set)
	}
	return a.takeOut(o)
}

// singletons is the table of types of which a name can have one record.
//
// Source: BIND, lib/dns/rdata.c (dns_rdatatype_issingleton).
var singletons = map[uint16]bool{dns.TypeSOA: true, dns.TypeCNAME: true, dns.TypeDNAME: true}

// cannot says that named cannot apply the group.
func (a *applier) cannot(why string) string {
	a.stuck = true
	return fmt.Sprintf("cannot be applied before byte %d: a %s record of %s %s", a.x.at, typeName(a.group.rtype), a.group.owner.text(), why)
}

func (a *applier) takeOut(o *ownerRecords) string {
	for _, d := range a.group.data {
		if o.find(a.group.rtype, d) == none {
			return a.cannot("is taken out, and the zone does not have it")
		}
	}
	for _, d := range a.group.data {
		a.c.twice -= o.remove(a.group.rtype, a.group.covers, d) - 1
	}
	return ""
}

func (a *applier) putIn(o *ownerRecords, set setOf) string {
	g, fresh := &a.group, a.group.data[:0]
	for _, d := range g.data {
		if o.find(g.rtype, d) != none {
			a.noEffect()
			continue
		}
		fresh = append(fresh, d)
		set.n, set.size = set.n+1, set.size+2+len(d)
	}
	limit := a.c.zone.Checks.MaxRecordsPerType
	switch {
	case len(fresh) == 0:
		return ""
	case set.n > 1 && singletons[g.rtype]:
		return a.cannot("is put in beside another one, and there can be only one")
	case limit > 0 && set.n > limit:
		return a.cannot("passes max-records-per-type")
	case set.size > 65535:
		return a.cannot("makes its record set larger than 65535 bytes")
	case o.bars(g.rtype):
		return a.cannot("is put in, and a CNAME record and other data would stand at one name")
	}
	r := record{class: g.class, rtype: g.rtype, ttl: g.ttl, file: a.shown}
	for _, d := range fresh {
		r.wire = d
		o.add(&r, g.covers)
	}
	return ""
}
