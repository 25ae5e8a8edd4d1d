package zones

import (
	"bytes"
	"net"
	"strings"
)

// The readers of types that hardly any zone has any more.

// readNSAP reads an OSI address: 0x, then pairs of hexadecimal digits with dots
// wherever they please.
//
// Source: RFC 1706 section 5; BIND, lib/dns/rdata/in_1/nsap_22.c.
func readNSAP(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	digits := bytes.ReplaceAll(text, []byte("."), nil)
	if len(text) < 2 || text[0] != '0' || lower(text[1]) != 'x' || len(digits) < 4 || !q.hexWord(digits[2:]) {
		return q.not(p.what, "0x and pairs of hexadecimal digits")
	}
	return ""
}

func checkNSAP(w *wireData, p *field) bool {
	n := len(w.data)
	w.at = n
	return n >= 1
}

// readATMA reads an ATM address: + and decimal digits (E.164), or pairs of
// hexadecimal digits; single dots may stand between digits.
//
// Source: ATM Name System Specification 1.0; BIND, lib/dns/rdata/in_1/atma_34.c.
func readATMA(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	form := byte(0)
	if text[0] == '+' {
		form, text = 1, text[1:]
	}
	q.out = append(q.out, form)
	if len(text) == 0 || text[0] == '.' || text[len(text)-1] == '.' || bytes.Contains(text, []byte("..")) {
		return q.not(p.what, "digits with single dots between")
	}
	digits := bytes.ReplaceAll(text, []byte("."), nil)
	if form == 1 && allDigits(digits) {
		q.out = append(q.out, digits...)
		return ""
	}
	if form == 1 || !q.hexWord(digits) {
		return q.not(p.what, "+ and digits, or pairs of hexadecimal digits")
	}
	return ""
}

func checkATMA(w *wireData, _ *field) bool {
	data := w.data
	w.at = len(data)
	return len(data) >= 2 && (data[0] != 1 || allDigits(data[1:]))
}

// protocolNumbers are the words for protocols in a WKS record. named looks
// them up in /etc/protocols, which a jail need not have.
var protocolNumbers = map[string]int64{"ip": 0, "icmp": 1, "igmp": 2, "ggp": 3, "tcp": 6, "egp": 8, "igp": 9,
	"pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27}

// transports are the protocols whose services have names.
var transports = map[int64]string{6: "tcp", 17: "udp"}

// readServices reads a protocol and the services of it, numbers or words.
//
// Source: RFC 1035 section 3.4.2; BIND, lib/dns/rdata/in_1/wks_11.c.
func readServices(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	proto, rest, _ := cNumber(text)
	if len(rest) > 0 {
		var ok bool
		if proto, ok = protocolNumbers[strings.ToLower(string(text))]; !ok {
			return q.not("protocol", "a number from 0 to 255 or a protocol that is known")
		}
	}
	if proto < 0 || proto > 255 {
		return q.not("protocol", "a number from 0 to 255 or a protocol that is known")
	}
	q.out = append(q.out, byte(proto))
	var ports [1 << 13]byte
	n := 0
	for q.more() {
		if text, wrong = q.word(); wrong != "" {
			return wrong
		}
		port, rest, _ := cNumber(text)
		if len(rest) > 0 {
			port = -1
			if transport := transports[proto]; transport != "" && len(text) < 32 && isAlphanumeric(text[0]) {
				if v, err := net.LookupPort(transport, strings.ToLower(string(text))); err == nil {
					port = int64(v)
				}
			}
		}
		if port < 0 || port > 65535 {
			return q.not(p.what, "a number from 0 to 65535 or a service that is known")
		}
		ports[port>>3] |= 0x80 >> (port & 7)
		n = max(n, int(port>>3)+1)
	}
	q.out = append(q.out, ports[:n]...)
	return ""
}

func checkServices(w *wireData, _ *field) bool {
	if !w.skip(1) {
		return false
	}
	rest := w.rest()
	w.at = len(w.data)
	return len(rest) <= 8<<10 && (len(rest) == 0 || rest[len(rest)-1] != 0)
}
