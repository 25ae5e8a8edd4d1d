package zones

import (
	"bytes"
	"slices"
)

// paramForm is the form of the value of a service parameter.
type paramForm uint8

const (
	anyForm paramForm = iota
	keyList
	alpnList
	noValue
	port
	ipv4List
	ipv6List
	base64Form
	pathForm
)

// serviceForms are the parameters that BIND knows by name.
//
// Source: RFC 9460 section 14.3.2, RFC 9461; BIND, lib/dns/rdata/in_1/svcb_64.c.
var serviceForms = []struct {
	name string
	form paramForm
}{
	{"mandatory", keyList}, {"alpn", alpnList}, {"no-default-alpn", noValue}, {"port", port},
	{"ipv4hint", ipv4List}, {"ech", base64Form}, {"ipv6hint", ipv6List}, {"dohpath", pathForm},
}

// The keys that depend on one another.
const (
	mandatoryKey   = 0
	alpnKey        = 1
	defaultAlpnKey = 2
)

// formOf is the form of the value of a key.
func formOf(key uint16) paramForm {
	if int(key) < len(serviceForms) {
		return serviceForms[key].form
	}
	return anyForm
}

// readParameters reads KEY or KEY=VALUE or KEY="VALUE" to the end of the record
// and appends them in the order of their keys.
func readParameters(q *quickData, p *field) string {
	start := len(q.out)
	for q.more() {
		if wrong := q.parameter(p); wrong != "" {
			return wrong
		}
		if len(q.out) > maxData {
			return tooBig
		}
	}
	return q.sortParameters(start)
}

// parameter reads one parameter.
func (q *quickData) parameter(p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	if q.more() && bytes.IndexByte(text, '=') == len(text)-1 {
		last, next := &q.e.words[q.i-1], &q.e.words[q.i]
		if next.quoted && next.from == last.to { // KEY="VALUE"
			value, _ := q.any()
			text = append(append(make([]byte, 0, len(text)+len(value)), text...), value...)
		}
	}
	name, value, _ := bytes.Cut(text, []byte("="))
	key, named := uint16(0), false
	for k := range serviceForms {
		if string(name) == serviceForms[k].name {
			key, named = uint16(k), true
		}
	}
	if !named {
		var ok bool
		if key, ok = serviceKey(name); !ok {
			return q.not(p.what, "a key that BIND knows, nor like key123")
		}
	}
	q.put(uint32(key), 2)
	size := len(q.out)
	q.out = append(q.out, 0, 0)
	form := formOf(key)
	ok := false
	if named {
		ok = q.parameterValue(form, value)
	} else {
		ok = q.unescaped(value)
	}
	n := len(q.out) - size - 2
	if n > maxData {
		return tooBig
	}
	q.out[size], q.out[size+1] = byte(n>>8), byte(n)
	// What is written byte by byte is checked as it comes over the wire.
	if ok && (!named || form == pathForm) {
		ok = validParameter(form, q.out[size+2:])
	}
	if !ok {
		return "the value of a parameter of the " + typeName(q.rtype) + " record is not valid for its key"
	}
	return ""
}

// serviceKey reads a key such as key123, or a name in any case. Only a name in
// small letters has its value read in the form of its key.
func serviceKey(name []byte) (uint16, bool) {
	for k := range serviceForms {
		if bytes.EqualFold(name, []byte(serviceForms[k].name)) {
			return uint16(k), true
		}
	}
	digits, ok := bytes.CutPrefix(name, []byte("key"))
	if !ok || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	v, ok := number(digits, 65535)
	return uint16(v), ok
}

// parameterValue appends a value in the form that its key has in text.
func (q *quickData) parameterValue(form paramForm, value []byte) bool {
	switch form {
	case noValue:
		return len(value) == 0
	case port:
		v, ok := number(value, 65535)
		q.put(uint32(v), 2)
		return ok
	case base64Form:
		return q.base64Word(value)
	case alpnList:
		return q.alpnList(value)
	case ipv4List, ipv6List:
		for _, one := range bytes.Split(value, []byte(",")) {
			ok := false
			if form == ipv4List {
				q.out, ok = ipv4(q.out, one)
			} else {
				q.out, ok = ipv6(q.out, one)
			}
			if !ok {
				return false
			}
		}
		return true
	case keyList:
		return q.keyList(value)
	}
	return q.unescaped(value)
}

// keyList appends the keys of mandatory in order; none may stand there twice.
func (q *quickData) keyList(value []byte) bool {
	var keys []uint16
	for _, one := range bytes.Split(value, []byte(",")) {
		key, ok := serviceKey(one)
		if !ok {
			return false
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		if i > 0 && keys[i-1] == key {
			return false
		}
		q.put(uint32(key), 2)
	}
	return true
}

// alpnList appends names of protocols that commas part. A backslash has its
// meaning twice: for the string, and for a comma in a name.
//
// Source: RFC 9460 appendix A.1; BIND, lib/dns/rdata.c (commatxt_fromtext).
func (q *quickData) alpnList(value []byte) bool {
	size := len(q.out)
	q.out = append(q.out, 0)
	escaped := false
	finish := func() bool {
		n := len(q.out) - size - 1
		q.out[size] = byte(n)
		return n > 0 && n <= 255 && !escaped
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' {
			var used int
			if c, used = unescape(value[i:]); used == 0 {
				return false
			}
			i += used - 1
		}
		switch {
		case !escaped && c == ',':
			if !finish() {
				return false
			}
			size = len(q.out)
			q.out = append(q.out, 0)
			continue
		case !escaped && c == '\\':
			escaped = true
			continue
		}
		escaped = false
		q.out = append(q.out, c)
	}
	return finish()
}

// sortParameters puts the parameters from start on into the order of their keys
// and checks them against each other.
func (q *quickData) sortParameters(start int) string {
	type parameter struct {
		key  uint16
		data []byte
	}
	var all []parameter
	for rest := q.out[start:]; len(rest) > 0; {
		n := 4 + int(rest[2])<<8 + int(rest[3])
		all = append(all, parameter{uint16(rest[0])<<8 | uint16(rest[1]), bytes.Clone(rest[:n])})
		rest = rest[n:]
	}
	slices.SortStableFunc(all, func(a, b parameter) int { return int(a.key) - int(b.key) })
	out := q.out[:start]
	for i := range all {
		if i > 0 && all[i-1].key == all[i].key {
			return "a parameter of the " + typeName(q.rtype) + " record stands there twice"
		}
		out = append(out, all[i].data...)
	}
	q.out = out
	if !validParameters(q.out[start:]) {
		return "the parameters of the " + typeName(q.rtype) + " record do not fit together: those that mandatory names " +
			"must be there, mandatory itself not among them, and no-default-alpn needs alpn"
	}
	return ""
}

// checkParameters checks the parameters to the end of the data.
func checkParameters(w *wireData, _ *field) bool {
	rest := w.rest()
	w.at = len(w.data)
	return validParameters(rest)
}

// validParameters checks parameters: in the order of their keys, none twice,
// each value valid, and those there that mandatory names.
//
// Source: RFC 9460 sections 2.2 and 8; BIND, lib/dns/rdata/in_1/svcb_64.c.
func validParameters(data []byte) bool {
	last, hasAlpn := -1, false
	var wanted []byte // keys that must still come, in order
	for len(data) > 0 {
		if len(data) < 4 {
			return false
		}
		key, n := uint16(data[0])<<8|uint16(data[1]), int(data[2])<<8|int(data[3])
		if int(key) <= last || len(data) < 4+n {
			return false
		}
		value := data[4 : 4+n]
		data, last = data[4+n:], int(key)
		if len(wanted) > 0 {
			next := uint16(wanted[0])<<8 | uint16(wanted[1])
			if key > next {
				return false
			}
			if key == next {
				wanted = wanted[2:]
			}
		}
		hasAlpn = hasAlpn || key == alpnKey
		if key == defaultAlpnKey && !hasAlpn || !validParameter(formOf(key), value) {
			return false
		}
		if key == mandatoryKey {
			if value[0] == 0 && value[1] == mandatoryKey {
				return false
			}
			wanted = value
		}
	}
	return len(wanted) == 0
}

// validParameter checks a value in wire form.
func validParameter(form paramForm, value []byte) bool {
	switch form {
	case port:
		return len(value) == 2
	case ipv4List:
		return len(value) > 0 && len(value)%4 == 0
	case ipv6List:
		return len(value) > 0 && len(value)%16 == 0
	case noValue:
		return len(value) == 0
	case pathForm:
		return validPath(value)
	case alpnList:
		if len(value) == 0 {
			return false
		}
		for len(value) > 0 {
			n := int(value[0])
			if n == 0 || n >= len(value) {
				return false
			}
			value = value[1+n:]
		}
	case keyList:
		if len(value) == 0 || len(value)%2 != 0 {
			return false
		}
		for ; len(value) >= 4; value = value[2:] {
			if bytes.Compare(value[:2], value[2:4]) >= 0 {
				return false
			}
		}
	}
	return true
}
