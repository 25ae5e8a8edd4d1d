package zones

import (
	"strings"

	"github.com/miekg/dns"
)

// textRule judges the TXT records of one use, such as SPF.
//
// at tells whether names of this kind hold such records; begins is the
// text in front, in lower case, by which one is known; read gives what is
// wrong with a text, "" for nothing, and so does two for a second record at one
// name.
type textRule struct {
	at     func(owner []byte) bool
	begins string
	read   func(text, owner string) string
	two    string
	remedy string
	// what to say when the first string of the data is begins and nothing else,
	// with no space before the next
	unquoted string
}

// textRules is the table of uses of TXT records.
var textRules = []textRule{
	{at: anyName, begins: "v=spf1", read: spfFault, two: "a second SPF record at the same name; mail servers take neither",
		remedy:   "correct the SPF record as RFC 7208 has it",
		unquoted: "this SPF record " + notOne + ": its words are strings of their own, which join without spaces; put all of them between one pair of quotes"},
	{at: startsWith("\x06_dmarc"), begins: "v=dmarc1", read: dmarcFault, two: "a second DMARC record at the same name; mail servers take neither",
		remedy: "correct the DMARC record as RFC 7489 section 6.3 has it"},
	{at: secondIs("\x0a_domainkey"), begins: "", read: dkimFault, remedy: "write the record anew as the program that made the DKIM key has it"},
}

func anyName([]byte) bool { return true }

// startsWith tells names apart by their first label.
func startsWith(label string) func([]byte) bool {
	return func(n []byte) bool { return strings.HasPrefix(string(n), label) }
}

// secondIs tells names apart by their second label.
func secondIs(label string) func([]byte) bool {
	return func(n []byte) bool {
		return n[0] > 0 && len(n) > int(n[0])+1+len(label) && string(n[int(n[0])+1:][:len(label)]) == label
	}
}

// texts judges TXT records that mail servers read.
func texts(x *scan) {
	if x.c.class != dns.ClassINET {
		return
	}
	owner := x.name()
	for i := range textRules {
		r := &textRules[i]
		if !r.at(owner) {
			continue
		}
		count := 0
		for _, rec := range x.set(dns.TypeTXT) {
			data := x.s.data(rec)
			if len(data) < 2 || !begins(data, r.begins) {
				continue
			}
			text := joinStrings(data)
			if x.hidden() {
				return
			}
			wrong := r.read(text, dottedName(owner))
			if wrong == "" && r.unquoted != "" && int(data[0]) == len(r.begins) && len(text) > len(r.begins) && text[len(r.begins)] != ' ' {
				wrong = r.unquoted
			}
			if r.begins != "" && !strings.Contains(wrong, notOne) {
				if count++; count == 2 {
					x.say(rec, finding{code: "NJ427", message: r.two, remedy: "make one record of the two"})
				}
			}
			if wrong != "" {
				x.say(rec, finding{code: "NJ427", message: wrong, remedy: r.remedy})
			}
		}
	}
}

// notOne is in the messages about texts that mail servers do not take for a
// record of the kind at all.
const notOne = "is not taken for one"

// begins tells whether the text of TXT data begins with what is given in lower
// case, wherever its strings are cut.
func begins(data []byte, want string) bool {
	for at := 0; at < len(data) && want != ""; {
		size := int(data[at])
		piece := data[at+1 : min(at+1+size, len(data))]
		for i := 0; i < len(piece) && want != ""; i++ {
			if lower(piece[i]) != want[0] {
				return false
			}
			want = want[1:]
		}
		at += size + 1
	}
	return want == ""
}

// joinStrings puts the strings of TXT data together, without anything between.
func joinStrings(data []byte) string {
	var b strings.Builder
	for at := 0; at < len(data); {
		size := int(data[at])
		b.Write(data[at+1 : min(at+1+size, len(data))])
		at += size + 1
	}
	return b.String()
}

// dottedName is a name as text, as it is, without the dot at its end; for
// comparison only, never for a message.
func dottedName(n []byte) string {
	var b strings.Builder
	for at := 0; n[at] != 0; at += int(n[at]) + 1 {
		if at > 0 {
			b.WriteByte('.')
		}
		b.Write(n[at+1 : at+1+int(n[at])])
	}
	return b.String()
}

// isSPF tells whether named takes a text for SPF.
//
// Source: RFC 7208 section 4.5; BIND, lib/dns/zone.c (isspf).
func isSPF(text string) bool {
	rest, found := strings.CutPrefix(text, "v=spf1")
	return found && (rest == "" || rest[0] == ' ')
}
