package zones

import "bytes"

// mnemonics are words that stand for numbers, in capitals.
type mnemonics map[string]uint32

// The mnemonics that BIND takes. Others that some RFC or tool has are not in
// these tables, because BIND refuses them.
//
// Source: BIND, lib/dns/rcode.c.
var (
	algorithms = mnemonics{"RSAMD5": 1, "DH": 2, "DSA": 3, "RSASHA1": 5, "NSEC3DSA": 6, "NSEC3RSASHA1": 7,
		"RSASHA256": 8, "RSASHA512": 10, "ECCGOST": 12, "ECDSAP256SHA256": 13, "ECDSA256": 13,
		"ECDSAP384SHA384": 14, "ECDSA384": 14, "ED25519": 15, "ED448": 16,
		"INDIRECT": 252, "PRIVATEDNS": 253, "PRIVATEOID": 254}
	digests = mnemonics{"SHA-1": 1, "SHA1": 1, "SHA-256": 2, "SHA256": 2, "GOST": 3, "SHA-384": 4, "SHA384": 4}
	hashes  = mnemonics{"SHA-1": 1}

	protocols    = mnemonics{"NONE": 0, "TLS": 1, "EMAIL": 2, "DNSSEC": 3, "IPSEC": 4, "ALL": 255}
	certificates = mnemonics{"PKIX": 1, "SPKI": 2, "PGP": 3, "IPKIX": 4, "ISPKI": 5, "IPGP": 6, "ACPKIX": 7,
		"IACPKIX": 8, "URI": 253, "OID": 254}
	schemes = mnemonics{"NOTIFY": 1}
)

// keyFlagWords are the flags of a KEY or DNSKEY record in BIND's order: a word
// that is cut short means the first that begins so.
var keyFlagWords = []struct {
	word  string
	value uint32
}{
	{"NOCONF", 0x4000}, {"NOAUTH", 0x8000}, {"NOKEY", 0xc000}, {"FLAG2", 0x2000}, {"EXTEND", 0x1000},
	{"FLAG4", 0x0800}, {"FLAG5", 0x0400}, {"USER", 0}, {"ZONE", 0x0100}, {"HOST", 0x0200}, {"NTYP3", 0x0300},
	{"FLAG8", 0x0080}, {"FLAG9", 0x0040}, {"FLAG10", 0x0020}, {"FLAG11", 0x0010},
	{"SIG0", 0}, {"SIG1", 1}, {"SIG2", 2}, {"SIG3", 3}, {"SIG4", 4}, {"SIG5", 5}, {"SIG6", 6}, {"SIG7", 7},
	{"SIG8", 8}, {"SIG9", 9}, {"SIG10", 10}, {"SIG11", 11}, {"SIG12", 12}, {"SIG13", 13}, {"SIG14", 14},
	{"SIG15", 15}, {"KSK", 1},
}

// of reads a number up to limit, or a mnemonic. What begins with a digit and
// is a number is never a word.
//
// Source: BIND, lib/dns/rcode.c (dns_mnemonic_fromtext).
func (m mnemonics) of(text []byte, limit uint64) (uint32, bool) {
	if len(text) == 0 || len(text) > 20 {
		return 0, false
	}
	if text[0] >= '0' && text[0] <= '9' && len(text) <= 12 {
		if v, ok := number(text, limit); ok {
			return uint32(v), true
		}
	}
	v, ok := m[string(bytes.ToUpper(text))]
	return v, ok
}

// keyFlagsOf reads a number, decimal or hexadecimal, or words joined by |.
//
// Source: BIND, lib/dns/rcode.c (dns_keyflags_fromtext).
func keyFlagsOf(text []byte) (uint32, bool) {
	if len(text) == 0 {
		return 0, false
	}
	if text[0] >= '0' && text[0] <= '9' && len(text) <= 12 {
		if isNumber(text) {
			v, ok := number(text, 0xffff)
			return uint32(v), ok
		}
		digits := text
		if len(text) > 2 && text[0] == '0' && lower(text[1]) == 'x' {
			digits = text[2:]
		}
		v, ok := uint32(0), true
		for _, c := range digits {
			ok = ok && hexValue[c] >= 0 && v <= 0xffff
			v = v<<4 | uint32(hexValue[c])&15
		}
		if ok {
			return v, v <= 0xffff
		}
	}
	flags := uint32(0)
	for len(text) > 0 {
		word, rest, _ := bytes.Cut(text, []byte("|"))
		value, ok := keyFlag(word)
		if !ok {
			return 0, false
		}
		flags |= value
		text = rest
	}
	return flags, true
}

// keyFlag finds the first flag that begins with word.
func keyFlag(word []byte) (uint32, bool) {
	for _, f := range keyFlagWords {
		if len(word) <= len(f.word) && bytes.EqualFold(word, []byte(f.word[:len(word)])) {
			return f.value, true
		}
	}
	return 0, false
}
