package zones

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// twin is a record and its data with names in lower case.
type twin struct {
	rec  *stored
	data []byte
	at   int // its place in the set
}

// repeated finds records that are there twice. named keeps one, or both where
// its own comparison minds the case of names; check-dup-records is about these.
//
// Source: BIND, lib/dns/rdataslab.c, lib/dns/zone.c (zone_rrset_check_dup).
func repeated(x *scan) {
	for i := range x.sets {
		set := &x.sets[i]
		x.bounded(set)
		if len(set.recs) == 1 {
			continue
		}
		fold := caseless[set.rtype]
		twins := make([]twin, len(set.recs))
		for k, rec := range set.recs {
			twins[k] = twin{rec, x.s.data(rec), k}
			if fold {
				twins[k].data = bytes.Clone(twins[k].data)
				foldNames(set.rtype, x.c.class, twins[k].data)
			}
		}
		if len(twins) > 2 {
			sortUntil(twins, x.c.halted, func(a, b twin) int { return cmp.Or(bytes.Compare(a.data, b.data), a.at-b.at) })
		}
		for k := 1; k < len(twins); k++ {
			if bytes.Equal(twins[k-1].data, twins[k].data) {
				x.twins(twins[k-1].rec, twins[k].rec, fold)
			}
		}
	}
}

func (x *scan) twins(first, second *stored, fold bool) {
	if fold && !bytes.Equal(x.s.data(first), x.s.data(second)) {
		if x.checks.Duplicates != Ignore && isPrimary(x) {
			x.say(second, finding{code: "NJ425", message: "this record differs from another one in the case of a name only; named keeps both",
				remedy: "take one of them out"}.at(x.checks.Duplicates))
		}
		return
	}
	x.repeat(second)
	if x.checks.Duplicates == Ignore {
		return
	}
	x.say(second, finding{code: "NJ425", message: "this record stands in the zone already; named keeps one of them",
		remedy: "take one of them out"})
}

// repeat counts a record that is there a second time: it is one.
func (x *scan) repeat(rec *stored) {
	x.twice++
	if x.digest != nil {
		x.sum = x.sum.minus(x.digest.record(x.digest.of(0, x.name())[0], rec, x.s.data(rec)))
	}
}

// largestSet is what the records of one name and type may take in named: their
// data and two bytes each, three with signatures.
//
// Source: BIND, lib/dns/rdataslab.c, lib/dns/include/dns/rdata.h
// (DNS_RDATA_MAXLENGTH).
const largestSet = 65512

// largestSet916 is the same for named 9.16 and older.
const largestSet916 = 65535

// largest gives the bound of the zone's release.
func (x *scan) largest() int {
	if x.loadedBy(since917) {
		return largestSet
	}
	return largestSet916
}

// bounded finds sets that are too large for named.
func (x *scan) bounded(set *rrset) {
	each, most := 2, largestSet
	if set.rtype == dns.TypeRRSIG || set.rtype == dns.TypeSIG {
		each = 3
	}
	total := 0
	for _, rec := range set.recs {
		if total += int(rec.size) + each; total > most {
			break
		}
	}
	if total <= most {
		return
	}
	most = x.largest()
	sums, seen := map[uint16]int{}, map[string]bool{}
	for _, rec := range set.recs {
		data := x.s.data(rec)
		if seen[string(data)] {
			continue
		}
		seen[string(data)] = true
		covers := uint16(0)
		if each == 3 && len(data) > 1 {
			covers = binary.BigEndian.Uint16(data)
		}
		if sums[covers] += len(data) + each; sums[covers] > most {
			x.say(rec, finding{code: "NJ448", message: fmt.Sprintf("the %s records of this name are more than %d bytes together, which no answer holds and named does not load", typeName(set.rtype), most),
				remedy: "take records out"})
			return
		}
	}
}

func counted(x *scan) bool {
	return x.checks.MaxRecordsPerType > 0 || x.checks.MaxTypesPerName > 0
}

// tooMany finds sets of more records than max-records-per-type, and names with
// more types than max-types-per-name. The signatures of each type are a type of
// their own.
//
// Source: BIND, lib/dns/rdataslab.c (dns_rdataslab_fromrdataset),
// lib/dns/rbtdb.c (overmaxtype).
func tooMany(x *scan) {
	types, most := 0, x.checks.MaxRecordsPerType
	var extra *stored // the first record of the type too many
	take := func(recs []*stored, typ string) {
		if types++; types == x.checks.MaxTypesPerName+1 {
			extra = recs[0]
		}
		if most > 0 && len(recs) > most {
			x.say(recs[most], finding{code: "NJ448", severity: parser.Error,
				message: fmt.Sprintf("%d %s records at one name, and max-records-per-type is %d", len(recs), typ, most),
				remedy:  "take records out, or raise max-records-per-type"})
		}
	}
	for i := range x.sets {
		set := &x.sets[i]
		if set.rtype != dns.TypeRRSIG && set.rtype != dns.TypeSIG {
			take(set.recs, typeName(set.rtype))
			continue
		}
		covered := map[uint16][]*stored{}
		for _, rec := range set.recs {
			t := binary.BigEndian.Uint16(x.s.data(rec))
			covered[t] = append(covered[t], rec)
		}
		for _, t := range slices.Sorted(maps.Keys(covered)) {
			take(covered[t], typeName(set.rtype))
		}
	}
	if x.checks.MaxTypesPerName > 0 && extra != nil {
		x.say(extra, finding{code: "NJ448", severity: parser.Error,
			message: fmt.Sprintf("%d types of records at one name, and max-types-per-name is %d", types, x.checks.MaxTypesPerName),
			remedy:  "take records out, or raise max-types-per-name"})
	}
}
