package jail

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"named-jail/rewrite"
)

// fullManifest has every field set, and names that need quoting.
func fullManifest() *Manifest {
	m := newManifest("/var/named")
	m.Copy = true
	m.Runs = []Run{{ID: "000001", Kind: KindApply, Time: time.Unix(1e9, 0).UTC(), Ops: 3, RolledBack: true}}
	m.HostLinks["/run/named/named.pid"] = "/run/named/named.pid"
	for i, source := range []string{"/etc/db.a", "/etc/a b", "/etc/a\tb\n", "/etc/\x1b[1m\xff", `/etc/"q"\`, "/etc/é"} {
		place := rewrite.JailPath("/zones" + source)
		m.Names[source] = place
		m.Entries[place] = &Entry{Class: rewrite.ClassDynamic, Transfer: rewrite.Copy, Source: source, Real: "/real" + source,
			Linked: i%3 == 1, Found: i%3 == 2, SourceMode: 0o640, SourceDigest: digestBytes([]byte(source)), Written: digestBytes([]byte{byte(i)}),
			SourceStamp: Stamp{1 << 63, 1<<64 - 1, 3, -4, 5}, Stamp: Stamp{Dev: uint64(i)}, UID: 53, GID: 54, Mode: 0o600}
	}
	m.Entries["/same"] = &Entry{SourceDigest: "aa", Written: "aa"}
	m.Entries["/empty"] = &Entry{}
	return m
}

func TestManifestComesBack(t *testing.T) {
	m := fullManifest()
	data, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := readManifest(data, "x")
	if err != nil {
		t.Fatal(err)
	}
	if !equalManifests(m, got) || !reflect.DeepEqual(m.Runs, got.Runs) {
		t.Errorf("got\n%+v\nwant\n%+v", got, m)
	}
	if again, _ := got.encode(); !bytes.Equal(data, again) {
		t.Error("the same manifest has two texts")
	}
	for _, c := range data {
		if c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			t.Errorf("the text holds the byte %#x", c)
		}
	}
}

// TestDamagedManifest cuts the text at every byte and spoils its fields: it
// must be refused, and never taken for a smaller one.
func TestDamagedManifest(t *testing.T) {
	data, _ := fullManifest().encode()
	for i := range len(data) {
		if _, err := readManifest(data[:i], "x"); err == nil {
			t.Fatalf("cut at byte %d of %d it is taken for whole", i, len(data))
		}
	}
	text := string(data)
	for old, bad := range map[string]string{
		"\nend\n": "\nend\nend\n", `"version":1`: `"version":2`, "\nname\t": "\nnames\t", "\tlinked\t": "\tblinked\t",
		"\t640\t": "\t680\t", "\t53\t": "\t-53\t", "\tfound\t": "\tfound\t\t", ".3.-4.5": ".3.-4", "\t4\t2\t": "\t444\t2\t",
	} {
		spoilt := strings.Replace(text, old, bad, 1)
		if spoilt == text {
			t.Errorf("%q is not in the text", old)
		} else if _, err := readManifest([]byte(spoilt), "x"); err == nil {
			t.Errorf("%q in the place of %q is taken", bad, old)
		}
	}
}

func BenchmarkReadManifest(b *testing.B) {
	m := newManifest("/var/named")
	for i := range 20000 {
		source := "/etc/bind/zones/db.example" + itoa(i)
		place := rewrite.JailPath("/zones/master/db.example" + itoa(i))
		digest := digestBytes([]byte(source))
		m.Names[source] = place
		m.Entries[place] = &Entry{Source: source, Real: source, SourceDigest: digest, Written: digest, SourceMode: 0o644, Stamp: Stamp{1, 2, 3, 4, 5}}
	}
	data, _ := m.encode()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := readManifest(data, "x"); err != nil {
			b.Fatal(err)
		}
	}
}
