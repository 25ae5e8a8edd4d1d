//go:build linux

package main

// liveInstall is an install of testdata/install with what a live run of it has
// to show.
type liveInstall struct {
	name    string   // of the fixture
	user    string   // the account
	group   string   // given with -g, when the line has it
	conf    string   // the configuration, "" for the built-in default
	jail    string   // the jail
	rndc    []string // how rndc reaches the server, from the host
	dropIn  []string // the boot-script line after the program's name
	checks  []question
	local   bool     // `nsupdate -l` is allowed for local.example
	updates []string // more arguments of nsupdate
	dynamic string   // the host's path of dyn.example's file
	// secondary is the host's path of slave.example's file, and the view to name
	// to rndc.
	secondary     string
	secondaryView string
	// moved are files of the host in whose place a symbolic link stands after
	// apply; kept are files that have to stay what they were.
	moved, kept []string
	pidFile     string // the pid file, on the host
	zoneConf    string // the file to which an administrator adds a zone
	zoneDir     string // the directory for that zone's file
	// broken are zones that bare named cannot load.
	broken []string
	// modes is the tree as `ls -ln` has to show it: path in the jail to owner,
	// group and mode, which may hold * and [] as file names do. USER and GROUP stand for the account's.
	modes map[string]string
}

// articleModes is the part of the tree that is the same for every install.
var articleModes = map[string]string{
	"/":              "root:daemon 0511",
	"/etc":           "root:daemon 0111",
	"/var":           "root:daemon 0111",
	"/zones":         "root:daemon 0111",
	"/zones/master":  "root:daemon 0111",
	"/dev":           "root:daemon 0111",
	"/var/run":       "USER:GROUP 0700",
	"/zones/slave":   "USER:GROUP 0700",
	"/zones/dynamic": "USER:GROUP 0700",
	"/dev/null":      "root:root 0666",
	"/etc/localtime": "root:* 0444",
}

// dynamicAnswer and secondaryAnswer are what every install has to answer from
// the start.
var (
	dynamicAnswer   = question{name: "first.dyn.example", answer: "192.0.2.20"}
	secondaryAnswer = question{name: "www.slave.example", answer: "192.0.2.101"}
	hintAnswer      = question{name: "www.elsewhere.test", answer: "192.0.2.200"}
)

var liveInstalls = []liveInstall{
	{
		name: "a", user: "named", group: "named", conf: "/etc/named.conf", jail: "/var/named",
		dropIn: []string{"-t", "/var/named", "-u", "named", "-g", "named"},
		checks: []question{
			dynamicAnswer, secondaryAnswer, hintAnswer,
			{name: "www.example.net", answer: "192.0.2.10"},
			{name: "inner.example.net", answer: "192.0.2.11"},
			{name: "1.0.0.127.in-addr.arpa", kind: "PTR", answer: "localhost."},
		},
		pidFile: "/var/run/named.pid", zoneConf: "/etc/named.conf", zoneDir: "/etc/namedb/primary",
		dynamic:   "/etc/namedb/dynamic/db.dyn.example",
		secondary: "/etc/namedb/bak/db.slave.example",
		moved: []string{
			"/etc/namedb/root.cache", "/etc/namedb/db.127.0.0", "/etc/namedb/primary/db.example.net",
			"/etc/namedb/dynamic/db.dyn.example", "/etc/namedb/bak/db.slave.example",
		},
		modes: map[string]string{
			"/etc/named.conf":               "root:daemon 0644",
			"/zones/master/root.cache":      "root:* 0644",
			"/zones/master/db.127.0.0":      "root:* 0644",
			"/zones/master/db.example.net":  "root:* 0644",
			"/zones/dynamic/db.dyn.example": "USER:GROUP 0644",
			"/zones/slave/db.slave.example": "USER:GROUP 0644",
			"/etc/bind/rndc.key":            "root:GROUP 0640",
		},
	},
	{
		name: "b", user: "bind", jail: "/var/named",
		dropIn: []string{"-t", "/var/named", "-u", "bind"},
		checks: []question{
			dynamicAnswer, secondaryAnswer,
			{name: "www.example.org", answer: "192.0.2.30"},
			{name: "localhost", answer: "127.0.0.1"},
			{name: "1.0.0.127.in-addr.arpa", kind: "PTR", answer: "localhost."},
			{name: "first.local.example", answer: "192.0.2.21"},
		},
		local:   true,
		pidFile: "/run/named/named.pid", zoneConf: "/etc/bind/named.conf.local", zoneDir: "/etc/bind",
		dynamic:   "/var/lib/bind/db.dyn.example",
		secondary: "/var/cache/bind/db.slave.example",
		moved: []string{
			"/etc/bind/db.example.org", "/etc/bind/db.local", "/etc/bind/db.127", "/etc/bind/db.0", "/etc/bind/db.255",
			"/var/lib/bind/db.dyn.example", "/var/lib/bind/db.local.example", "/var/cache/bind/db.slave.example",
		},
		kept: []string{"/usr/share/dns/root.hints", "/etc/bind/rndc.key", "/etc/bind/db.empty", "/etc/bind/zones.rfc1918"},
		modes: map[string]string{
			"/etc/named.conf":               "root:daemon 0644",
			"/zones/master/root.hints":      "root:* 0644",
			"/zones/master/db.example.org":  "root:* 0644",
			"/zones/dynamic/db.dyn.example": "USER:GROUP 0644",
			"/zones/slave/db.slave.example": "USER:GROUP 0644",
			"/etc/bind/rndc.key":            "root:GROUP 0640",
		},
	},
	redHat("/var/named"),
	redHat("/var/named/chroot"),
	{
		name: "d", user: "bind", conf: "/usr/local/etc/namedb/named.conf", jail: "/var/named",
		rndc:   []string{"-c", "/usr/local/etc/namedb/rndc.conf"},
		dropIn: []string{"-t", "/var/named", "-u", "bind", "-c", "/usr/local/etc/namedb/named.conf"},
		checks: []question{
			dynamicAnswer, secondaryAnswer, hintAnswer,
			{name: "www.example.org", answer: "192.0.2.50"},
			{name: "localhost", answer: "127.0.0.1"},
			{name: "0.in-addr.arpa", kind: "NS", answer: "0.in-addr.arpa."},
			{name: "255.in-addr.arpa", kind: "NS", answer: "255.in-addr.arpa."},
		},
		pidFile: "/var/run/named/pid", zoneConf: "/usr/local/etc/namedb/named.conf", zoneDir: "/usr/local/etc/namedb/primary",
		dynamic:   "/usr/local/etc/namedb/dynamic/dyn.example.db",
		secondary: "/usr/local/etc/namedb/secondary/slave.example.db",
		moved: []string{ // /usr/local is the administrator's, unlike the rest of /usr
			"/usr/local/etc/namedb/named.root", "/usr/local/etc/namedb/primary/empty.db", "/usr/local/etc/namedb/primary/example.org.db",
			"/usr/local/etc/namedb/dynamic/dyn.example.db", "/usr/local/etc/namedb/secondary/slave.example.db",
		},
		kept: []string{"/usr/local/etc/namedb/rndc.key", "/usr/local/etc/namedb/rndc.conf"},
		modes: map[string]string{
			"/etc/named.conf":                    "root:daemon 0644",
			"/zones/master/named.root":           "root:* 0644",
			"/zones/master/example.org.db":       "root:* 0644",
			"/zones/master/empty.db":             "root:* 0644",
			"/zones/dynamic/dyn.example.db":      "USER:GROUP 0644",
			"/zones/slave/slave.example.db":      "USER:GROUP 0644",
			"/usr":                               "root:daemon 0111",
			"/usr/local/etc/namedb/rndc.key":     "root:GROUP 0640",
			"/zones/master/localhost-forward.db": "root:* 0644",
			"/zones/master/localhost-reverse.db": "root:* 0644",
		},
	},
	{
		name: "e", user: "named", conf: "/etc/namedb/named.conf", jail: "/var/named",
		rndc:   []string{"-c", "/etc/namedb/rndc.conf"},
		dropIn: []string{"-t", "/var/named", "-u", "named", "-c", "/etc/namedb/named.conf"},
		checks: []question{
			dynamicAnswer, secondaryAnswer, hintAnswer,
			{name: "www.example", answer: "10.0.0.10"},
			{name: "www.example", from: "127.0.0.2", answer: "192.0.2.60"},
			{name: "www.example", key: outsideKey, answer: "192.0.2.60"},
			{name: "www.shared.example", answer: "192.0.2.61"},
			{name: "www.shared.example", from: "127.0.0.2", answer: "192.0.2.61"},
			{name: "park1.example", answer: "192.0.2.62"},
			{name: "park2.example", answer: "192.0.2.62"},
			{name: "www.slave.example", from: "127.0.0.2", answer: "192.0.2.101"},
		},
		updates: []string{"-y", opsKey},
		pidFile: "/run/named/named.pid", zoneConf: "/etc/namedb/internal/zones.conf", zoneDir: "/etc/namedb",
		dynamic:       "/etc/namedb/dyn/db.dyn.example",
		secondary:     "/etc/namedb/bak/internal/db.slave.example",
		secondaryView: "internal",
		moved: []string{
			"/etc/namedb/internal/db.example", "/etc/namedb/external/db.example", "/etc/namedb/internal/db.shared.example",
			"/etc/namedb/db.park", "/etc/namedb/root.cache", "/etc/namedb/dyn/db.dyn.example",
			"/etc/namedb/bak/internal/db.slave.example", "/etc/namedb/bak/external/db.slave.example",
		},
		kept: []string{"/etc/namedb/keys.conf", "/etc/namedb/rndc.conf", "/etc/namedb/lists/10-inside.conf"},
		modes: map[string]string{
			"/etc/named.conf":                 "root:daemon 0644",
			"/zones/master/root.cache":        "root:* 0644",
			"/zones/master/db.park":           "root:* 0644",
			"/zones/dynamic/db.dyn.example":   "USER:GROUP 0644",
			"/zones/master/db.shared.example": "root:* 0644",
		},
	},
	{
		name: "f", user: "named", conf: "/etc/named.conf", jail: "/var/named",
		dropIn: []string{"-t", "/var/named", "-u", "named", "-c", "/etc/named.conf"},
		checks: []question{
			dynamicAnswer, secondaryAnswer, hintAnswer,
			{name: "www.spaced.example", answer: "192.0.2.70"},
			{name: "txt.spaced.example", kind: "TXT", answer: `"a ; semicolon (and) $INCLUDE in a string"`},
			{name: "www.nest.example", answer: "192.0.2.71"},
			{name: "outer.sub.nest.example", answer: "192.0.2.72"},
			{name: "inner.sub.nest.example", answer: "192.0.2.73"},
			{name: "www.link.example", answer: "192.0.2.74"},
			{name: "www.usr.example", answer: "192.0.2.75"},
			{name: "www.nobody.example", answer: "192.0.2.76"},
			{name: "www.private.example", answer: "192.0.2.77"},
			{name: "www.crlf.example", answer: "192.0.2.78"},
			{name: "www.inside.example", answer: "192.0.2.79"},
			{name: "www.m1.example", answer: "192.0.2.1"},
			{name: "www.m300.example", answer: "192.0.2.100"},
		},
		pidFile: "/run/named/named.pid", zoneConf: "/etc/named.conf", zoneDir: "/srv/dns data",
		dynamic:   "/var/named/own/dynamic/db.dyn.example",
		secondary: "/var/named/own/slave/db.slave.example",
		moved: []string{
			"/srv/dns data/root.cache", "/srv/dns data/db with blank; and semicolon", "/srv/dns data/db.nest",
			"/srv/zones elsewhere/db.real", "/srv/dns data/db.nobody", "/srv/dns data/db.private", "/srv/dns data/db.crlf",
			"/etc/namedb/many/db.m1.example", "/etc/namedb/many/db.m300.example", "/var/named/own/db.inside",
			"/var/named/own/dynamic/db.dyn.example", "/var/named/own/slave/db.slave.example",
		},
		kept:   []string{"/usr/share/dns-site/db.usr", "/srv/dns data/db.broken"},
		broken: []string{"missing.example", "broken.example"},
		modes: map[string]string{
			"/etc/named.conf":                            "root:daemon 0644",
			"/zones/master/root.cache":                   "root:* 0644",
			"/zones/master/db.nobody":                    "root:* 0644",
			"/zones/master/db.usr":                       "root:* 0644",
			"/zones/master/db.private":                   "root:GROUP 0640",
			"/zones/master/db.m300.example":              "root:* 0644",
			"/zones/master/db.inside":                    "root:* 0644",
			"/zones/dynamic/db.dyn.example":              "USER:GROUP 0644",
			"/zones/slave/db.slave.example":              "USER:GROUP 0644",
			"/zones/master/db with blank; and semicolon": "root:* 0644",
		},
	},
}

// The keys of install e.
const (
	opsKey     = "hmac-sha256:ops:dGhpcyBrZXkgaXMgZm9yIHRoZSB0ZXN0cyBvZiBlLi4="
	outsideKey = "hmac-sha256:outside:YW5vdGhlciBrZXkgZm9yIHRoZSB0ZXN0cyBvZiBlLi4="
)

// redHat is install c with one of its two jails.
func redHat(jail string) liveInstall {
	return liveInstall{
		name: "c", user: "named", conf: "/etc/named.conf", jail: jail,
		rndc:   []string{"-k", "/etc/rndc.key"},
		dropIn: []string{"-t", jail, "-u", "named", "-c", "/etc/named.conf"},
		checks: []question{
			dynamicAnswer, secondaryAnswer, hintAnswer,
			{name: "www.example.com", answer: "192.0.2.40"},
			{name: "localhost", answer: "127.0.0.1"},
			{name: "1.0.0.127.in-addr.arpa", kind: "PTR", answer: "localhost."},
		},
		pidFile: "/run/named/named.pid", zoneConf: "/etc/named.rfc1912.zones", zoneDir: "/var/named",
		dynamic:   "/var/named/dynamic/dyn.example.zone",
		secondary: "/var/named/slaves/slave.example.zone",
		moved: []string{
			"/var/named/named.ca", "/var/named/named.localhost", "/var/named/named.loopback", "/var/named/named.empty",
			"/var/named/example.com.zone", "/var/named/dynamic/dyn.example.zone", "/var/named/slaves/slave.example.zone",
		},
		kept: []string{"/etc/rndc.key", "/etc/crypto-policies/back-ends/bind.config"},
		modes: map[string]string{
			"/etc/named.conf":                 "root:GROUP 0640",
			"/etc/named.rfc1912.zones":        "root:GROUP 0640",
			"/etc/named.root.key":             "root:* 0644",
			"/etc/rndc.key":                   "root:GROUP 0640",
			"/zones/master/named.ca":          "root:GROUP 0640",
			"/zones/master/example.com.zone":  "root:GROUP 0640",
			"/zones/dynamic/dyn.example.zone": "USER:GROUP 0644",
			"/zones/slave/slave.example.zone": "USER:GROUP 0644",
			"/var/run/data":                   "USER:GROUP 07[05]0",
		},
	}
}
