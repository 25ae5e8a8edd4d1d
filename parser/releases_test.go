package parser

import (
	"strings"
	"testing"
)

// TestReleases states what is told of a statement that a release does not
// have, or warns of.
func TestReleases(t *testing.T) {
	for _, c := range []struct {
		version Version
		text    string
		want    string // headline and remedy, "" for nothing
	}{
		// removed, with what replaces it
		{V(9, 20, 0), `options { coresize 5m; };`, "error: 'coresize' no longer exists in BIND 9.20.0; 9.19.18 was the first release without it [NJ202] named refuses to start on it. Remove it; set the limits in the service manager."},
		{V(9, 21, 4), `trusted-keys { };`, "error: 'trusted-keys' no longer exists in BIND 9.21.4; 9.21.4 was the first release without it [NJ202] named refuses to start on it. Use trust-anchors instead."},
		// deprecated, first in a branch of its own
		{V(9, 18, 9), `options { auto-dnssec off; };`, ""},
		{V(9, 18, 10), `options { auto-dnssec off; };`, "warning: 'auto-dnssec' is deprecated since BIND 9.18.10 [NJ209] It works still; a later release refuses it. Use dnssec-policy instead."},
		{V(9, 16, 36), `options { auto-dnssec off; };`, "warning: 'auto-dnssec' is deprecated since BIND 9.16.36 [NJ209] It works still; a later release refuses it. Use dnssec-policy instead."},
		{V(9, 16, 35), `options { auto-dnssec off; };`, ""},
		// without effect: not "it works still"
		{V(9, 18, 8), `options { random-device "/dev/random"; };`, "warning: 'random-device' has no effect since BIND 9.18.8 [NJ209] A later release refuses it. Remove it; named takes random numbers from its crypto library."},
		{V(9, 18, 7), `options { random-device "/dev/random"; };`, ""},
		{V(9, 12, 0), `options { named-xfer "/x"; };`, "warning: 'named-xfer' has no effect since BIND 9.0.0 [NJ209] A later release refuses it. Remove it; named transfers zones itself."},
		{V(8, 3, 0), `options { named-xfer "/x"; };`, ""},
		// one of two that stand together
		{V(9, 20, 0), `options { max-zone-ttl 1d; }; zone "z" { type primary; file "z"; dnssec-policy default; };`,
			"warning: 'max-zone-ttl' is deprecated since BIND 9.20.0 [NJ209] It works still; a later release refuses it. Use max-zone-ttl in dnssec-policy instead.\n" +
				"error: max-zone-ttl and a dnssec-policy are both in force in zone 'z' [NJ217] named refuses to start on it; take max-zone-ttl out, and write it into the dnssec-policy."},
		{V(9, 18, 49), `options { max-zone-ttl 1d; }; zone "z" { type primary; file "z"; dnssec-policy default; inline-signing yes; };`, ""},
		// not yet there; older branches got some later than the newer ones
		{V(9, 17, 2), `primaries m { 192.0.2.1; };`, "error: BIND 9.17.2 does not know 'primaries'; 9.17.3 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(9, 16, 11), `primaries m { 192.0.2.1; };`, "error: BIND 9.16.11 does not know 'primaries'; 9.16.12 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(9, 16, 12), `primaries m { 192.0.2.1; };`, ""},
		{V(9, 21, 3), `remote-servers m { 192.0.2.1; };`, "error: BIND 9.21.3 does not know 'remote-servers'; 9.21.4 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(9, 20, 5), `remote-servers m { 192.0.2.1; };`, ""},
		{V(9, 18, 49), `template t { };`, "error: BIND 9.18.49 does not know 'template'; 9.21.9 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		// the same statement in two places
		{V(9, 3, 0), `options { allow-update { none; }; };`, "error: BIND 9.3.0 does not know 'allow-update'; 9.4.0 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(9, 3, 0), `zone "z" { type master; file "z"; allow-update { none; }; };`, ""},
		{V(9, 1, 0), `options { include "x"; };`, "error: BIND 9.1.0 does not know 'include'; 9.2.0 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		// BIND 8, which goes on after an error
		{V(8, 3, 0), `view "v" { };`, "warning: BIND 8.3.0 does not know 'view'; 9.0.0 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(8, 2, 0), `options { hostname "h"; };`, "warning: BIND 8.2.0 does not know 'hostname'; 8.3.0 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(8, 4, 0), `options { hostname "h"; };`, ""},
		{V(9, 2, 0), `options { hostname "h"; };`, "error: BIND 9.2.0 does not know 'hostname'; 9.3.0 is the first release with it [NJ203] Remove the statement or install a newer BIND."},
		{V(8, 1, 0), `options { directory "/x"; fetch-glue yes; }; zone "z" { type master; file "f"; };`, ""},
		// unknown: an error as far as the table has been compared
		{V(9, 20, 31), `opitons { };`, "error: unknown statement 'opitons' [NJ201] Did you mean 'options'?"},
		{V(9, 21, 0), `opitons { };`, "warning: unknown statement 'opitons' [NJ201] Did you mean 'options'?"},
	} {
		src := tree{"/n.conf": c.text, "/x": ""}
		if strings.Contains(c.text, "include") {
			src["x"], src["//x"] = "", ""
		}
		_, ds := Load(src, "/n.conf", Options{Version: c.version})
		var got []string
		for _, d := range ds {
			head := d.Headline()
			got = append(got, head[strings.Index(head, ": ")+2:]+" "+d.Remedy)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.version, c.text, strings.Join(got, "\n     "), c.want)
		}
	}
}

// TestRowsAgreeWithThemselves finds releases of a row in the wrong order, and
// rows that leave the operator without advice.
func TestRowsAgreeWithThemselves(t *testing.T) {
	for _, d := range Statements() {
		warned := d.Deprecated.Known() || d.Obsolete.Known() || d.Until.Known()
		if warned && d.Instead == "" {
			t.Errorf("%s: nothing says what to do instead", d.Keyword)
		}
		if !warned && d.Instead != "" {
			t.Errorf("%s: %q, and nothing ever warns", d.Keyword, d.Instead)
		}
		last := d.Since
		for _, v := range []Version{d.Deprecated, d.Obsolete, d.Until} {
			if v.Known() {
				if v.Before(last) {
					t.Errorf("%s: %s comes before %s", d.Keyword, v, last)
				}
				last = v
			}
		}
		for _, back := range []struct {
			main Version
			all  []Version
		}{{d.Since, d.Back.Since}, {d.Deprecated, d.Back.Deprecated}, {d.Obsolete, d.Back.Obsolete}} {
			later := back.main
			for _, v := range back.all {
				if !v.Before(later) || v.Major == later.Major && v.Minor == later.Minor {
					t.Errorf("%s: %s is no older branch than %s", d.Keyword, v, later)
				}
				later = v
			}
		}
	}
}
