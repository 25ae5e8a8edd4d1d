package parser

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// kind is a kind of values: what a message calls it, what fits by its form,
// and what else is to be judged once it has fitted.
type kind struct {
	name   string
	fits   func(*Term) bool
	mean   meaning
	amount func(string) uint64 // the number that a range is compared with
}

// kinds is the one table of the kinds of values.
//
// Source: the types of lib/isccfg/namedconf.c and lib/isccfg/parser.c.
var kinds map[string]kind

func makeKinds() {
	for name, s := range spaces {
		s.name = name
	}
	nameElement.mean = func(c *Checker, h hit) {
		if c.mild {
			c.refer(spaces["mildacl"], h.term)
		} else {
			c.refer(spaces["acl"], h.term)
		}
	}
	for name, e := range geoipElements {
		e.mean = func(c *Checker, h hit) {
			if c.version.AtLeast(9, 16, 0) && !c.mild {
				c.refer(spaces[name], h.term)
			}
		}
	}
	keyElement.mean = func(c *Checker, h hit) { c.refer(spaces["aclkey"], h.term) }
	kinds = map[string]kind{
		"BOOL": {name: "yes or no", fits: func(t *Term) bool {
			return t.Kind == WordTerm && (booleans[t.Value] || booleans[strings.ToLower(t.Value)])
		}},
		"NUMBER":  {name: "a number", amount: plain, fits: func(t *Term) bool { return isNumber(t, 32) }},
		"DECIMAL": {name: "a decimal number", fits: func(t *Term) bool { return t.Kind == WordTerm && digits(t.Value) }},
		"PORT":    {name: "a port from 0 to 65535", fits: func(t *Term) bool { return isNumber(t, 16) }},
		"QUOTED":  {name: "a string in quotes", fits: func(t *Term) bool { return t.Kind == StringTerm }},
		"TEXT":    {name: "a word or string", fits: (*Term).IsText},
		"WORD":    {name: "a word without quotes", fits: isWord},
		"RAWPORT": {name: "a port from 0 to 65535", fits: func(t *Term) bool {
			_, err := strconv.ParseUint(t.Value, 10, 16)
			return t.Kind == WordTerm && err == nil && digits(t.Value)
		}},
		"STRAY": {name: "';'", fits: func(t *Term) bool {
			return t.Kind == WordTerm && !strings.Contains(" versions size suffix ", " "+strings.ToLower(t.Value)+" ")
		}, mean: stray},
		"DURATION": {name: "a time such as 3600, 1h or PT1H", amount: seconds, fits: func(t *Term) bool { return t.Kind == WordTerm && isDuration(t.Value) }},
		"SIZE":     {name: "a size such as 100m", amount: sizeInBytes, fits: func(t *Term) bool { return t.Kind == WordTerm && isSize(t.Value) }},
		"PERCENT": {name: "a percentage such as 50%", amount: percent, fits: func(t *Term) bool {
			return t.Kind == WordTerm && strings.HasSuffix(t.Value, "%") && digits(t.Value[:len(t.Value)-1])
		}},
		"FIXED": {name: "a number such as 0.25", fits: func(t *Term) bool { return t.Kind == WordTerm && digits(strings.Replace(t.Value, ".", "", 1)) }},
		"IP4": {name: "an IPv4 address", fits: func(t *Term) bool {
			a, err := netip.ParseAddr(t.Value)
			return t.Kind == WordTerm && err == nil && a.Is4()
		}},
		"IP6": {name: "an IPv6 address", fits: func(t *Term) bool {
			a, err := netip.ParseAddr(t.Value)
			return t.Kind == WordTerm && err == nil && a.Is6()
		}},
		"RAW":   {name: "a block in braces", fits: func(t *Term) bool { return t.Kind == BlockTerm }},
		"BLOCK": {name: "a block in braces", fits: func(t *Term) bool { return t.Kind == BlockTerm }},

		"NAME":      {name: "a domain name", fits: (*Term).IsText, mean: domainName},
		"QNAME":     {name: "a domain name in quotes", fits: func(t *Term) bool { return t.Kind == StringTerm }, mean: domainName},
		"CLASS":     {name: "a class without quotes", fits: isWord, mean: className},
		"RRTYPE":    {name: "a record type without quotes", fits: isWord, mean: recordType},
		"ORDER":     {name: "an order without quotes", fits: isWord, mean: oneOf("order", wordList("fixed random cyclic none"))},
		"ALGORITHM": {name: "a DNSSEC algorithm", fits: (*Term).IsText, mean: numberOrOneOf("DNSSEC algorithm", algorithms)},
		"DIGEST":    {name: "a DS digest type", fits: (*Term).IsText, mean: numberOrOneOf("DS digest type", digests)},
		"CATEGORY":  {name: "a logging category", fits: (*Term).IsText, mean: category},
		"PROTOCOL":  {name: "a TLS protocol", fits: (*Term).IsText, mean: oneOf("TLS protocol", wordList("TLSv1.2 TLSv1.3"))},
		"TRANSPORT": {name: "a transport", fits: (*Term).IsText, mean: oneOf("transport of zone transfers", wordList("tcp tls"))},
		"URLPATH":   {name: "a path in quotes", fits: func(t *Term) bool { return t.Kind == StringTerm }, mean: urlPath},
		"KEYSECRET": {name: "a secret in base64", fits: (*Term).IsText, mean: base64Secret},
		"COOKIE":    {name: "a secret of 32 hexadecimal digits", fits: (*Term).IsText, mean: cookieSecret},
		"HMAC":      {name: "a TSIG algorithm", fits: (*Term).IsText, mean: hmacAlgorithm},
		"POWER2":    {name: "a power of 2", fits: func(t *Term) bool { return isNumber(t, 32) }, mean: powerOfTwo},
		"ID":        {name: "a string in quotes", fits: func(t *Term) bool { return t.Kind == StringTerm }, mean: shortID},
		"CIPHERS":   {name: "a list of ciphers", fits: (*Term).IsText, mean: cipherList},
		"SUITES":    {name: "a list of cipher suites", fits: (*Term).IsText, mean: cipherSuites},
		"FACILITY":  {name: "a syslog facility", fits: (*Term).IsText, mean: facility},
		"GLUE":      {name: "a, aaaa or none", fits: (*Term).IsText, mean: preferredGlue},
	}
}

// meaning judges a term that has fitted.
type meaning func(*Checker, hit)

func wordList(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[strings.ToLower(w)] = true
	}
	return m
}

// Source: dns_rdataclass_fromtext, dns_secalg_fromtext and
// dns_dsdigest_fromtext of lib/dns.
var (
	classes9   = wordList("IN CH CHAOS HS HESIOD ANY NONE RESERVED0")
	algorithms = wordList("RSAMD5 DH DSA RSASHA1 NSEC3DSA NSEC3RSASHA1 RSASHA256 RSASHA512 ECCGOST ECDSAP256SHA256 ECDSA256 " +
		"ECDSAP384SHA384 ECDSA384 ED25519 ED448 INDIRECT PRIVATEDNS PRIVATEOID")
	digests = wordList("SHA-1 SHA1 SHA-256 SHA256 GOST SHA-384 SHA384")
	types9  = wordList("A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR SIG KEY PX GPOS " +
		"AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA " +
		"SMIMEA HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS DSYNC SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64 " +
		"TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC DOA AMTRELAY RESINFO WALLET TA DLV KEYDATA")
)

func isWord(t *Term) bool { return t.Kind == WordTerm }

// stray judges a word that named reads and forgets.
//
// Source: parse_logfile in lib/isccfg/namedconf.c.
func stray(c *Checker, h hit) {
	c.advise(h.term, fmt.Sprintf("'%s' has no effect here", shorten(h.term.Value)), "named passes over it; correct the word or remove it.")
}

func className(c *Checker, h hit) {
	if !isClass(h.term.Value) {
		c.notOf(h.term, "class")
	}
}

func isClass(word string) bool {
	word = strings.ToLower(word)
	return classes9[word] || numbered(word, "class")
}

// oneOf judges a word that must be one of a closed list.
func oneOf(what string, list map[string]bool) meaning {
	return func(c *Checker, h hit) {
		if !list[strings.ToLower(h.term.Value)] {
			c.notOf(h.term, what)
		}
	}
}

// numberOrOneOf judges a word of a closed list that may be given by number.
func numberOrOneOf(what string, list map[string]bool) meaning {
	return func(c *Checker, h hit) {
		if n, err := strconv.ParseUint(h.term.Value, 10, 8); (err != nil || n > 255) && !list[strings.ToLower(h.term.Value)] {
			c.notOf(h.term, what)
		}
	}
}

func (c *Checker) notOf(t *Term, what string) {
	c.diags.Add(t.Diagnostic("NJ216", fmt.Sprintf("'%s' is no %s", shorten(t.Value), what), "named refuses to start on it; correct the word."))
}

func recordType(c *Checker, h hit) {
	if w := strings.ToLower(h.term.Value); !types9[w] && !numbered(w, "type") {
		c.notOf(h.term, "record type")
	}
}

// numbered tells whether a word is a prefix and a number of 16 bits, as
// RFC 3597 writes types and classes.
func numbered(word, prefix string) bool {
	rest, ok := strings.CutPrefix(word, prefix)
	_, err := strconv.ParseUint(rest, 10, 16)
	return ok && err == nil
}

// within judges a number, size, time or percentage that has a range.
func within(c *Checker, h hit) {
	v, t := h.value, h.term
	if n := v.amount(t.Value); n < v.low || n > v.high {
		limits := fmt.Sprintf("at least %d", v.low)
		if v.high < 1<<63 {
			limits = fmt.Sprintf("from %d to %d", v.low, v.high)
		}
		c.diags.Add(t.Diagnostic("NJ213", fmt.Sprintf("'%s' is out of its range, which is %s", shorten(t.Value), limits),
			"named refuses to start on it; write a value in that range."))
	}
}

// plain gives a number, which may be decimal, octal or hexadecimal.
func plain(s string) uint64 {
	n, _ := strconv.ParseUint(s, 0, 64)
	return n
}

// number gives the value of a number; what is no word counts as 0.
func number(t *Term) uint64 {
	if !t.IsText() {
		return 0
	}
	return plain(t.Value)
}

func percent(s string) uint64 { return scale(strings.TrimSuffix(s, "%"), 1) }

// sizeInBytes gives a size; what no number holds becomes the largest one.
func sizeInBytes(s string) uint64 {
	if n := len(s); n > 1 {
		if shift := strings.IndexByte("kmg", s[n-1]|0x20); shift >= 0 {
			return scale(s[:n-1], 1<<(10*(shift+1)))
		}
	}
	return scale(s, 1)
}

func scale(text string, by uint64) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > math.MaxUint64/by {
		return math.MaxUint64
	}
	return n * by
}

// Seconds gives a time as named.conf writes it (3600, 1h, 2w3d, PT1H) in
// seconds; false for a word that is no time.
//
// Source: isccfg_parse_duration in lib/isccfg/duration.c.
func Seconds(word string) (uint64, bool) { return seconds(word), isDuration(word) }

// seconds gives a time in seconds: numbers with the units of a TTL, or
// ISO 8601 with months of 30 and years of 365 days.
//
// Source: isccfg_parse_duration in lib/isccfg/duration.c.
func seconds(s string) uint64 {
	s = strings.ToUpper(s)
	iso := strings.HasPrefix(s, "P")
	late := false // behind the T
	total, start := uint64(0), 0
	for i := 0; i < len(s); i++ {
		unit := uint64(0)
		switch s[i] {
		case 'P', 'T':
			late = late || s[i] == 'T'
			start = i + 1
			continue
		case 'Y':
			unit = 365 * 86400
		case 'W':
			unit = 7 * 86400
		case 'D':
			unit = 86400
		case 'H':
			unit = 3600
		case 'M':
			unit = 60
			if iso && !late {
				unit = 30 * 86400
			}
		case 'S':
			unit = 1
		default:
			continue
		}
		total += min(scale(s[start:i], unit), math.MaxUint32)
		start = i + 1
	}
	if start < len(s) {
		total += scale(s[start:], 1)
	}
	return total
}

// isNumber follows the lexer of named: decimal, 0x and leading 0 for octal.
func isNumber(t *Term, bits int) bool {
	s := t.Value
	if t.Kind != WordTerm || strings.Contains(s, "_") {
		return false
	}
	if hex, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok && !digits(hex) {
		return false // named stumbles over the letters
	}
	_, err := strconv.ParseUint(s, 0, bits)
	return err == nil && s[0] != '+' && !strings.HasPrefix(strings.ToLower(s), "0b") && !strings.HasPrefix(strings.ToLower(s), "0o")
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isSize takes a number with the unit k, m or g, or without; -1 is what named
// takes for no limit.
func isSize(s string) bool {
	if s == "-1" {
		return true
	}
	plain := s
	if n := len(s); n > 1 && strings.IndexByte("kKmMgG", s[n-1]) >= 0 {
		plain = s[:n-1]
	}
	return digits(plain) && (plain == s || sizeInBytes(s) < math.MaxUint64) // too much without a unit is the most there is
}

// isoDuration is a time of ISO 8601 as named takes it; P alone is none at all.
//
// Source: isccfg_duration_fromtext in lib/isccfg/duration.c.
var isoDuration = regexp.MustCompile(`^P(\d{1,10}W|(\d{1,10}Y)?(\d{1,10}M)?(\d{1,10}D)?(T(\d{1,10}H)?(\d{1,10}M)?(\d{1,10}S)?)?)$`)

// ttlDuration is a time in the units of a TTL.
var ttlDuration = regexp.MustCompile(`^(\d{1,10}[WDHMS])+$`)

// isDuration takes seconds, numbers with the units of a TTL, and ISO 8601.
func isDuration(s string) bool {
	if digits(s) {
		_, err := strconv.ParseUint(s, 10, 32)
		return err == nil
	}
	s = strings.ToUpper(s)
	return isoDuration.MatchString(s) || ttlDuration.MatchString(s)
}

// isDomainName follows dns_name_fromtext: labels of at most 63 bytes, a name
// of at most 255, \DDD and \X escapes, no empty label.
func isDomainName(s string) bool {
	if s == "." || s == "@" {
		return true
	}
	total, label := 1, 0 // the root label counts
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '.':
			if label == 0 {
				return false
			}
			total, label = total+label+1, 0
			continue
		case s[i] == '\\':
			i++
			switch {
			case i >= len(s):
				return false
			case s[i] >= '0' && s[i] <= '9':
				n, err := strconv.ParseUint(s[i:min(i+3, len(s))], 10, 16)
				if err != nil || i+3 > len(s) || n > 255 {
					return false
				}
				i += 2
			}
		}
		if label++; label > 63 {
			return false
		}
	}
	if label > 0 {
		total += label + 1
	}
	return s != "" && total <= 255
}

func domainName(c *Checker, h hit) {
	if !isDomainName(h.term.Value) {
		c.diags.Add(h.term.Diagnostic("NJ214", fmt.Sprintf("'%s' is not a domain name", shorten(h.term.Value)),
			"A label holds 1 to 63 bytes and a name at most 255; correct it."))
	}
}

// base64Secret never shows the secret.
func base64Secret(c *Checker, h hit) {
	text := strings.Join(strings.Fields(h.term.Value), "")
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		_, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil || text == "" && h.term.Value != "" {
		c.secret(h.term, "the secret is not base64")
	}
}

func (c *Checker) secret(t *Term, message string) {
	d := t.Diagnostic("NJ215", message, "named refuses to start on it; make a new one with tsig-keygen, or copy it whole.")
	d.Source = ""
	c.diags.Add(d)
}

func cookieSecret(c *Checker, h hit) {
	b, err := hex.DecodeString(h.term.Value)
	if err != nil || len(b) != 16 {
		d := h.term.Diagnostic("NJ215", "a cookie secret has 32 hexadecimal digits", "named refuses to start on it; make one with openssl rand -hex 16.")
		d.Source = ""
		c.diags.Add(d)
	}
}

// hmacs are the TSIG algorithms and the bits of their digests; 0 marks a name
// that takes no truncation.
//
// Source: bind9_check_key in lib/bind9/check.c.
var hmacs = map[string]uint64{"hmac-md5": 128, "hmac-md5.sig-alg.reg.int": 0, "hmac-md5.sig-alg.reg.int.": 0,
	"hmac-sha1": 160, "hmac-sha224": 224, "hmac-sha256": 256, "hmac-sha384": 384, "hmac-sha512": 512}

func hmacAlgorithm(c *Checker, h hit) {
	word := strings.ToLower(h.term.Value)
	if _, ok := hmacs[word]; ok {
		return
	}
	if cut := strings.LastIndexByte(word, '-'); cut > 0 {
		size := hmacs[word[:cut]]
		if bits, err := strconv.ParseUint(word[cut+1:], 10, 16); size > 0 && err == nil {
			if bits > size || bits%8 != 0 {
				c.diags.Add(h.term.Diagnostic("NJ213", fmt.Sprintf("'%s' is out of its range: digest bits of %s are a multiple of 8 up to %d", shorten(h.term.Value), word[:cut], size),
					"named refuses to start on it; leave the number away."))
			}
			return
		}
	}
	c.notOf(h.term, "TSIG algorithm")
}

func powerOfTwo(c *Checker, h hit) {
	n := number(h.term)
	if n < 2 || n > 16384 || n&(n-1) != 0 {
		c.diags.Add(h.term.Diagnostic("NJ213", fmt.Sprintf("'%s' is out of its range, which is the powers of 2 from 2 to 16384", shorten(h.term.Value)),
			"named refuses to start on it; write one of them."))
	}
}

func shortID(c *Checker, h hit) {
	if len(h.term.Value) > 1024 {
		c.diags.Add(h.term.Diagnostic("NJ213", "a server-id of more than 1024 bytes", "named refuses to start on it; write a shorter one."))
	}
}

// urlPath judges the path of an HTTP endpoint.
//
// Source: isc_nm_http_path_isvalid in lib/isc/netmgr/http.c, RFC 3986.
func urlPath(c *Checker, h hit) {
	p := h.term.Value
	ok := strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//")
	for i := 0; i < len(p) && ok; i++ {
		b := p[i]
		ok = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("/-._~!$&'()*+,;=:@", b) >= 0
		if b == '%' && i+2 < len(p) {
			_, err := hex.DecodeString(p[i+1 : i+3])
			ok = err == nil
		}
	}
	if !ok {
		c.diags.Add(h.term.Diagnostic("NJ216", fmt.Sprintf("'%s' is no absolute path of a URL", shorten(p)), "Write it like \"/dns-query\"."))
	}
}

// cipherList judges only what no OpenSSL takes: a list without a name in it.
func cipherList(c *Checker, h hit) {
	for _, w := range strings.FieldsFunc(h.term.Value, func(r rune) bool { return strings.ContainsRune(":, ;", r) }) {
		w = strings.TrimLeft(w, "+-!")
		if strings.HasPrefix(w, "@") || strings.ToUpper(w) == w && strings.ToLower(w) != w || knownCipherWords[w] {
			return
		}
	}
	c.diags.Add(h.term.Diagnostic("NJ216", fmt.Sprintf("'%s' is no list of TLS ciphers", shorten(h.term.Value)), "Write it as openssl ciphers takes it, such as \"HIGH:!aNULL\"."))
}

// knownCipherWords are the words of openssl-ciphers(1) with small letters.
var knownCipherWords = wordSet("kRSA aRSA kDHr kDHd kDH kDHE kEDH aDSS aDH kECDHE kEECDH kECDHr kECDHe aECDH aECDSA eNULL aNULL " +
	"TLSv1.2 TLSv1.0 SSLv3 AESCCM8 kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK aGOST aGOST01 kGOST kSRP aSRP")

// suites are the cipher suites of TLS 1.3. Source: RFC 8446, section B.4.
var suites = wordSet("TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_GCM_SHA256 TLS_AES_128_CCM_8_SHA256 TLS_AES_128_CCM_SHA256")

func cipherSuites(c *Checker, h hit) {
	for _, w := range strings.Split(h.term.Value, ":") {
		if !suites[w] {
			c.diags.Add(h.term.Diagnostic("NJ216", fmt.Sprintf("'%s' is no cipher suite of TLS 1.3", shorten(w)), "Write names such as TLS_AES_256_GCM_SHA384, parted by colons."))
			return
		}
	}
}

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// facilities: Source: isc_syslog_facilityfromstring in lib/isc/syslog.c.
var facilities = wordList("kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7")

func facility(c *Checker, h hit) {
	if !facilities[strings.ToLower(h.term.Value)] {
		c.advise(h.term, fmt.Sprintf("'%s' is no syslog facility", shorten(h.term.Value)), "named takes daemon for it; correct the word.")
	}
}

func preferredGlue(c *Checker, h hit) {
	if w := strings.ToLower(h.term.Value); w != "a" && w != "aaaa" && w != "none" {
		c.diags.Add(h.term.Diagnostic("NJ219", fmt.Sprintf("preferred-glue '%s' is neither A, AAAA nor none", shorten(h.term.Value)),
			"named goes on without it; correct the word."))
	}
}
