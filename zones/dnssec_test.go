package zones

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// plainZone has everything that matters to a signed zone: wildcards, empty
// names, delegations with and without DS and glue, a DNAME, capitals.
const plainZone = `$TTL 300
@ SOA ns.Example. hostmaster 1 3600 600 86400 300
@ NS ns
@ NS NS2.other.
@ MX 10 Mail.example.
@ TXT "apex"
ns A 192.0.2.1
ns AAAA 2001:db8::1
*.wild A 192.0.2.2
a.b.ent A 192.0.2.3
a.c.ent TXT "x" "y"
dn DNAME target.other.
below.dn A 192.0.2.9
secure NS ns.secure
secure DS 12345 13 2 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20
ns.secure A 192.0.2.4
plain NS ns.plain
plain NS ns.other.
ns.plain AAAA 2001:db8::2
deep.opt NS ns.other.
Mail A 192.0.2.5
mail A 192.0.2.6
alias CNAME mail
\000\001 TXT "odd name"
t TYPE65280 \# 2 0102
srv SRV 1 2 3 Mail
srv NAPTR 1 2 "S" "SIP+D2U" "" Mail.Example.
t RP Host.Example. TXT.example.
t AFSDB 1 Mail
t KX 1 Mail
t MINFO Mail Mail
t SVCB 1 Mail alpn=h2
t CAA 0 issue "Example.net"
t LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
t SSHFP 1 1 0102030405060708090A0B0C0D0E0F1011121314
t TLSA 3 1 1 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20
t HINFO "Cpu" "OS"
t PX 1 Mail Mail
t RT 1 Mail
t LP 10 Mail
t APL 1:192.0.2.0/24
`

// signing is a way to sign a zone: a key of each algorithm for signing keys
// and one for signing the zone (CSK: one for both), the arguments of
// dnssec-signzone, and those of dnssec-verify, which by itself takes no zone
// of one key.
type signing struct {
	name       string
	algorithms []string
	single     bool
	arguments  []string
	verify     []string
}

var signings = []signing{
	{name: "NSEC", algorithms: []string{"ECDSAP256SHA256"}},
	{name: "NSEC3", algorithms: []string{"ECDSAP256SHA256"}, arguments: []string{"-3", "abcd", "-H", "5"}},
	{name: "opt-out", algorithms: []string{"ECDSAP256SHA256"}, arguments: []string{"-3", "-", "-H", "0", "-A"}},
	{name: "DNSKEY signed by KSK only", algorithms: []string{"ECDSAP256SHA256"}, arguments: []string{"-x"}, verify: []string{"-x"}},
	{name: "one key", algorithms: []string{"ECDSAP256SHA256"}, single: true, arguments: []string{"-z"}, verify: []string{"-z"}},
	{name: "RSA", algorithms: []string{"RSASHA256"}},
	{name: "RSASHA512 and SHA-1", algorithms: []string{"RSASHA512", "NSEC3RSASHA1"}},
	{name: "P-384", algorithms: []string{"ECDSAP384SHA384"}},
	{name: "Ed25519", algorithms: []string{"ED25519"}, arguments: []string{"-3", "-"}},
	{name: "two algorithms", algorithms: []string{"ECDSAP256SHA256", "ED25519"}, arguments: []string{"-3", "-"}},
}

// tool runs a program of BIND in a directory.
func tool(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// signedZone signs text in a new directory; the keys stay there.
func signedZone(t testing.TB, s *signing, text string, more ...string) (dir, signed string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "z", text)
	for _, a := range s.algorithms {
		bits := []string{"-a", a}
		if strings.Contains(a, "RSA") {
			bits = append(bits, "-b", "1024")
		}
		tool(t, dir, slices.Concat([]string{"dnssec-keygen", "-q", "-f", "KSK"}, bits, []string{"example"})...)
		if !s.single {
			tool(t, dir, slices.Concat([]string{"dnssec-keygen", "-q"}, bits, []string{"example"})...)
		}
	}
	tool(t, dir, slices.Concat([]string{"dnssec-signzone", "-q", "-P", "-S", "-O", "full", "-o", "example", "-f", "signed"}, s.arguments, more, []string{"z"})...)
	got, err := os.ReadFile(filepath.Join(dir, "signed"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, string(got)
}

// signedLines gives the records of a signed zone, one to a line.
func signedLines(signed string) []string {
	var list []string
	for line := range strings.Lines(signed) {
		if !strings.HasPrefix(line, ";") && strings.TrimSpace(line) != "" {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
	}
	return list
}

// judged verifies a zone, as named 9.18 would have it.
func judged(text string) Report {
	z := example()
	z.Checks.Release = [3]int{9, 18, 0}
	return CheckAll(context.Background(), memFiles{"z": text}, []Zone{z}, Options{Judging: Judging{DNSSEC: true}})[0]
}

// refuses asks dnssec-verify; the answer is what it says, "" when it takes the
// zone.
func refuses(t testing.TB, dir string, s *signing, text string) string {
	t.Helper()
	f, err := os.CreateTemp(dir, "v")
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(text)
	f.Close()
	defer os.Remove(f.Name())
	args := slices.Concat([]string{"-o", "example"}, s.verify, []string{f.Name()})
	if out, err := exec.Command("dnssec-verify", args...).CombinedOutput(); err != nil {
		return string(out)
	}
	return ""
}

func needTools(t testing.TB, names ...string) {
	for _, n := range names {
		if _, err := exec.LookPath(n); err != nil {
			t.Fatalf("%s is missing: install BIND's utilities, or run test.sh, which does", n)
		}
	}
}

// TestSignedZones checks that zones signed in all ways are found right.
func TestSignedZones(t *testing.T) {
	needTools(t, "dnssec-keygen", "dnssec-signzone", "dnssec-verify")
	for i := range signings {
		t.Run(signings[i].name, func(t *testing.T) {
			t.Parallel()
			dir, signed := signedZone(t, &signings[i], plainZone)
			if r := judged(signed); r.Diagnostics.Errors() > 0 || codesOf(r) != "" {
				t.Errorf("%s", found(r))
			}
			if out := refuses(t, dir, &signings[i], signed); out != "" {
				t.Errorf("dnssec-verify: %s", out)
			}
			tool(t, dir, "named-compilezone", "-q", "-i", "none", "-F", "raw", "-o", "raw", "example", "signed")
			z := example()
			z.File, z.Format = filepath.Join(dir, "raw"), "raw"
			r := CheckAll(context.Background(), &hostFiles{}, []Zone{z}, Options{Judging: Judging{DNSSEC: true}})[0]
			if r.Diagnostics.Errors() > 0 || r.Records != len(signedLines(signed)) {
				t.Errorf("raw: %d records\n%s", r.Records, found(r))
			}
		})
	}
}

// has tells whether a report has a code that starts so.
func has(r Report, code string) bool {
	return slices.ContainsFunc(r.Diagnostics, func(d parser.Diagnostic) bool { return strings.HasPrefix(string(d.Code), code) })
}

// alterations are what is done to each record of a signed zone; "" leaves it
// as it is.
var alterations = map[string]func(line string) string{
	"deleted": func(string) string { return "\n" },
	"other TTL": func(line string) string {
		return strings.Replace(line, " 300 IN ", " 301 IN ", 1)
	},
	"other owner": func(line string) string { return "x" + line },
	"one byte less or more": func(line string) string {
		rr, err := dns.NewRR(line)
		if err != nil {
			return ""
		}
		buf := make([]byte, 4096)
		end, err := dns.PackRR(rr, buf, 0, nil, false)
		if err != nil {
			return ""
		}
		head := len(rr.Header().Name) + 1
		if strings.Contains(rr.Header().Name, `\`) {
			head = 3 + len("example.") + 1
		}
		data := buf[head+10 : end]
		data[len(data)-1] ^= 1
		h := rr.Header()
		return fmt.Sprintf("%s %d IN TYPE%d \\# %d %x", h.Name, h.Ttl, h.Rrtype, len(data), data)
	},
	"early byte": func(line string) string {
		rr, err := dns.NewRR(line)
		if err != nil || rr.Header().Rrtype != dns.TypeRRSIG {
			return ""
		}
		s := rr.(*dns.RRSIG)
		s.Labels++
		return s.String()
	},
	"other key tag": func(line string) string {
		rr, err := dns.NewRR(line)
		if s, ok := rr.(*dns.RRSIG); err == nil && ok {
			s.KeyTag++
			return s.String()
		}
		return ""
	},
}

// TestEveryRecord alters each record of small signed zones in each way, and
// compares the verdicts: what dnssec-verify refuses is refused.
func TestEveryRecord(t *testing.T) {
	needTools(t, "dnssec-keygen", "dnssec-signzone", "dnssec-verify")
	const small = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\na.ent A 192.0.2.2\n" +
		"cut NS ns.cut\nns.cut A 192.0.2.3\nsafe NS ns\nsafe DS 12345 13 2 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20\n*.w TXT x\n"
	var mu sync.Mutex
	refused, both, only := 0, 0, 0
	for _, i := range []int{0, 1} {
		t.Run(signings[i].name, func(t *testing.T) {
			dir, signed := signedZone(t, &signings[i], small)
			lines := signedLines(signed)
			if r := judged(strings.Join(lines, "\n") + "\n"); r.Diagnostics.Errors() > 0 {
				t.Fatalf("%s", found(r))
			}
			limit := make(chan bool, runtime.GOMAXPROCS(0))
			var wg sync.WaitGroup
			for at, line := range lines {
				for name, alter := range alterations {
					changed := alter(line)
					if changed == "" {
						continue
					}
					text := strings.Join(slices.Replace(slices.Clone(lines), at, at+1, changed), "\n") + "\n"
					limit <- true
					wg.Go(func() {
						defer func() { <-limit }()
						theirs := refuses(t, dir, &signings[i], text)
						ours := judged(text)
						mu.Lock()
						defer mu.Unlock()
						switch {
						case theirs != "" && ours.Diagnostics.Errors() == 0:
							t.Errorf("%s: %s: dnssec-verify refuses it and we do not:\n%s%s", name, line, theirs, found(ours))
						case theirs != "":
							both++
						case ours.Diagnostics.Errors() > 0:
							only++
							if testing.Verbose() {
								t.Logf("%s: %s: only we refuse it: %s", name, line, found(ours))
							}
						}
						refused++
					})
				}
			}
			wg.Wait()
		})
	}
	t.Logf("%d alterations, %d refused by both, %d by us alone", refused, both, only)
	if both < 250 {
		t.Errorf("only %d alterations were refused by both, the test tests little", both)
	}
}

// keyBase is the name of the files of a key of example, without their ends.
func keyBase(algorithm uint8, tag uint16) string {
	return fmt.Sprintf("Kexample.+%03d+%05d", algorithm, tag)
}

// BenchmarkProof verifies a zone of 2000 names for each algorithm; the metric
// is signatures a second of one core.
func BenchmarkProof(b *testing.B) {
	var text strings.Builder
	text.WriteString(plainZone)
	for i := range 2000 {
		fmt.Fprintf(&text, "h%05d A 192.0.2.%d\n", i, i%256)
	}
	for _, i := range []int{0, 1, 5, 7, 8} {
		b.Run(signings[i].name, func(b *testing.B) {
			_, signed := signedZone(b, &signings[i], text.String())
			sigs := strings.Count(signed, "RRSIG\t")
			c := newChecker(context.Background(), memFiles{"z": signed}, nil)
			c.workers, c.judging.DNSSEC = 1, true
			b.ResetTimer()
			for b.Loop() {
				if r := c.check(example()); r.Diagnostics.Errors() > 0 {
					b.Fatal(found(r))
				}
			}
			b.ReportMetric(float64(sigs*b.N)/b.Elapsed().Seconds(), "signatures/s")
		})
	}
}
