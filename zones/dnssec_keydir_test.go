package zones

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"named-jail/parser"
)

func (m memFiles) List(dir string) ([]string, error) {
	var names []string
	for n := range m {
		if filepath.Dir(n) == dir {
			names = append(names, filepath.Base(n))
		}
	}
	slices.Sort(names)
	if names == nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}
	}
	return names, nil
}

// TestKeyFiles compares key directories with zones.
func TestKeyFiles(t *testing.T) {
	needTools(t, "dnssec-keygen", "dnssec-signzone")
	dir, signed := signedZone(t, &signings[0], plainZone)
	z := parseSigned(t, dir, &signings[0], signed)
	base := memFiles{"z": signed, "keys/README": "x", "keys/Kexample.+013+x.key": "x", "keys/Kother.+013+00001.key": "x"}
	names := map[bool]string{}
	for _, k := range []bool{true, false} {
		key := z.zsk
		if k {
			key = z.ksk
		}
		names[k] = keyBase(key.Algorithm, key.KeyTag())
		for _, end := range []string{".key", ".private"} {
			text, err := os.ReadFile(filepath.Join(dir, names[k]+end))
			if err != nil {
				t.Fatal(err)
			}
			base["keys/"+names[k]+end] = string(text)
		}
	}
	ksk, zsk := "keys/"+names[true], "keys/"+names[false]
	past, future := time.Now().Add(-48*time.Hour).UTC().Format(keyTimeForm), time.Now().Add(48*time.Hour).UTC().Format(keyTimeForm)
	tests := []struct {
		name   string
		change func(m memFiles)
		want   []string // parts of the messages
	}{
		{"all right", func(memFiles) {}, nil},
		{"no private", func(m memFiles) { delete(m, zsk+".private") }, []string{"has no .private file"}},
		{"no key", func(m memFiles) { delete(m, zsk+".key") }, []string{"no .key file beside it", "is not in key-directory"}},
		{"neither", func(m memFiles) { delete(m, zsk+".key"); delete(m, zsk+".private") }, []string{"is not in key-directory"}},
		{"another key under its name", func(m memFiles) { m[zsk+".key"] = m[ksk+".key"] }, []string{"does not hold the key", "is not in key-directory"}},
		{"damaged", func(m memFiles) { m[zsk+".key"] = "example. IN DNSKEY 256 3 13 !!!" }, []string{"does not hold the key", "is not in key-directory"}},
		{"of another zone", func(m memFiles) { m[zsk+".key"] = strings.ReplaceAll(m[zsk+".key"], "example.", "other.") }, []string{"does not hold the key", "is not in key-directory"}},
		{"huge", func(m memFiles) { m[zsk+".key"] += strings.Repeat(" ", maxKeyFile) }, nil},
		{"deleted", func(m memFiles) { m[zsk+".private"] += "Delete: " + past + "\n" }, []string{"was to be deleted"}},
		{"to be deleted", func(m memFiles) { m[zsk+".private"] += "Delete: " + future + "\nInactive: " + future + "\n" }, nil},
		{"inactive and signing", func(m memFiles) { m[zsk+".private"] += "Inactive: " + past + "\n" }, []string{"is inactive since"}},
		{"none active", func(m memFiles) {
			m[zsk+".private"] += "Inactive: " + past + "\n"
			m[ksk+".private"] += "Inactive: " + past + "\n"
		}, []string{"is inactive since", "no key of the zone is active"}},
		{"unsigned, with keys", func(m memFiles) { m["z"] = plainZone }, nil},
		{"unsigned, without keys", func(m memFiles) {
			m["z"] = plainZone
			for _, k := range []string{ksk, zsk} {
				delete(m, k+".key")
				delete(m, k+".private")
			}
		}, []string{"has no key of it"}},
		{"the signed file beside it", func(m memFiles) {
			m["z"] = plainZone
			raw := filepath.Join(dir, "raw")
			tool(t, dir, "named-compilezone", "-q", "-i", "none", "-F", "raw", "-o", raw, "example", "signed")
			text, _ := os.ReadFile(raw)
			m["z.signed"] = string(text)
			delete(m, zsk+".private")
		}, []string{"has no .private file"}},
	}
	for _, test := range tests {
		m := memFiles{}
		for k, v := range base {
			m[k] = v
		}
		test.change(m)
		zone := example()
		zone.Checks = Checks{Signed: true, KeyDirectory: "keys"}
		zone.Inline = m["z.signed"] != ""
		r := Check(m, zone)
		var got []string
		for _, d := range r.Diagnostics {
			if d.Code == "NJ440" {
				got = append(got, d.Message)
			} else if d.Severity == parser.Error {
				t.Errorf("%s: %s", test.name, d.Headline())
			}
			secret := "PrivateKey"
			for line := range strings.Lines(base[zsk+".private"]) {
				if value, ok := strings.CutPrefix(line, "PrivateKey: "); ok {
					secret = strings.TrimSpace(value)
				}
			}
			if strings.Contains(d.Message+d.Remedy, secret) {
				t.Errorf("%s shows the private key", test.name)
			}
		}
		missed := len(got) != len(test.want)
		for _, part := range test.want {
			missed = missed || !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, part) })
		}
		if missed {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		zone.Checks.Signed = false
		if r := Check(m, zone); has(r, "NJ440") {
			t.Errorf("%s: keys of a zone that named does not sign:\n%s", test.name, found(r))
		}
	}
}

// TestKeyPrefix checks the names of key files of odd zones.
func TestKeyPrefix(t *testing.T) {
	for zone, want := range map[string]string{".": "K.+", "example.": "Kexample.+", "a/b.2.0.192.in-addr.arpa.": "Ka%2Fb.2.0.192.in-addr.arpa.+", `a\.b.c.`: "Ka%2Eb.c.+"} {
		n, _ := parseNameString(zone)
		if got := keyPrefix(n.bytes()); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}
