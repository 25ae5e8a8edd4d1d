package command

import (
	"path"
	"strings"
	"syscall"

	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
)

// traceClass is how much it matters that named did not get at a path.
type traceClass uint8

// The classes, the worst first. What no rule knows matters when the host has it:
// then named behaves otherwise in the jail.
const (
	fatal traceClass = iota
	zoneLost
	featureLost
	logLost
	unknownHere
	changedBehaviour
	unknownNowhere
	harmless
)

// traceClasses is the table of the classes' names and of what follows for named.
var traceClasses = [...]struct {
	name    string
	matters bool
}{
	fatal:            {"fatal", true},
	zoneLost:         {"zone lost", true},
	featureLost:      {"feature lost", true},
	logLost:          {"log lost", true},
	unknownHere:      {"unknown: the host has it", true},
	changedBehaviour: {"changed behaviour", false},
	unknownNowhere:   {"unknown: the host has none either", false},
	harmless:         {"harmless", false},
}

func (c traceClass) String() string { return traceClasses[c].name }
func (c traceClass) matters() bool  { return traceClasses[c].matters }

// traceRule says what it means that named did not get at a path. The first rule
// that fits counts.
//
// use is what the configuration has the path for (useOf), "" for any. pattern is
// one of path.Match: for the whole path when it begins with a slash, else for
// its last part; with "/..." behind it, for all below such a directory. before
// bounds the release of BIND 9. makes: only for calls that make or change
// something there; absent: only for what is not there at all. anywhere: named
// looks for the name in several directories, of which one will do. suspect: it
// is fatal when named has ended. hosted: only where the host has that path.
type traceRule struct {
	use, pattern  string
	before        parser.Version
	makes, absent bool
	anywhere      bool
	suspect       bool
	hosted        bool
	class         traceClass
	lost          string
	source        string // who says so
}

// Words for what named does.
const (
	noStart  = "named does not start"
	noZone   = "named does not load the zone and answers SERVFAIL"
	measured = "measured on BIND 9.18"
)

// traceRules is the table. Where a file of BIND is named, it is the one that
// decides; the rest was measured with a named under strace(1).
var traceRules = []traceRule{
	// what the configuration names
	{use: "configuration", class: fatal, lost: noStart, source: "bin/named/server.c (load_configuration)"},
	{use: "include", class: fatal, lost: noStart, source: "lib/isccfg/parser.c"},
	{use: "directory", class: fatal, lost: noStart, source: "bin/named/server.c (directory_callback)"},
	{use: "hint zone", class: fatal, lost: noStart, source: "bin/named/server.c (configure_hints)"},
	{use: "secondary zone", absent: true, class: harmless, lost: "nothing: the zone is transferred", source: measured},
	{use: "secondary zone", class: featureLost, lost: "the copy is not saved, and gone after a restart", source: measured},
	{use: "zone", class: zoneLost, lost: noZone, source: "lib/dns/zone.c (zone_startload)"},
	{use: "cert-file", class: fatal, lost: noStart, source: "lib/isc/tls.c"},
	{use: "key-file", class: fatal, lost: noStart, source: "lib/isc/tls.c"},
	{use: "ca-file", class: fatal, lost: noStart, source: "lib/isc/tls.c"},
	{use: "dhparam-file", class: fatal, lost: noStart, source: "lib/isc/tls.c"},
	{use: "file", class: fatal, lost: noStart, source: "bin/named/logconf.c"},
	{use: "plugin", class: fatal, lost: noStart, source: "lib/ns/hooks.c"},
	{use: "dlz", class: fatal, lost: noStart, source: "bin/named/dlz_dlopen_driver.c"},
	{use: "dyndb", class: fatal, lost: noStart, source: "lib/dns/dyndb.c"},
	{use: "lock-file", class: fatal, lost: noStart, source: "bin/named/os.c (named_os_issingleton)"},
	{use: "managed-keys-directory", class: fatal, lost: noStart, source: "bin/named/server.c"},
	{use: "new-zones-directory", class: fatal, lost: noStart, source: "bin/named/server.c"},
	{use: "key-directory", class: featureLost, lost: "the zones that named signs are served without signatures", source: measured},
	{use: "dnstap-output", class: featureLost, lost: "dnstap has no data", source: measured},
	{use: "tkey-gssapi-keytab", class: featureLost, lost: "GSS-TSIG is refused", source: measured},
	{use: "zone-directory", class: changedBehaviour, lost: "zones of catalogs are not saved", source: "lib/dns/catz.c"},
	{use: "bindkeys-file", class: harmless, lost: "nothing: named has the keys built in", source: "bin/named/server.c"},
	{use: "journal", absent: true, class: harmless, lost: "nothing: there is no journal yet", source: measured},
	{use: "session-keyfile", makes: true, class: featureLost, lost: "nsupdate -l does not work", source: "bin/named/server.c (configure_session_key)"},
	{use: "session-keyfile", class: harmless, lost: "nothing: named makes it", source: measured},
	{use: "pid-file", makes: true, class: changedBehaviour, lost: "there is no pid file", source: "bin/named/os.c (named_os_writepidfile)"},
	{use: "pid-file", class: harmless, lost: "nothing: named makes it", source: measured},

	// the control channel
	{pattern: "rndc.key", class: featureLost, lost: "rndc is refused: bad auth", source: "bin/named/controlconf.c (get_rndckey)"},

	// modules and what they load
	{pattern: "glibc-hwcaps/...", class: harmless, lost: "nothing: the loader looks elsewhere", source: "ld.so(8)"},
	{pattern: "/lib*", class: harmless, lost: "nothing: the loader looks whether the directory is there", source: "ld.so(8)"},
	{pattern: "/lib*/*-linux-*", class: harmless, lost: "nothing: the loader looks whether the directory is there", source: "ld.so(8)"},
	{pattern: "/usr/lib*", class: harmless, lost: "nothing: the loader looks whether the directory is there", source: "ld.so(8)"},
	{pattern: "/usr/lib*/*-linux-*", class: harmless, lost: "nothing: the loader looks whether the directory is there", source: "ld.so(8)"},
	{pattern: "ld.so.cache", class: harmless, lost: "nothing: the loader looks into the usual directories", source: "ld.so(8)"},
	{pattern: "ld.so.preload", class: harmless, lost: "nothing", source: "ld.so(8)"},
	{pattern: "libnss_*.so*", absent: true, anywhere: true, class: harmless, lost: "nothing: the C library reads the files itself", source: "glibc 2.34"},
	{pattern: "libgcc_s.so*", anywhere: true, class: fatal, lost: "named is aborted when a thread ends", source: "glibc, pthread_exit(3)"},
	{pattern: "*.so", anywhere: true, class: fatal, lost: "the module that needs it is not loaded, and " + noStart, source: "dlopen(3)"},
	{pattern: "*.so.*", anywhere: true, class: fatal, lost: "the module that needs it is not loaded, and " + noStart, source: "dlopen(3)"},

	// what named keeps beside its zones and in its working directory
	{pattern: "*.jnl", makes: true, class: featureLost, lost: "the zone cannot be updated or signed", source: "lib/dns/journal.c"},
	{pattern: "*.jbk", makes: true, class: featureLost, lost: "the zone cannot be updated or signed", source: "lib/dns/journal.c"},
	{pattern: "*.jnl", absent: true, class: harmless, lost: "nothing: there is no journal yet", source: measured},
	{pattern: "*.jbk", absent: true, class: harmless, lost: "nothing: there is no journal yet", source: measured},
	{pattern: "*.jnw", absent: true, class: harmless, lost: "nothing: there is no journal yet", source: measured},
	{pattern: "*.signed", absent: true, class: harmless, lost: "nothing: the zone was not signed yet", source: measured},
	{pattern: "tmp-??????????", class: featureLost, lost: "named cannot save what it writes there", source: "lib/isc/file.c (isc_file_openunique)"},
	{pattern: "K*.private", class: featureLost, lost: "named does not sign with the key, and may make another", source: "lib/dst/dst_api.c"},
	{pattern: "K*.key", class: featureLost, lost: "named does not sign with the key, and may make another", source: "lib/dst/dst_api.c"},
	{pattern: "K*.state", absent: true, class: harmless, lost: "nothing: named makes it", source: measured},
	{pattern: "managed-keys.bind*", absent: true, class: harmless, lost: "nothing: named makes it", source: measured},
	{pattern: "*.mkeys*", absent: true, class: harmless, lost: "nothing: named makes it", source: measured},
	{pattern: "*.nta", absent: true, class: harmless, lost: "nothing", source: measured},
	{pattern: "*.tsigkeys", absent: true, class: harmless, lost: "nothing", source: measured},
	{pattern: "*.nz[df]*", absent: true, class: harmless, lost: "nothing: no zone was added", source: measured},
	{pattern: "named.run*", absent: true, class: harmless, lost: "nothing", source: measured},
	{pattern: hexName(64) + "*", absent: true, class: harmless, lost: "nothing: another name of named's own files", source: measured},
	{pattern: hexName(16) + "*", absent: true, class: harmless, lost: "nothing: another name of named's own files", source: measured},
	{pattern: "*.mmdb", suspect: true, class: harmless, lost: "nothing, unless an access list asks for places", source: "bin/named/geoip.c"},

	// zone files that the configuration does not name: those of $INCLUDE
	{pattern: "/zones/master/...", class: zoneLost, lost: noZone, source: "lib/dns/master.c"},

	// devices and what the system provides
	{pattern: "/dev/log", hosted: true, class: logLost, lost: "syslog gets nothing more once syslogd was restarted", source: "syslog(3)"},
	{pattern: "/dev/log", class: harmless, lost: "nothing: the host has no syslog either", source: "syslog(3)"},
	{pattern: "/dev/null", class: harmless, lost: "nothing: libuv's spare descriptor", source: measured},
	{pattern: "/dev/*random", before: parser.V(9, 14, 0), class: changedBehaviour, lost: "named takes its random numbers elsewhere", source: "lib/isc/unix/entropy.c"},
	{pattern: "/proc/sys/net/ipv4/ip_local_port_range", class: changedBehaviour, lost: "queries leave from ports 1024 to 65535", source: "lib/isc/net.c"},
	{pattern: "/proc/...", class: harmless, lost: "nothing", source: measured},
	{pattern: "/sys/...", class: harmless, lost: "nothing", source: measured},
	{pattern: "/", class: harmless, lost: "nothing: libuv's spare descriptor", source: measured},

	// other files that named reads unasked
	{pattern: "bind.keys", class: harmless, lost: "nothing: named has the keys built in", source: "bin/named/server.c"},
	{pattern: "/etc/protocols", class: zoneLost, lost: "zones with WKS records by name are not loaded", source: "lib/dns/rdata/in_1/wks_11.c"},
	{pattern: "/etc/services", class: zoneLost, lost: "zones with WKS records by name are not loaded", source: "lib/dns/rdata/in_1/wks_11.c"},
	{pattern: "/etc/nsswitch.conf", class: harmless, lost: "nothing: the C library reads the files itself", source: "glibc 2.34"},
	{pattern: "os-release", class: harmless, lost: "nothing: named's first words in the log do not name the system", source: "measured on BIND 9.20"},
	{pattern: "/etc/localtime", class: harmless, lost: "nothing: named has read it before", source: measured},
	{pattern: "/var/tmp/krb5_*", class: featureLost, lost: "GSS-TSIG is refused: there is no place for the replay cache", source: measured},
	{pattern: "/run/systemd/...", class: changedBehaviour, lost: "systemd is not told that named is ready", source: "sd_notify(3)"},
}

// hexName is the pattern of a name of hexadecimal digits.
func hexName(n int) string { return strings.Repeat("[0-9a-f]", n) }

// fits tells whether a rule is about a miss.
func (r *traceRule) fits(m launcher.Miss, use string, host bool, v parser.Version) bool {
	switch {
	case r.use != "" && r.use != use,
		r.makes && !m.Makes, r.hosted && !host,
		r.absent && (m.Errno != syscall.ENOENT || m.Makes),
		r.before.Known() && !v.Before(r.before):
		return false
	}
	return r.pattern == "" || matchesPath(r.pattern, m.Path)
}

// matchesPath compares a path with the pattern of a rule.
func matchesPath(pattern, p string) bool {
	if dir, below := strings.CutSuffix(pattern, "/..."); below {
		for up := path.Dir(p); up != "/"; up = path.Dir(up) {
			name := up
			if dir[0] != '/' {
				name = path.Base(up)
			}
			if ok, _ := path.Match(dir, name); ok {
				return true
			}
		}
		return false
	}
	if pattern[0] != '/' {
		p = path.Base(p)
	}
	ok, _ := path.Match(pattern, p)
	return ok
}

// usesOf tells of each path of the jail what the configuration has it for.
func usesOf(in *rewrite.Install) map[string]string {
	uses := map[string]string{string(rewrite.ConfPath): "configuration"}
	for _, p := range in.Paths {
		if _, known := uses[string(p.Jail)]; !known && p.Jail != "" {
			uses[string(p.Jail)] = p.Keyword
		}
	}
	for _, z := range in.Zones {
		if z.File == nil {
			continue
		}
		use := "zone"
		switch {
		case z.Type == "hint":
			use = "hint zone"
		case z.Files == rewrite.ClassSecondary:
			use = "secondary zone"
		}
		uses[string(z.File.Jail)] = use
		if z.Journal != nil {
			uses[string(z.Journal.Jail)] = "journal"
		}
	}
	return uses
}
