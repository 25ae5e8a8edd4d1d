//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

// oddViews are views some of whose names are not file names: named calls the files
// that belong to them by a hash of the name.
const oddViews = `options { ` + featureOptions + ` managed-keys-directory "/var/lib/bind/anchors"; };
view "Inner" {
	match-clients { 127.0.0.1; };
	allow-new-zones yes;
	new-zones-directory "/var/lib/bind/added";
	zone "split.example" { type primary; file "/etc/bind/in/db.split"; };
};
view "odd/View" {
	match-clients { none; };
	allow-new-zones yes;
	zone "split.example" { in-view "Inner"; };
};
view "ext" {
	allow-new-zones yes;
	dnssec-validation auto;
	zone "split.example" { type primary; file "/etc/bind/out/db.split"; };
};
`

// TestLiveOddViews shows that zones which were added to a view by rndc, and its
// managed keys, are found by the names that named gives their files, in the
// directory of the view.
func TestLiveOddViews(t *testing.T) {
	added := false
	feature{
		conf: oddViews,
		files: map[string]string{"/etc/bind/in/db.split": featureZone("10.0.0.1"), "/etc/bind/out/db.split": featureZone("192.0.2.31"),
			"/var/lib/bind/db.added": featureZone("192.0.2.32"), "/var/cache/bind/db.outer": featureZone("192.0.2.33")},
		owned: []string{"/var/lib/bind/anchors/", "/var/lib/bind/added/", "/var/lib/bind/db.added", "/var/cache/bind/db.outer"},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.split.example", answer: "10.0.0.1"})
			wantAnswer(s.t, question{name: "www.split.example", from: "127.0.0.2", answer: "192.0.2.31"})
			if !added {
				added = true
				s.rndc("addzone", "added.example", "in", "Inner", `{ type primary; file "/var/lib/bind/db.added"; allow-update { any; }; };`).want(s.t, 0)
				s.rndc("addzone", "outer.example", "in", "ext", `{ type primary; file "db.outer"; };`).want(s.t, 0)
			}
			wantAnswer(s.t, question{name: "www.added.example", answer: "192.0.2.32"})
			wantAnswer(s.t, question{name: "www.outer.example", from: "127.0.0.2", answer: "192.0.2.33"})
			runInput(s.t, "server 127.0.0.1\nzone added.example\nupdate delete new.added.example\nupdate add new.added.example 60 A 192.0.2.34\nsend\n", "nsupdate").want(s.t, 0)
			wantAnswer(s.t, question{name: "new.added.example", answer: "192.0.2.34"})
			dir := "/var/lib/bind/anchors"
			if _, err := os.Stat(s.jail("/etc/named.conf")); err == nil {
				dir = s.jail(dir)
			}
			s.waitFor("managed keys in "+dir, func() bool { return len(strings.Fields(baseNames(s.t, dir+"/*.mkeys*"))) >= 3 })
		},
	}.try(t)
}

// TestLiveNewZonesText shows that zones which an older named kept as text go
// into the jail, where named makes its database of them.
func TestLiveNewZonesText(t *testing.T) {
	feature{
		conf: `options { ` + featureOptions + ` allow-new-zones yes; };`,
		files: map[string]string{
			"/var/cache/bind/_default.nzf": "# New zone file for view: _default\n" +
				"# by an older named\nzone \"text.example\" { type primary; file \"db.text\"; };\nzone \"here.example\" in { type primary; file \"/etc/bind/db.here\"; };\n",
			"/var/cache/bind/db.text": featureZone("192.0.2.35"), "/etc/bind/db.here": featureZone("192.0.2.36"),
		},
		owned: []string{"/var/cache/bind/_default.nzf", "/var/cache/bind/db.text"},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.text.example", answer: "192.0.2.35"})
			wantAnswer(s.t, question{name: "www.here.example", answer: "192.0.2.36"})
		},
		unused: true,
	}.try(t)
}

// TestLiveCatalog shows that the zones of a catalog zone are transferred and
// kept in the jail.
func TestLiveCatalog(t *testing.T) {
	first := map[string]string{}
	feature{
		conf: `options { ` + featureOptions + ` catalog-zones {
	zone "catalog.example" default-primaries { 127.0.0.2 port 5399; } zone-directory "/var/cache/bind/members" in-memory no min-update-interval 1;
	zone "catalog2.example" default-primaries { 127.0.0.2 port 5399; } zone-directory "other" in-memory yes;
}; };
zone "catalog.example" { type primary; file "/etc/bind/db.catalog"; };
zone "catalog2.example" { type primary; file "/etc/bind/db.catalog2"; };
`,
		files: map[string]string{
			"/etc/bind/db.catalog":  "$TTL 60\n@ SOA . . 1 60 60 86400 60\n@ NS invalid.\nversion TXT \"2\"\nab01.zones PTR slave.example.\n",
			"/etc/bind/db.catalog2": "$TTL 60\n@ SOA . . 1 60 60 86400 60\n@ NS invalid.\nversion TXT \"2\"\nab02.zones PTR elsewhere.test.\n",
		},
		owned: []string{"/var/cache/bind/members/", "/var/cache/bind/other/"},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.slave.example", answer: "192.0.2.101"})
			wantAnswer(s.t, question{name: "www.elsewhere.test", answer: "192.0.2.200"})
			dir := "/var/cache/bind/members"
			if _, err := os.Stat(s.jail("/etc/named.conf")); err == nil {
				dir = s.jail(dir)
			}
			s.waitFor("a member's file in "+dir, func() bool { return baseNames(s.t, dir+"/__catz__*.db") != "" })
			s.same(first, "the members' files", baseNames(s.t, dir+"/__catz__*.db"))
		},
	}.try(t)
}
