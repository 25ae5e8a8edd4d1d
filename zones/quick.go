package zones

import (
	"net/netip"

	"github.com/miekg/dns"
)

// quickReader reads the data of one type from the words e.words[i:] and
// appends its wire form to out. wrong is "" or what is wrong, bad the index of
// the word it stands at.
type quickReader func(q *quickData) (bad int, wrong string)

// quickData is what a quick reader works on.
type quickData struct {
	e      *entry
	i      int
	origin *name
	class  uint16
	out    []byte
	name   name
}

// quick is the table of the types that are read without miekg/dns: they are
// nearly all of most zones, and these readers are several times as fast.
var quick = map[uint16]quickReader{
	dns.TypeA:     (*quickData).a,
	dns.TypeAAAA:  (*quickData).aaaa,
	dns.TypeNS:    (*quickData).oneName,
	dns.TypeCNAME: (*quickData).oneName,
	dns.TypeDNAME: (*quickData).oneName,
	dns.TypePTR:   (*quickData).oneName,
	dns.TypeMX:    (*quickData).mx,
	dns.TypeTXT:   (*quickData).txt,
	dns.TypeSOA:   (*quickData).soa,
}

// Messages that several readers share.
const (
	tooShort = "the data of the record ends too early"
	tooLong  = "there is more text after the data of the record"
	noQuotes = "this part of the record cannot be quoted"
)

// count checks that there are exactly n words, none of them quoted.
func (q *quickData) count(n int) (int, string) {
	words := q.e.words[q.i:]
	for k := range words {
		if k == n {
			return q.i + k, tooLong
		}
		if words[k].quoted {
			return q.i + k, noQuotes
		}
	}
	if len(words) < n {
		return len(q.e.words) - 1, tooShort
	}
	return 0, ""
}

func (q *quickData) text(k int) []byte { return q.e.bytes(&q.e.words[q.i+k]) }

// addName appends the name in word k.
func (q *quickData) addName(k int) string {
	if wrong := q.name.parse(q.text(k), q.origin); wrong != "" {
		return "this is not a name: " + wrong
	}
	q.out = append(q.out, q.name.bytes()...)
	return ""
}

func (q *quickData) oneName() (int, string) {
	if bad, wrong := q.count(1); wrong != "" {
		return bad, wrong
	}
	return q.i, q.addName(0)
}

// a reads an IPv4 address; in class CH a name and an octal number.
func (q *quickData) a() (int, string) {
	if q.class == dns.ClassCHAOS {
		return q.chaos()
	}
	if bad, wrong := q.count(1); wrong != "" {
		return bad, wrong
	}
	text := q.text(0)
	at := 0
	for part := 0; part < 4; part++ {
		if part > 0 {
			if at == len(text) || text[at] != '.' {
				return q.i, notIPv4
			}
			at++
		}
		v, from := 0, at
		for at < len(text) && text[at] >= '0' && text[at] <= '9' && at-from < 3 {
			v = v*10 + int(text[at]-'0')
			at++
		}
		if at == from || v > 255 || at-from > 1 && text[from] == '0' {
			return q.i, notIPv4
		}
		q.out = append(q.out, byte(v))
	}
	if at != len(text) {
		return q.i, notIPv4
	}
	return 0, ""
}

const notIPv4 = "this is not an IPv4 address"

func (q *quickData) chaos() (int, string) {
	if bad, wrong := q.count(2); wrong != "" {
		return bad, wrong
	}
	if wrong := q.addName(0); wrong != "" {
		return q.i, wrong
	}
	v := 0
	for _, c := range q.text(1) {
		if c < '0' || c > '7' || v > 0xffff>>3 {
			return q.i + 1, "this is not an octal CHAOS address"
		}
		v = v<<3 | int(c-'0')
	}
	q.out = append(q.out, byte(v>>8), byte(v))
	return 0, ""
}

func (q *quickData) aaaa() (int, string) {
	if bad, wrong := q.count(1); wrong != "" {
		return bad, wrong
	}
	text := q.text(0)
	if len(text) > 45 {
		return q.i, "this is not an IPv6 address"
	}
	ip, err := netip.ParseAddr(string(text))
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return q.i, "this is not an IPv6 address"
	}
	wire := ip.As16()
	q.out = append(q.out, wire[:]...)
	return 0, ""
}

func (q *quickData) mx() (int, string) {
	if bad, wrong := q.count(2); wrong != "" {
		return bad, wrong
	}
	v, ok := number(q.text(0), 65535)
	if !ok {
		return q.i, "the preference of the MX record is not a number from 0 to 65535"
	}
	q.out = append(q.out, byte(v>>8), byte(v))
	return q.i + 1, q.addName(1)
}

func (q *quickData) txt() (int, string) {
	words := q.e.words[q.i:]
	if len(words) == 0 {
		return len(q.e.words) - 1, tooShort
	}
	for k := range words {
		text := q.e.bytes(&words[k])
		size := len(q.out)
		q.out = append(q.out, 0)
		for i := 0; i < len(text); i++ {
			c := text[i]
			if c == '\\' {
				var used int
				if c, used = unescape(text[i:]); used == 0 {
					return q.i + k, "a bad escape; a backslash takes one character or three digits up to 255"
				}
				i += used - 1
			}
			q.out = append(q.out, c)
		}
		if len(q.out)-size-1 > 255 {
			return q.i + k, "this string is longer than 255 bytes; cut it into several quoted strings"
		}
		q.out[size] = byte(len(q.out) - size - 1)
		if len(q.out) > 65535 {
			return q.i + k, "the data of the record is longer than 65535 bytes"
		}
	}
	return 0, ""
}

// soaFields names the numbers of an SOA record, in order.
var soaFields = [5]string{"serial", "refresh", "retry", "expire", "minimum"}

func (q *quickData) soa() (int, string) {
	if bad, wrong := q.count(7); wrong != "" {
		return bad, wrong
	}
	for k := range 2 {
		if wrong := q.addName(k); wrong != "" {
			return q.i + k, wrong
		}
	}
	for k, field := range soaFields {
		v, ok := uint32(0), false
		if k == 0 {
			var n uint64
			n, ok = number(q.text(2), 1<<32-1)
			v = uint32(n)
		} else {
			v, ok = seconds(q.text(2 + k))
		}
		if !ok {
			return q.i + 2 + k, "the " + field + " of the SOA record is not a number that fits"
		}
		q.out = append(q.out, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return 0, ""
}
