package parser

import (
	"fmt"
	"strings"
)

// oracleFrames are the smallest configurations around a statement in its context.
var oracleFrames = []struct {
	in   Context
	text string
}{
	{Top, "%s\n"},
	{OptionsBlock, "options {\n%s\n};\n"},
	{ViewBlock, "view \"v\" {\n%s\n};\n"},
	{ServerBlock, "server 192.0.2.1 {\n%s\n};\n"},
	{ChannelBlock, "logging { channel c {\n%s\n}; };\n"},
	{ControlsBlock, "controls {\n%s\n};\n"},
	{StatisticsBlock, "statistics-channels {\n%s\n};\n"},
	{RateLimitBlock, "options { rate-limit {\n%s\n}; };\n"},
	{DNS64Block, "options { dns64 64:ff9b::/96 {\n%s\n}; };\n"},
	{PolicyBlock, "dnssec-policy p {\n%s\n};\n"},
	{TLSBlock, "tls t {\n%s\n};\n"},
	{HTTPBlock, "http h {\n%s\n};\n"},
}

// oracleZones are zones of each type with what the type requires.
var oracleZones = []struct {
	letter byte
	text   string
	has    string
}{
	{'p', "type primary; file \"db\";", "file type"},
	{'s', "type secondary; file \"s\"; primaries { 192.0.2.1; };", "file type primaries masters"},
	{'m', "type mirror; file \"m\"; primaries { 192.0.2.1; };", "file type primaries masters"},
	{'f', "type forward; forwarders { 192.0.2.1; };", "type forwarders"},
	{'h', "type hint; file \"h\";", "file type"},
	{'t', "type static-stub; server-addresses { 192.0.2.1; };", "type server-addresses"},
	{'u', "type stub; file \"u\"; primaries { 192.0.2.1; };", "file type primaries masters"},
}

// valid are texts that fit a kind, wrong are texts that do not.
var valid = map[string][]string{
	"yes or no": {"yes", "0"}, "a number": {"7", "0x10"}, "a port from 0 to 65535": {"5353"}, "a string in quotes": {`"name"`},
	"a word or string": {"word", `"word"`}, "a time such as 3600, 1h or PT1H": {"60", "1h30m", "PT1H", "P1DT2H"}, "a size such as 100m": {"20m", "65536"},
	"a percentage such as 50%": {"50%"}, "a number such as 0.25": {"0.25"}, "an IPv4 address": {"192.0.2.7"}, "an IPv6 address": {"2001:db8::7"},
	"a block in braces": {"{ }"}, "a decimal number": {"3"}, "a word without quotes": {"word"},
	"a domain name": {"example", `"example.org."`, `"_a.\\032b.example"`}, "a class without quotes": {"IN", "chaos"}, "a record type without quotes": {"AAAA", "TYPE65280"}, "an order without quotes": {"cyclic", "random"},
	"a DNSSEC algorithm": {"RSASHA256", "13"}, "a DS digest type": {"SHA-256", "2"}, "a logging category": {"queries", "xfer-in"},
	"a TLS protocol": {"TLSv1.2", `"TLSv1.3"`}, "a transport": {"tcp", "tls"}, "a path in quotes": {`"/dns-query"`}, "a secret in base64": {`"c2VjcmV0"`},
	"a secret of 32 hexadecimal digits": {`"0123456789abcdef0123456789abcdef"`}, "a TSIG algorithm": {"hmac-sha256", "hmac-sha512-256"},
	"a power of 2": {"512"}, "';'": {"more"}, "a domain name in quotes": {`"example"`}, "a syslog facility": {"daemon", "local7"}, "a list of ciphers": {`"HIGH:!aNULL"`}, "a list of cipher suites": {`"TLS_AES_256_GCM_SHA384"`}, "a, aaaa or none": {"A", "none"},
}

// oracleSamples gives texts that fit a value.
func oracleSamples(v *value) []string {
	switch v.op {
	case opWord:
		return []string{v.name}
	case opKind:
		return oracleKind(v)
	case opMatch:
		return []string{"any", "192.0.2.0/24", "! 192.0.2.1", "{ 10/8; none; }"}
	case opPrefix:
		return []string{"192.0.2.1", "192.0.2.0/24", "64:ff9b::/96"}
	case opPorts:
		return []string{"1024", "range 1024 2048"}
	case opAlt:
		var all []string
		for _, k := range v.kids {
			all = append(all, oracleSamples(k)...)
		}
		return all
	case opOpt:
		return append([]string{""}, oracleSamples(v.kids[0])...)
	case opList:
		all := []string{}
		for _, s := range oracleSamples(v.kids[0]) {
			all = append(all, "{ "+s+"; }")
		}
		return all
	case opSeq:
		parts := make([][]string, len(v.kids))
		most := 0
		for i, k := range v.kids {
			parts[i] = oracleSamples(k)
			most = max(most, len(parts[i]))
		}
		all := []string{}
		for i := range most {
			var words []string
			for _, p := range parts {
				if len(p) > 0 {
					words = append(words, p[min(i, len(p)-1)])
				}
			}
			all = append(all, strings.Join(words, " "))
		}
		return all
	}
	return []string{""}
}

// oracleKind gives texts that fit a kind, inside its range where it has one.
func oracleKind(v *value) []string {
	if v.amount == nil {
		return valid[v.name]
	}
	unit := ""
	if strings.Contains(v.name, "percentage") {
		unit = "%"
	}
	inside := []string{fmt.Sprint(v.low) + unit}
	if v.high < 1<<63 {
		inside = append(inside, fmt.Sprint(v.high)+unit)
	}
	return inside
}

// oracleOutside gives texts that only the range of a kind refuses.
func oracleOutside(v *value) []string {
	var list []string
	if v.amount != nil {
		unit := ""
		if strings.Contains(v.name, "percentage") {
			unit = "%"
		}
		if v.low > 0 {
			list = append(list, fmt.Sprint(v.low-1)+unit)
		}
		if v.high < 1<<63 {
			list = append(list, fmt.Sprint(v.high+1)+unit)
		}
	}
	for _, k := range v.kids {
		if v.op == opAlt || v.op == opSeq && len(v.kids) == 1 {
			list = append(list, oracleOutside(k)...)
		}
	}
	return list
}

type oracleCase struct {
	keyword, text string
}

// oracleCorpus makes the configurations: for each row and context each sample,
// and values that fit hardly anything.
func oracleCorpus() []oracleCase {
	var all []oracleCase
	indexOnce.Do(complete)
	for i := range statements {
		d := &statements[i]
		if d.value == nil || d.Keyword == "directory" {
			continue
		}
		texts := append(oracleSamples(d.value), oracleOutside(d.value)...)
		texts = append(texts, "", "{ }", "nonsense nonsense nonsense", `"nonsense"`, "-1", "99999999999", "!", "{ { /; }; }")
		if len(texts) > 0 {
			texts = append(texts, texts[0]+" more")
		}
		for _, x := range texts {
			line := d.Keyword + " " + x + ";"
			for _, f := range oracleFrames {
				if d.In&f.in != 0 {
					all = append(all, oracleCase{d.Keyword, fmt.Sprintf(f.text, line)})
				}
			}
			for _, z := range oracleZones {
				if d.In&ZoneBlock != 0 && !strings.Contains(" "+z.has+" ", " "+d.Keyword+" ") {
					all = append(all, oracleCase{d.Keyword, fmt.Sprintf("zone \"example\" {\n%s\n%s\n};\n", line, z.text)})
				}
			}
		}
	}
	return all
}
