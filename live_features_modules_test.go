//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pluginDir is where the system keeps named's plugins.
func pluginDir(t *testing.T) string {
	t.Helper()
	list, err := filepath.Glob("/usr/lib/*/bind/filter-aaaa.so")
	if err != nil || len(list) != 1 {
		t.Fatalf("named's plugins: %v, %v", list, err)
	}
	return filepath.Dir(list[0])
}

// withAAAA is a zone with addresses of both kinds, of which the plugin under
// test leaves one.
const withAAAA = "$TTL 300\n@ SOA ns hostmaster 1 60 60 86400 60\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.51\nwww AAAA 2001:db8::1\n"

// TestLivePlugins shows that plugins do their work in the jail, whether they
// are called by name or by path, server-wide or in a view.
func TestLivePlugins(t *testing.T) {
	for name, plugin := range map[string]string{"name": "filter-aaaa.so", "path": pluginDir(t) + "/filter-aaaa.so"} {
		t.Run(name, func(t *testing.T) {
			feature{
				conf: `options { ` + featureOptions + ` };
plugin query "` + plugin + `" { filter-aaaa-on-v4 break-dnssec; /* text of the plugin's own: "x.so" */ };
zone "both.example" { type primary; file "/etc/bind/db.both"; };
`,
				files: map[string]string{"/etc/bind/db.both": withAAAA},
				use: func(s *server) {
					wantAnswer(s.t, question{name: "www.both.example", answer: "192.0.2.51"})
					wantAnswer(s.t, question{name: "www.both.example", kind: "AAAA", answer: ""})
				},
			}.try(t)
		})
	}
}

// dlzSource is the smallest DLZ module: one name has one address. It needs a
// library that named has not loaded, and one that it has.
const (
	dlzSource = `
#include <stdlib.h>
#include <string.h>
extern const char *zlibVersion(void);
extern const char *the_address(void);
typedef int putrr_t(void *lookup, const char *type, unsigned ttl, const char *data);
static putrr_t *putrr;
int dlz_version(unsigned *flags) { *flags = 0; return 3; }
int dlz_create(const char *name, unsigned argc, char *argv[], void **db, ...);
#include <stdarg.h>
int dlz_create(const char *name, unsigned argc, char *argv[], void **db, ...) {
	va_list ap;
	const char *helper;
	va_start(ap, db);
	while ((helper = va_arg(ap, const char *)) != NULL) {
		void *f = va_arg(ap, void *);
		if (strcmp(helper, "putrr") == 0) putrr = (putrr_t *)f;
	}
	va_end(ap);
	*db = strdup(argc > 1 ? argv[1] : "");
	return zlibVersion() ? 0 : 25;
}
void dlz_destroy(void *db) { free(db); }
int dlz_findzonedb(void *db, const char *name, void *m, void *c) { return strcmp(name, "dlz.example") == 0 ? 0 : 23; }
int dlz_lookup(const char *zone, const char *name, void *db, void *lookup, void *m, void *c) {
	if (strcmp(name, "@") == 0) {
		putrr(lookup, "SOA", 60, "ns.dlz.example. hostmaster.dlz.example. 1 60 60 86400 60");
		return putrr(lookup, "NS", 60, "ns.dlz.example.");
	}
	return strcmp(name, "www") == 0 ? putrr(lookup, "A", 60, the_address()) : 23;
}
`
	dlzHelper = "const char *the_address(void) { return \"192.0.2.52\"; }\n"
)

// buildDLZ builds the module into a directory and gives its path.
func buildDLZ(t *testing.T, dir string) string {
	t.Helper()
	writeFile(t, "/tmp/dlz.c", dlzSource)
	writeFile(t, "/tmp/helper.c", dlzHelper)
	must(t, os.MkdirAll(dir, 0o755))
	helper, module := dir+"/libdlzhelper.so.1", dir+"/dlz.so"
	run(t, "gcc", "-shared", "-fPIC", "-Wl,-soname,libdlzhelper.so.1", "-o", helper, "/tmp/helper.c").want(t, 0)
	libz, err := filepath.Glob("/lib/*/libz.so.1")
	if err != nil || len(libz) == 0 {
		t.Fatal("there is no libz.so.1")
	}
	run(t, "gcc", "-shared", "-fPIC", "-Wl,-rpath,$ORIGIN", "-o", module, "/tmp/dlz.c", helper, libz[0]).want(t, 0)
	return module
}

// TestLiveDLZ shows that a module of the administrator's works in the jail with
// the libraries that it needs.
func TestLiveDLZ(t *testing.T) {
	feature{
		conf: `options { ` + featureOptions + ` };
dlz "test" { database "dlopen /usr/local/lib/named/dlz.so argument"; };
`,
		setup: func(s *server) { buildDLZ(s.t, "/usr/local/lib/named") },
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.dlz.example", answer: "192.0.2.52"})
		},
	}.try(t)
}

// dyndbSource is the smallest dyndb module: it does nothing.
const dyndbSource = `
int dyndb_version(unsigned *flags) { return 1; }
int dyndb_init(void *mctx, const char *name, const char *parameters, const char *file, unsigned long line, const void *ctx, void **instance) {
	*instance = (void *)name;
	return 0;
}
void dyndb_destroy(void **instance) { *instance = (void *)0; }
`

// TestLiveModulePaths shows that modules are found in the jail, too, when they
// are named relatively, or not by a path at all, so that the loader has to search
// for them; and that files which only a module knows of are reported.
func TestLiveModulePaths(t *testing.T) {
	feature{
		conf: `options { ` + featureOptions + ` };
dlz "test" { database "dlopen modules/dlz.so /etc/bind/dlz.data"; };
dyndb "found" "libsearched.so" { /etc/bind/dyndb.data };
plugin query "modules/filter.so" { filter-aaaa-on-v4 yes; };
zone "both.example" { type primary; file "/etc/bind/db.both"; };
`,
		files: map[string]string{"/etc/bind/db.both": withAAAA, "/etc/bind/dlz.data": "data", "/etc/bind/dyndb.data": "data"},
		setup: func(s *server) {
			buildDLZ(s.t, "/var/cache/bind/modules")
			writeFile(s.t, "/tmp/dyndb.c", dyndbSource)
			// a directory that only the loader's configuration names
			writeFile(s.t, "/etc/ld.so.conf.d/searched.conf", "/opt/searched\n")
			must(s.t, os.MkdirAll("/opt/searched", 0o755))
			run(s.t, "gcc", "-shared", "-fPIC", "-Wl,-soname,libsearched.so", "-o", "/opt/searched/libsearched.so", "/tmp/dyndb.c").want(s.t, 0)
			run(s.t, "ldconfig").want(s.t, 0)
			run(s.t, "cp", pluginDir(s.t)+"/filter-aaaa.so", "/var/cache/bind/modules/filter.so").want(s.t, 0)
			r := s.product("check").want(s.t, 0)
			for _, want := range []string{"/etc/bind/dlz.data", "/etc/bind/dyndb.data"} {
				if !strings.Contains(r.err, want) {
					s.t.Errorf("%s\ndoes not speak of %s", r, want)
				}
			}
		},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.dlz.example", answer: "192.0.2.52"})
			wantAnswer(s.t, question{name: "www.both.example", answer: "192.0.2.51"})
			wantAnswer(s.t, question{name: "www.both.example", kind: "AAAA", answer: ""})
		},
	}.try(t)
}

// TestLiveTLS shows that keys and certificates are read in the jail, and that a
// key is no more readable there than it was.
func TestLiveTLS(t *testing.T) {
	const dir = "/etc/bind/tls"
	feature{
		conf: `options { ` + featureOptions + ` listen-on { 127.0.0.1; }; listen-on port 853 tls "own" { 127.0.0.1; }; listen-on port 443 tls "own" http default { 127.0.0.1; }; };
tls "own" { cert-file "/etc/bind/tls/cert.pem"; key-file "tls/key.pem"; dhparam-file "/etc/bind/tls/dh.pem"; };
tls "peer" { ca-file "/etc/bind/tls/cert.pem"; remote-hostname "other.example"; };
zone "tls.example" { type primary; file "/etc/bind/db.tls"; };
`,
		files: map[string]string{"/etc/bind/db.tls": featureZone("192.0.2.53")},
		setup: func(s *server) {
			must(s.t, os.MkdirAll(dir, 0o755))
			must(s.t, os.MkdirAll("/var/cache/bind/tls", 0o755))
			run(s.t, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=ns.example",
				"-keyout", "/var/cache/bind/tls/key.pem", "-out", dir+"/cert.pem").want(s.t, 0)
			run(s.t, "openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", dir+"/dh.pem").want(s.t, 0)
			run(s.t, "chgrp", "bind", "/var/cache/bind/tls/key.pem").want(s.t, 0)
			must(s.t, os.Chmod("/var/cache/bind/tls/key.pem", 0o640))
		},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.tls.example", answer: "192.0.2.53"})
			for _, how := range []string{"+tls", "+https"} {
				if r := run(s.t, "dig", "+short", how, "@127.0.0.1", "www.tls.example"); strings.TrimSpace(r.out) != "192.0.2.53" {
					s.t.Errorf("%s", r)
				}
			}
			if path := s.now("", "/etc/tls/key.pem"); path != "" {
				if got, want := s.entry("/etc/tls/key.pem"), numbers(s.t, "root:bind")+" 0640"; got != want {
					s.t.Errorf("%s is %s, and should be %s", path, got, want)
				}
			}
		},
	}.try(t)
}

// TestLiveReads shows the rest of what named reads: keys for rndc in an include
// file, trust anchors, GeoIP databases, a keytab with a prefix.
func TestLiveReads(t *testing.T) {
	feature{
		conf: `include "/etc/bind/own.key";
options { ` + featureOptions + ` bindkeys-file "keys/anchors"; geoip-directory "/usr/local/share/GeoIP"; tkey-gssapi-keytab "FILE:/etc/bind/named.keytab";
	dnstap { all; }; dnstap-output file "/var/log/named/tap" versions 2 size 1m; };
controls { inet 127.0.0.1 port 953 allow { localhost; } keys { "own"; }; };
acl "here" { geoip country XX; 127.0.0.0/8; };
include "/etc/bind/parts/*.conf";
`,
		files: map[string]string{
			"/etc/bind/own.key":               "key \"own\" { algorithm hmac-sha256; secret \"dGhpcyBrZXkgaXMgZm9yIHRoZSB0ZXN0cw==\"; };\n",
			"/etc/bind/rndc.conf":             "include \"/etc/bind/own.key\";\noptions { default-key \"own\"; default-server 127.0.0.1; };\n",
			"/etc/bind/parts/10-zones.conf":   "include \"parts/more.conf\";\n",
			"/var/cache/bind/parts/more.conf": "zone \"reads.example\" { type primary; file \"/etc/bind/db.reads\"; allow-query { here; }; };\n",
			"/etc/bind/parts/20-none.conf":    "// nothing\n",
			"/etc/bind/db.reads":              featureZone("192.0.2.54"),
			"/etc/bind/named.keytab":          "not a keytab, which named finds out when it needs it\n",
		},
		owned: []string{"/var/log/named/"},
		setup: func(s *server) {
			text, err := os.ReadFile("/etc/bind/bind.keys")
			must(s.t, err)
			writeFile(s.t, "/var/cache/bind/keys/anchors", string(text))
			must(s.t, os.MkdirAll("/usr/local/share/GeoIP", 0o755))
			must(s.t, os.WriteFile("/usr/local/share/GeoIP/GeoLite2-Country.mmdb", countryDatabase(), 0o644))
			uid, gid := ids(s.t, "root:bind")
			must(s.t, os.Chown("/etc/bind/named.keytab", uid, gid))
			must(s.t, os.Chmod("/etc/bind/named.keytab", 0o640))
			must(s.t, os.Chmod("/etc/bind/own.key", 0o640))
			must(s.t, os.Chown("/etc/bind/own.key", uid, gid))
		},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.reads.example", answer: "192.0.2.54"})
			s.rndc("status").want(s.t, 0)
			s.rndc("reload").want(s.t, 0)
			s.rndc("reconfig").want(s.t, 0)
			wantAnswer(s.t, question{name: "www.reads.example", answer: "192.0.2.54"})
			s.waitFor("a tap file", func() bool {
				_, err := os.Stat(s.now("/var/log/named/tap", "/var/log/named/tap"))
				return err == nil
			})
			if s.now("", "/") == "" {
				return
			}
			for path, want := range map[string]string{
				"/etc/bind/named.keytab": "root:bind 0640", "/etc/bind/own.key": "root:bind 0640", "/etc/keys/anchors": "root:root 0644",
				"/usr/local/share/GeoIP/GeoLite2-Country.mmdb": "root:root 0644", "/usr/local/share/GeoIP": "root:daemon 0555", "/etc/bind/parts": "root:daemon 0555",
				"/etc/parts/more.conf": "root:root 0644", "/var/tmp": "bind:bind 0750",
			} {
				owner, mode, _ := strings.Cut(want, " ")
				if got := s.entry(path); got != numbers(s.t, owner)+" "+mode {
					s.t.Errorf("%s is %s in the jail, and should be %s", path, got, want)
				}
			}
		},
	}.try(t)
}

// countryDatabase is a MaxMind database of countries that knows no address.
//
// Source: the MaxMind DB file format, version 2.0.
func countryDatabase() []byte {
	text := func(s string) []byte { return append([]byte{2<<5 | byte(len(s))}, s...) }
	number := func(kind, n byte) []byte { // of a type that fits into three bits
		return []byte{kind<<5 | 1, n}
	}
	fields := [][]byte{
		text("binary_format_major_version"), number(5, 2),
		text("binary_format_minor_version"), number(5, 0),
		text("build_epoch"), {0x01, 0x02, 1}, // an integer of 64 bits: an extended type
		text("database_type"), text("GeoLite2-Country"),
		text("ip_version"), number(5, 4),
		text("languages"), {0x00, 0x04}, // an empty array, extended too
		text("description"), {7 << 5},
		text("node_count"), number(6, 1),
		text("record_size"), number(5, 24),
	}
	out := []byte{0, 0, 1, 0, 0, 1} // one node, both of whose records say: not found
	out = append(out, make([]byte, 16)...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	out = append(out, 7<<5|byte(len(fields)/2))
	for _, f := range fields {
		out = append(out, f...)
	}
	return out
}
