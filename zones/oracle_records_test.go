package zones

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// loadedRecord is a record as a zone holds it: the owner in wire form and
// lower-case.
type loadedRecord struct {
	owner string
	rtype uint16
	ttl   uint32
	data  string
}

func (r loadedRecord) String() string {
	n, _, err := dns.UnpackDomainName([]byte(r.owner), 0)
	if err != nil {
		n = fmt.Sprintf("%q", r.owner)
	}
	return fmt.Sprintf("%s %d %s %x", n, r.ttl, typeName(r.rtype), r.data)
}

// recordsOf checks a zone and gives its records as we read them, in the order of
// the store.
func recordsOf(files Files, z Zone) (Report, []loadedRecord) {
	c := newChecker(context.Background(), files, nil)
	r := c.check(z)
	var list []loadedRecord
	for id := range uint32(c.store.owners.n) {
		c.store.each(id, func(rec *stored) bool {
			list = append(list, loadedRecord{string(c.store.name(id)), rec.rtype, rec.ttl, string(c.store.data(rec))})
			return true
		})
	}
	return r, list
}

var loadedSerial = regexp.MustCompile(`loaded serial (\d+)`)

// sameZone compares serial and records of a zone that named loads with ours:
// dump is the file in raw format that it wrote.
func sameZone(t testing.TB, out, dump string, z Zone, r Report, ours []loadedRecord) []string {
	t.Helper()
	var wrong []string
	if m := loadedSerial.FindStringSubmatch(out); m != nil {
		if want, _ := strconv.ParseUint(m[1], 10, 32); uint64(r.Serial) != want {
			wrong = append(wrong, fmt.Sprintf("serial %d, named-checkzone has %d", r.Serial, want))
		}
	}
	raw := Zone{Name: z.Name, Class: z.Class, Type: "secondary", File: dump, Living: true}
	report, named := recordsOf(&hostFiles{}, raw)
	unread := slices.ContainsFunc(report.Diagnostics, func(d parser.Diagnostic) bool { return d.Code < "NJ403" || d.Code == "NJ409" })
	if unread || report.Format != "raw" {
		wrong = append(wrong, fmt.Sprintf("what named wrote is read as %q: %s", report.Format, found(report)))
	}
	if r.Records != len(named) {
		wrong = append(wrong, fmt.Sprintf("we count %d records, named %d", r.Records, len(named)))
	}
	wrong = append(wrong, sameRecords(ours, named)...)
	return append(wrong, sameOrder(ours, named)...)
}

// sameText lets named write the zone in dump as text and compares what we read
// of both.
func sameText(t testing.TB, dump string, z Zone) []string {
	t.Helper()
	class := z.Class
	if class == "" {
		class = "IN"
	}
	text := dump + ".text"
	if out, ok := bind(t, "/", "named-compilezone", "-c", class, "-f", "raw", "-k", "ignore", "-i", "none", "-s", "full", "-o", text, z.Name, dump); !ok {
		return []string{"named-compilezone does not take what named-checkzone wrote: " + out}
	}
	_, named := recordsOf(&hostFiles{}, Zone{Name: z.Name, Class: z.Class, Type: "secondary", File: dump, Living: true})
	report, ours := recordsOf(&hostFiles{}, Zone{Name: z.Name, Class: z.Class, Type: "primary", File: text,
		Checks: Checks{Names: Ignore, MX: Ignore, MXCNAME: Ignore, SRVCNAME: Ignore, Duplicates: Ignore, NoIntegrity: true, Release: z.Checks.Release}})
	if report.Diagnostics.Errors() > 0 {
		return []string{"the text that named writes has errors for us: " + found(report)}
	}
	return sameRecords(ours, named)
}

// set is the key of an RRset.
type set struct {
	owner string
	rtype uint16
}

// sameRecords compares two zones as sets. The case of letters in data is left
// out, because named keeps that of the file and we do not in names; how many
// records there are is compared beside. All records of an RRset have the TTL of
// one of them.
func sameRecords(ours, named []loadedRecord) []string {
	var wrong []string
	type key struct {
		set
		data string
	}
	in, out := make(map[key]bool), make(map[key]bool)
	ttls := make(map[set][]uint32)
	for _, r := range ours {
		in[key{set{r.owner, r.rtype}, strings.ToLower(r.data)}] = true
		ttls[set{r.owner, r.rtype}] = append(ttls[set{r.owner, r.rtype}], r.ttl)
	}
	for _, r := range named {
		k := key{set{r.owner, r.rtype}, strings.ToLower(r.data)}
		out[k] = true
		if !in[k] {
			wrong = append(wrong, "named has a record that we do not have: "+r.String())
		} else if !slices.Contains(ttls[k.set], r.ttl) {
			wrong = append(wrong, fmt.Sprintf("named has another TTL than ours, %v: %s", ttls[k.set], r))
		}
	}
	for _, r := range ours {
		if !out[key{set{r.owner, r.rtype}, strings.ToLower(r.data)}] {
			wrong = append(wrong, "we have a record that named does not have: "+r.String())
		}
	}
	return wrong
}

// canonical compares two names in wire form, lower-case.
// Source: RFC 4034 section 6.1.
func canonical(a, b string) int {
	x, y := labels(a), labels(b)
	for i := 1; i <= len(x) && i <= len(y); i++ {
		if c := strings.Compare(x[len(x)-i], y[len(y)-i]); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

func labels(wire string) []string {
	var list []string
	for wire[0] != 0 {
		n := int(wire[0]) + 1
		list, wire = append(list, wire[1:n]), wire[n:]
	}
	return list
}

// sameOrder compares the canonical order of our owners and of the data in each
// set with the order in which named wrote them. named keeps the NSEC3 names in a
// tree of their own.
func sameOrder(ours, named []loadedRecord) []string {
	if slices.ContainsFunc(named, func(r loadedRecord) bool { return r.rtype == dns.TypeNSEC3 }) {
		return nil
	}
	var want, got []string
	for _, r := range ours {
		want = append(want, r.owner)
	}
	slices.SortFunc(want, canonical)
	want = slices.Compact(want)
	for _, r := range named {
		got = append(got, r.owner)
	}
	if got = slices.Compact(got); !slices.Equal(want, got) {
		return []string{fmt.Sprintf("the canonical order of names is %q, named's %q", want, got)}
	}
	var wrong []string
	for i, r := range named {
		if i == 0 || r.owner != named[i-1].owner || r.rtype != named[i-1].rtype {
			continue
		}
		before := named[i-1].data // names in the data of some types are compared without case
		if before > r.data && strings.ToLower(before) > strings.ToLower(r.data) {
			wrong = append(wrong, "named does not write the data in canonical order: "+r.String())
		}
	}
	return wrong
}
