package zones

import (
	"bytes"
	"cmp"
	"slices"
)

// Canonical order of names: label by label from the right, as bytes, a missing
// label first. All names are in wire form and lower-case.
//
// Source: RFC 4034 section 6.1.

// labelStarts writes where the labels of a name begin, the root's not counted,
// and gives their number.
func labelStarts(n []byte, starts *[128]uint8) int {
	count := 0
	for at := 0; n[at] != 0; at += int(n[at]) + 1 {
		starts[count] = uint8(at)
		count++
	}
	return count
}

// compareNames compares two names in canonical order.
func compareNames(a, b []byte) int {
	var as, bs [128]uint8
	an, bn := labelStarts(a, &as), labelStarts(b, &bs)
	for i := 1; i <= an && i <= bn; i++ {
		x, y := int(as[an-i]), int(bs[bn-i])
		if c := bytes.Compare(a[x+1:x+1+int(a[x])], b[y+1:y+1+int(b[y])]); c != 0 {
			return c
		}
	}
	return an - bn
}

// sharedLabels is the number of labels that two names have in common at their
// ends, the root's not counted.
func sharedLabels(a, b []byte) int {
	var as, bs [128]uint8
	an, bn := labelStarts(a, &as), labelStarts(b, &bs)
	for i := 1; ; i++ {
		if i > an || i > bn {
			return i - 1
		}
		x, y := int(as[an-i]), int(bs[bn-i])
		if !bytes.Equal(a[x:x+1+int(a[x])], b[y:y+1+int(b[y])]) {
			return i - 1
		}
	}
}

// sortKey is an owner with the first 16 bytes of its name in an encoding whose
// order as bytes is the canonical one: most comparisons need no more.
type sortKey struct {
	high, low uint64
	id        uint32
}

// orderKey makes the key of a name below a zone. Labels from the right, each with a
// 0 behind it; a 0 or 1 in a label becomes 1 and 1, or 1 and 2.
func orderKey(n []byte, zone int, id uint32) sortKey {
	var starts [128]uint8
	var key [16]byte
	count, at := labelStarts(n, &starts), 0
	for count--; count >= 0 && at < len(key); count-- {
		from := int(starts[count])
		if len(n)-from <= zone {
			continue // a label of the zone itself
		}
		for _, c := range n[from+1 : from+1+int(n[from])] {
			if c <= 1 && at < len(key) {
				key[at] = 1
				at++
				c++
			}
			if at < len(key) {
				key[at] = c
				at++
			}
		}
		at++
	}
	k := sortKey{id: id}
	for i := range 8 {
		k.high = k.high<<8 | uint64(key[i])
		k.low = k.low<<8 | uint64(key[8+i])
	}
	return k
}

// sortUntil sorts a list that may be long. When halted says so it ends soon, with
// the list in no order.
func sortUntil[T any](list []T, halted func() bool, compare func(a, b T) int) {
	asked, ended := 0, false
	slices.SortFunc(list, func(a, b T) int {
		if asked++; asked&0xffff == 0 && !ended {
			ended = halted()
		}
		if ended {
			return 0
		}
		return compare(a, b)
	})
}

// ordered gives the owners that keep accepts in canonical order. It sorts in as
// many parts at once as workers says; when halted says so it ends soon, and what
// it gives then is of no use.
func (s *store) ordered(workers int, halted func() bool, keep func(id uint32) bool) []uint32 {
	n := s.owners.n
	workers = max(1, min(workers, 8, n/leastShare))
	parts := make([][]sortKey, workers)
	done := make(chan bool)
	less := func(a, b sortKey) int {
		if c := cmp.Compare(a.high, b.high); c != 0 {
			return c
		}
		if c := cmp.Compare(a.low, b.low); c != 0 {
			return c
		}
		return compareNames(s.name(a.id), s.name(b.id))
	}
	for i := range parts {
		go func() {
			from, to := uint32(n*i/workers), uint32(n*(i+1)/workers)
			keys := make([]sortKey, 0, to-from)
			for id := from; id < to; id++ {
				if keep(id) {
					keys = append(keys, orderKey(s.name(id), s.zone.n, id))
				}
			}
			sortUntil(keys, halted, less)
			parts[i] = keys
			done <- true
		}()
	}
	total := 0
	for range parts {
		<-done
	}
	for _, p := range parts {
		total += len(p)
	}
	out := make([]uint32, 0, total)
	for len(out) < total {
		if len(out)&0xffff == 0 && halted() {
			break
		}
		best := -1
		for i, p := range parts {
			if len(p) > 0 && (best < 0 || less(p[0], parts[best][0]) < 0) {
				best = i
			}
		}
		out = append(out, parts[best][0].id)
		parts[best] = parts[best][1:]
	}
	return out
}
