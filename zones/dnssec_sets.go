package zones

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"hash"
	"slices"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// prover verifies the signatures, and the proofs that a name does not exist,
// of owners of a signed zone, one at a time. Each goroutine has one.
type prover struct {
	scan
	p      *proof
	sigs   []rrsig
	hashes map[crypto.Hash]hash.Hash
	text   []byte // what is signed
	sorted []*stored
	digest []byte
	bitmap []byte
	types  []uint16 // that an NSEC or NSEC3 record should list
	listed typeSet  // for their bit map, empty in between

	out    []placed // what was found at the owners of the current chunk
	counts counts
}

// placed is a finding, and the record it is about.
type placed struct {
	rec *stored
	f   finding
}

// counts are findings that are told once for the zone.
type counts struct {
	strange   tally // signatures by keys that are not there, beside good ones
	wrong     tally // wrong signatures beside good ones
	orphan    tally // signatures of sets that are not there
	over      tally // signatures of what is not authoritative
	sigTTL    tally // TTL that is not that of the set
	dangling  tally // NSEC records without a chain
	digests   tally // DS records with digests that nobody knows
	algorithm tally // DS records with algorithms that nobody knows
}

// merge adds what another goroutine counted.
func (k *counts) merge(o *counts) {
	for _, pair := range [...][2]*tally{{&k.strange, &o.strange}, {&k.wrong, &o.wrong}, {&k.orphan, &o.orphan},
		{&k.over, &o.over}, {&k.sigTTL, &o.sigTTL}, {&k.dangling, &o.dangling}, {&k.digests, &o.digests},
		{&k.algorithm, &o.algorithm}} {
		pair[0].merge(*pair[1], earlier)
	}
}

// count counts a finding that is told once for the zone.
func (v *prover) count(t *tally, rec *stored) { t.add(rec, 0, earlier) }

// report takes a finding that is told at its place.
func (v *prover) report(rec *stored, code parser.Code, message, remedy string) {
	v.out = append(v.out, placed{rec, finding{code: code, severity: parser.Error, message: message, remedy: remedy}})
}

const signAgain = "sign the zone again; a change of a signed zone's file needs it"

// ownerText is the name of the current owner.
func (v *prover) ownerText() string { return nameText(v.name()) }

// nameText writes a name in wire form.
func nameText(wire []byte) string {
	var n name
	n.set(wire)
	return n.text()
}

// signatures gives the signatures over a type; v.sigs is sorted.
func (v *prover) signatures(rtype uint16) []rrsig {
	from, _ := slices.BinarySearchFunc(v.sigs, rtype, func(r rrsig, t uint16) int { return int(r.covers) - int(t) })
	to := from
	for to < len(v.sigs) && v.sigs[to].covers == rtype {
		to++
	}
	return v.sigs[from:to]
}

// maxTries bounds how many wrong signatures of one record set are tried, and
// how many keys for each: zones may be made to keep a verifier busy.
const (
	maxTries = 16
	maxSame  = 4
)

// signedSet verifies that a record set is signed with each algorithm of the
// zone.
//
// Source: RFC 4035 sections 2.2 and 5.3; BIND, lib/dns/zoneverify.c (verifyset).
func (v *prover) signedSet(set *rrset) {
	sigs := v.signatures(set.rtype)
	if len(sigs) == 0 {
		v.report(set.recs[0], "NJ435", "the "+typeName(set.rtype)+" records of "+v.ownerText()+" are not signed", signAgain)
		return
	}
	tries, ttlSaid := 0, false
	for from := 0; from < len(sigs); {
		to := from + 1
		for to < len(sigs) && sigs[to].algorithm == sigs[from].algorithm {
			to++
		}
		group := sigs[from:to]
		from = to
		if !v.p.active[group[0].algorithm] {
			if !v.p.foreign[group[0].algorithm] {
				v.count(&v.counts.strange, group[0].rec)
			}
			continue
		}
		inTime := false
		for i := range group {
			inTime = inTime || group[i].at(v.p.now) == valid
			if group[i].rec.ttl != set.recs[0].ttl && !ttlSaid {
				ttlSaid = true
				v.count(&v.counts.sigTTL, group[i].rec)
			}
		}
		good, why := false, ""
		var strangers, wrong tally // told only beside a good one
		for i := range group {
			sig := &group[i]
			if tries > maxTries {
				break
			}
			fault, strange := v.fault(set, sig)
			switch {
			case fault == "":
				good = good || !inTime || sig.at(v.p.now) == valid
			case strange:
				if why == "" {
					why = fault
				}
				v.count(&strangers, sig.rec)
			default:
				why = fault
				tries++
				v.count(&wrong, sig.rec)
			}
		}
		if good {
			v.counts.strange.merge(strangers, earlier)
			v.counts.wrong.merge(wrong, earlier)
		} else {
			v.report(group[0].rec, "NJ435", "the "+algorithmName(group[0].algorithm)+" signature of the "+typeName(set.rtype)+
				" records of "+v.ownerText()+" is wrong: "+why, signAgain)
		}
	}
	for _, a := range v.p.algorithms {
		if !slices.ContainsFunc(sigs, func(r rrsig) bool { return r.algorithm == a }) {
			v.report(set.recs[0], "NJ435", "the "+typeName(set.rtype)+" records of "+v.ownerText()+" are not signed with "+algorithmName(a)+
				", with which the zone is signed", signAgain)
		}
	}
}

// fault says what is wrong with a signature, "" when it is right. strange tells
// that it is of a key that the zone does not have.
func (v *prover) fault(set *rrset, sig *rrsig) (why string, strange bool) {
	labels := countLabels(v.name())
	if v.flags&isWild != 0 {
		labels--
	}
	var signer name
	signer.wireName(sig.signer)
	switch {
	case !bytes.Equal(signer.bytes(), v.s.zone.bytes()):
		return "it names another signer than the zone", false
	case int(sig.labels) != labels:
		return "its number of labels is not that of the name", false
	case set.recs[0].ttl != sig.ttl:
		return "the records have another TTL than the one that was signed", false
	}
	tried, same := 0, ""
	for i := range v.p.keys {
		k := &v.p.keys[i]
		if k.tag != sig.tag || k.algorithm != sig.algorithm {
			continue
		}
		switch {
		case !k.usable():
			same = "its key is damaged, or no key of a zone"
			continue
		case k.revoked() && set.rtype != dns.TypeDNSKEY:
			same = "its key is revoked"
			continue
		}
		if tried++; tried > maxSame {
			break
		}
		if v.verify(set, sig, k) {
			return "", false
		}
	}
	switch {
	case tried > 0:
		return "it does not fit the records", false
	case same != "":
		return same, false
	}
	return "the zone has no DNSKEY record of its key", true
}

// maxText bounds what Ed25519 needs to see at once. Units: bytes.
const maxText = 16 << 20

// verify verifies a signature with a key.
//
// Source: RFC 4034 sections 3.1.8.1 and 6.
func (v *prover) verify(set *rrset, sig *rrsig, k *zoneKey) bool {
	method := verifiable[sig.algorithm]
	head := v.s.data(sig.rec)[:rrsigHead]
	var h hash.Hash
	v.text = append(append(v.text[:0], head...), v.s.zone.bytes()...)
	if method.hash != 0 {
		h = v.hasher(method.hash)
	}
	own := v.name()
	fixed := make([]byte, 8, 16) // type, class, TTL that was signed
	binary.BigEndian.PutUint16(fixed, set.rtype)
	binary.BigEndian.PutUint16(fixed[2:], v.c.class)
	binary.BigEndian.PutUint32(fixed[4:], sig.ttl)
	var last *stored
	for _, rec := range v.canonical(set.recs) {
		data := v.s.data(rec)
		if last != nil && bytes.Equal(data, v.s.data(last)) {
			continue
		}
		last = rec
		v.text = append(append(v.text, own...), fixed...)
		v.text = append(binary.BigEndian.AppendUint16(v.text, uint16(len(data))), data...)
		switch {
		case h != nil && len(v.text) > 32<<10:
			h.Write(v.text)
			v.text = v.text[:0]
		case len(v.text) > maxText:
			return false
		}
	}
	if h == nil {
		return k.verify(0, v.text, sig.signature)
	}
	h.Write(v.text)
	v.digest = h.Sum(v.digest[:0])
	return k.verify(method.hash, v.digest, sig.signature)
}

// hasher gives a fresh hash of a kind.
func (v *prover) hasher(kind crypto.Hash) hash.Hash {
	h := v.hashes[kind]
	if h == nil {
		h = kind.New()
		v.hashes[kind] = h
	}
	h.Reset()
	return h
}

// canonical gives records of one set in canonical order.
//
// Source: RFC 4034 section 6.3.
func (v *prover) canonical(recs []*stored) []*stored {
	if len(recs) == 1 {
		return recs
	}
	v.sorted = append(v.sorted[:0], recs...)
	sortUntil(v.sorted, v.c.halted, func(a, b *stored) int { return bytes.Compare(v.s.data(a), v.s.data(b)) })
	return v.sorted
}

// countLabels is the number of labels of a name, the root's not counted.
func countLabels(n []byte) int {
	var starts [128]uint8
	return labelStarts(n, &starts)
}
