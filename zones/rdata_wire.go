package zones

import "github.com/miekg/dns"

// wireData is what the checks of data in wire form work on. A check steps over
// its part; false says that BIND refuses the data.
type wireData struct {
	data  []byte
	at    int
	small bool // letters in names become small
	rtype uint16
}

// rest is the data from here on.
func (w *wireData) rest() []byte { return w.data[w.at:] }

// validData checks data in wire form, which stands in buf behind rawPrefix bytes
// of room, and makes r.wire of it. What BIND refuses in a transfer, a raw file or
// the generic form is refused. Names of the types that RFC 4034 section 6.2
// lists become lower-case, so that the data has its canonical form.
//
// Source: BIND, lib/dns/rdata.c (dns_rdata_fromwire) and lib/dns/rdata/*.
func validData(r *record, buf []byte) bool {
	r.wire = buf[rawPrefix:]
	return validWire(r.rtype, r.class, r.wire)
}

// validWire is validData for the data alone.
func validWire(rtype, class uint16, data []byte) bool {
	w := wireData{data: data, rtype: rtype}
	if rtype == dns.TypeA {
		switch class {
		case dns.ClassINET, dns.ClassHESIOD:
			return len(data) == 4
		case dns.ClassCHAOS:
			return checkName(&w, nil) && len(w.rest()) == 2
		}
		return true
	}
	l := layoutOf(rtype, class)
	if l == nil {
		return true
	}
	w.small = l.small
	for i := range l.fields {
		if !l.fields[i].check(&w, &l.fields[i]) {
			return false
		}
	}
	return w.at == len(data)
}

// caseless are the types that keep the case of the names in their data, while
// check-dup-records compares these without it: two records that differ only so
// are both kept, and called semantically identical.
//
// Source: experiments with BIND 9.18.49 and 9.20.30 (-r warn).
var caseless = map[uint16]bool{dns.TypeNSEC: true, dns.TypeHIP: true, dns.TypeIPSECKEY: true, dns.TypeLP: true, dns.TypeAMTRELAY: true}

// foldNames makes the letters of all names in valid data small, whatever its
// type.
func foldNames(rtype, class uint16, data []byte) {
	w := wireData{data: data, rtype: rtype, small: true}
	l := layoutOf(rtype, class)
	if l == nil {
		return
	}
	for i := range l.fields {
		if !l.fields[i].check(&w, &l.fields[i]) {
			return
		}
	}
}

// skip steps over n bytes.
func (w *wireData) skip(n int) bool {
	w.at += n
	return w.at <= len(w.data)
}

func checkBytes(w *wireData, p *field) bool  { return w.skip(p.size) }
func checkBytes1(w *wireData, _ *field) bool { return w.skip(1) }

// checkName steps over an uncompressed name.
func checkName(w *wireData, _ *field) bool {
	at := w.at
	for at < len(w.data) {
		size := int(w.data[at])
		if size > 63 || at+size+1 > len(w.data) || at+size+1-w.at > 255 {
			return false
		}
		if w.small {
			for i := at + 1; i <= at+size; i++ {
				w.data[i] = lower(w.data[i])
			}
		}
		at += size + 1
		if size == 0 {
			w.at = at
			return true
		}
	}
	return false
}

// checkString steps over a character string.
func checkString(w *wireData, _ *field) bool {
	if w.at >= len(w.data) {
		return false
	}
	return w.skip(1 + int(w.data[w.at]))
}

// checkMaybeString steps over a character string that may be missing.
func checkMaybeString(w *wireData, p *field) bool {
	return w.at == len(w.data) || checkString(w, p)
}

// checkStrings steps over character strings to the end, at least one.
func checkStrings(w *wireData, p *field) bool {
	for {
		if !checkString(w, p) {
			return false
		}
		if w.at == len(w.data) {
			return true
		}
	}
}

// checkRest steps over the rest, at least p.least bytes.
func checkRest(w *wireData, p *field) bool {
	n := len(w.data) - w.at
	w.at = len(w.data)
	return n >= p.least
}

// checkDigest steps over the rest, whose length follows from the byte before.
func checkDigest(sizes []int) func(w *wireData, p *field) bool {
	return func(w *wireData, p *field) bool {
		kind, n := int(w.data[w.at-1]), len(w.data)-w.at
		if kind < len(sizes) && sizes[kind] > 0 && n != sizes[kind] {
			return false
		}
		return checkRest(w, p)
	}
}

// checkKey steps over a key. One of a private algorithm begins with the name of
// the algorithm.
//
// Source: RFC 4034 appendix A.1.1; BIND, lib/dns/rdata/generic/key_25.c.
func checkKey(w *wireData, p *field) bool {
	flags, alg := uint16(w.data[0])<<8|uint16(w.data[1]), w.data[3]
	switch {
	case w.rtype == dns.TypeRKEY && flags != 0:
		return false
	case w.rtype == dns.TypeKEY && flags&0xc000 == 0xc000:
		return true
	case w.at == len(w.data):
		return false
	case alg == dns.PRIVATEDNS && !checkName(w, p):
		return false
	}
	w.at = len(w.data)
	return true
}

func checkX25(w *wireData, p *field) bool {
	rest := w.rest()
	return len(rest) >= 5 && allDigits(rest[1:]) && checkString(w, p)
}

func checkTag(w *wireData, p *field) bool {
	start := w.at
	if !checkString(w, p) || w.at == start+1 {
		return false
	}
	for _, c := range w.data[start+1 : w.at] {
		if !isAlphanumeric(c) {
			return false
		}
	}
	return true
}

// lowered makes the name at the start of wire lower-case and gives its length,
// 0 when there is none.
func lowered(wire []byte) int {
	w := wireData{data: wire, small: true}
	if !checkName(&w, nil) {
		return 0
	}
	return w.at
}
