package zones

import (
	"crypto"
	"fmt"
	"hash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// proof is the proof that a zone is signed whole and right: every record set
// that the zone answers with has signatures that fit, and the NSEC or NSEC3
// records say of every other name that it does not exist.
//
// Source: RFC 4035 section 2, RFC 5155 section 7.1; BIND,
// lib/dns/zoneverify.c.
type proof struct {
	c    *check
	s    *store
	now  uint32
	list []zoneFinding

	keys       []zoneKey
	active     [256]bool // algorithms that the zone is signed with
	algorithms []uint8   // the same, in order
	foreign    [256]bool // algorithms of keys that named-jail cannot verify

	order  []uint32 // owners in canonical order
	roles  []role
	chain  []uint32 // names with authoritative data or a delegation, in canonical order
	below  []uint32 // names with glue, or data that nobody gets
	hashed []uint32 // owners of NSEC3 records

	nsec   bool // the zone has a chain of NSEC records
	params []hashChain

	counts counts
	stop   atomic.Bool // enough errors were found
}

// role is what an owner name is in a signed zone.
type role uint8

const (
	nothing     role = iota // no record of its own, NSEC3 records not counted
	owned                   // authoritative data
	zoneCut                 // a delegation
	belowCut                // below a delegation or a DNAME
	cutUnsigned             // a delegation without a DS record
)

// prove verifies a zone when the caller asks for it.
func prove(c *check) []zoneFinding {
	if !c.judging.DNSSEC || c.judgedApart() {
		return nil
	}
	c.steady = false
	p := &proof{c: c, s: &c.store}
	p.now, _ = c.moments()
	p.run()
	return p.list
}

// say takes a finding about a record, nil for the zone as a whole.
func (p *proof) say(rec *stored, code parser.Code, severity parser.Severity, message, remedy string) {
	f := zoneFinding{finding: finding{code: code, severity: severity, message: message, remedy: remedy}}
	if rec != nil {
		f.place = p.s.place(rec)
	}
	p.list = append(p.list, f)
}

func (p *proof) run() {
	p.zoneDigest()
	flags := p.s.owners.at(0).flags
	if flags&hasDNSKEY == 0 {
		p.unsigned()
		return
	}
	v := p.prover()
	v.take(0)
	if !p.readKeys(v) {
		return
	}
	p.parentKeys(v)
	p.nsec = flags&hasNSEC != 0
	p.readParams(v)
	if !p.nsec && len(p.params) == 0 {
		if len(p.list) == 0 || !slices.ContainsFunc(p.list, func(f zoneFinding) bool { return f.code == "NJ438" }) {
			p.say(nil, "NJ437", parser.Error, "the zone has neither NSEC records nor an NSEC3PARAM record at its origin: it cannot prove that a name does not exist",
				signAgain)
		}
	}
	p.sortOwners()
	p.order = nil // the lists of names take its place
	p.sortHashes()
	p.overAll(p.chain, (*prover).authoritative)
	p.overAll(p.hashed, (*prover).hashOwner)
	p.overAll(p.below, (*prover).belowCut)
	for i := range p.params {
		p.linked(&p.params[i])
	}
	p.summary()
}

// unsigned says that there is nothing to verify.
func (p *proof) unsigned() {
	severity := parser.Error
	message := "the zone is not signed: it has no DNSKEY record at its origin"
	remedy := "sign it (dnssec-policy in the zone statement, or dnssec-signzone), or check it without --dnssec"
	switch {
	case p.c.zone.Checks.Signed:
		severity = parser.Warning
		message = "the zone's file is not signed yet, though named signs the zone; there is nothing to verify"
		remedy = "check the signed file that named writes once it has signed the zone"
	case p.s.flags&(hasRRSIG|hasNSEC|hasNSEC3) != 0:
		message = "the zone has signatures and no DNSKEY record at its origin; no resolver can verify them"
		remedy = "sign it again with its keys"
	}
	p.say(nil, "NJ436", severity, message, remedy)
}

// prover makes one for a goroutine.
func (p *proof) prover() *prover {
	return &prover{scan: scan{c: p.c, s: p.s}, p: p, hashes: map[crypto.Hash]hash.Hash{}}
}

// inOrder gives the owners in canonical order.
func (p *proof) inOrder() []uint32 {
	if p.order == nil {
		p.order = p.s.ordered(p.c.workers, p.c.halted, func(id uint32) bool { return p.s.owners.at(id).first != none })
	}
	return p.order
}

// sortOwners finds out what each owner is, and the canonical order.
func (p *proof) sortOwners() {
	s := p.s
	p.roles = make([]role, s.owners.n)
	var cut []byte
	for i, id := range p.inOrder() {
		if i&0xfff == 0 && p.c.halted() {
			return
		}
		flags := s.owners.at(id).flags
		if flags&hasNSEC3 != 0 {
			p.hashed = append(p.hashed, id)
		}
		if flags&hasNSEC3 != 0 && !s.more(id) || !s.has(id) {
			continue
		}
		n := s.name(id)
		switch {
		case cut != nil && underWire(n, cut):
			p.roles[id] = belowCut
			p.below = append(p.below, id)
			continue
		case id != 0 && flags&hasNS != 0:
			p.roles[id] = zoneCut
			if flags&hasDS == 0 {
				p.roles[id] = cutUnsigned
			}
			cut = n
		default:
			p.roles[id] = owned
			if flags&hasDNAME != 0 {
				cut = n
			}
		}
		p.chain = append(p.chain, id)
	}
}

// more tells whether an owner has more than NSEC3 records and their signatures.
func (s *store) more(id uint32) bool {
	some := false
	s.each(id, func(rec *stored) bool {
		if rec.rtype == dns.TypeRRSIG {
			data := s.data(rec)
			some = len(data) < 2 || uint16(data[0])<<8|uint16(data[1]) != dns.TypeNSEC3
		} else {
			some = rec.rtype != dns.TypeNSEC3
		}
		return !some
	})
	return some
}

// proofChunk is how many owners a goroutine takes at once.
const proofChunk = 256

// overAll shows owners of a list to look, many at once. What is found comes in
// the order of the list, however the work was shared, and ends with the bound on
// errors.
func (p *proof) overAll(ids []uint32, look func(v *prover, at int)) {
	limit := p.c.zone.maxErrors()
	chunks := (len(ids) + proofChunk - 1) / proofChunk
	found := make([][]placed, chunks)
	var next, errors atomic.Int64
	var mu sync.Mutex // guards p.counts
	var wg sync.WaitGroup
	for range min(p.c.workers, chunks) {
		wg.Go(func() {
			v := p.prover()
			for errors.Load() < int64(limit) && !p.c.halted() && !p.stop.Load() {
				chunk := int(next.Add(1)) - 1
				if chunk >= chunks {
					break
				}
				v.out = nil
				for at := chunk * proofChunk; at < min(len(ids), (chunk+1)*proofChunk) && len(v.out) < limit; at++ {
					v.take(ids[at])
					v.sigs = v.sigsOf(v.sigs)
					look(v, at)
				}
				found[chunk] = v.out
				errors.Add(int64(len(v.out)))
			}
			mu.Lock()
			p.counts.merge(&v.counts)
			mu.Unlock()
		})
	}
	wg.Wait()
	for _, list := range found {
		for _, f := range list {
			if limit--; limit < 0 {
				p.stop.Store(true)
				return
			}
			p.say(f.rec, f.f.code, f.f.severity, f.f.message, f.f.remedy)
		}
	}
}

// authoritative verifies a name of the chain: its sets are signed, at a
// delegation only those that belong to the parent, and it has its NSEC or NSEC3
// record.
func (v *prover) authoritative(at int) {
	cut := v.p.roles[v.id] != owned
	for i := range v.sets {
		set := &v.sets[i]
		switch {
		case v.c.halted():
			return // there may be as many sets as types
		case set.rtype == dns.TypeRRSIG || set.rtype == dns.TypeNSEC3:
			continue
		case !cut || set.rtype == dns.TypeDS || set.rtype == dns.TypeNSEC:
			v.signedSet(set)
		default:
			if sigs := v.signatures(set.rtype); len(sigs) > 0 {
				v.count(&v.counts.over, sigs[0].rec)
			}
		}
		if cut && set.rtype == dns.TypeDS {
			v.delegationSigner(set)
		}
	}
	v.orphans()
	if v.p.nsec {
		v.nsecAt(at)
	} else if v.flags&hasNSEC != 0 {
		v.count(&v.counts.dangling, v.set(dns.TypeNSEC)[0])
	}
	for i := range v.p.params {
		v.hashedAt(&v.p.params[i], at)
	}
}

// orphans counts signatures of sets that are not there.
func (v *prover) orphans() {
	for i := range v.sigs {
		if sig := &v.sigs[i]; (i == 0 || v.sigs[i-1].covers != sig.covers) && !v.hasType(sig.covers) {
			v.count(&v.counts.orphan, sig.rec)
		}
	}
}

// hasType tells whether the current owner has a type. The sets stand in the
// order of their types.
func (v *prover) hasType(rtype uint16) bool {
	_, found := slices.BinarySearchFunc(v.sets, rtype, func(set rrset, t uint16) int { return int(set.rtype) - int(t) })
	return found
}

// hashOwner verifies the signatures of NSEC3 records.
func (v *prover) hashOwner(int) {
	v.signedSet(&rrset{dns.TypeNSEC3, v.set(dns.TypeNSEC3)})
	if v.p.roles[v.id] == nothing {
		v.orphans()
	}
}

// belowCut looks at a name below a delegation or a DNAME, which has no part in
// the proof.
func (v *prover) belowCut(int) {
	if nsec := v.set(dns.TypeNSEC); nsec != nil {
		v.report(nsec[0], "NJ437", v.ownerText()+" has an NSEC record, and lies below a delegation or a DNAME", signAgain)
	}
	for i := range v.sigs {
		if v.sigs[i].covers != dns.TypeNSEC3 {
			v.count(&v.counts.over, v.sigs[i].rec)
			return
		}
	}
}

// countKind is a row of the table of findings that are told once for the zone,
// %s for the number.
type countKind struct {
	code                  parser.Code
	tally                 func(*counts) *tally
	noun, message, remedy string
}

var countKinds = []countKind{
	{"NJ435", func(k *counts) *tally { return &k.strange }, "signature", "%s of keys that the zone has no DNSKEY record of, beside good ones",
		"named or dnssec-signzone takes them away when they sign again"},
	{"NJ435", func(k *counts) *tally { return &k.wrong }, "signature", "%s that are wrong, beside good ones of the same algorithm", signAgain},
	{"NJ435", func(k *counts) *tally { return &k.orphan }, "record set", "signatures of %s that the zone does not have", signAgain},
	{"NJ435", func(k *counts) *tally { return &k.over }, "name", "signatures at %s over records that are not authoritative: delegations, glue, or names below a DNAME",
		signAgain},
	{"NJ435", func(k *counts) *tally { return &k.sigTTL }, "record set", "signatures of %s have another TTL than what they sign", signAgain},
	{"NJ437", func(k *counts) *tally { return &k.dangling }, "name", "NSEC records at %s, and none at the origin of the zone: they are no chain", signAgain},
	{"NJ439", func(k *counts) *tally { return &k.digests }, "DS record", "%s with a type of digest that validating resolvers do not know; where there is no other, they take the zone below for unsigned",
		"make a DS record with SHA-256: dnssec-dsfromkey -2"},
	{"NJ439", func(k *counts) *tally { return &k.algorithm }, "DS record", "%s with an algorithm that no key for zones has; where there is no other, validating resolvers take the zone below for unsigned",
		"make the DS record anew from the key of the zone below: dnssec-dsfromkey"},
}

// summary tells what was counted.
func (p *proof) summary() {
	for i := range countKinds {
		k := &countKinds[i]
		if t := k.tally(&p.counts); t.count > 0 {
			p.say(t.first, k.code, parser.Warning, fmt.Sprintf(k.message, plural(t.count, k.noun)), k.remedy)
		}
	}
}
