package jail

import (
	"fmt"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/moby/sys/mountinfo"

	"named-jail/parser"
)

// Found is a jail that the system's vendor, or a recipe that is in wide use,
// has made or would make.
//
// Jail is where it is. Note says what to know about it. Blocking means that it
// cannot be taken over as it stands: Remedy says what to do first.
type Found struct {
	Name     string
	Jail     string
	Note     string
	Remedy   string
	Blocking bool
}

// sign is how a vendor's file tells where the jail is.
type sign uint8

const (
	isJail   sign = iota // the value is the jail's path
	isFlags              // the value is named's flags; -t says the jail
	isYes                // the value is "yes"; the jail is at the row's place
	isThere              // the file is there; the jail is at the row's place
	isLinked             // the file is a link that leads into the jail, to below/…
)

// vendorRow is one way in which a system keeps a jail.
type vendorRow struct {
	name  string
	file  string // where it is told
	word  string // the shell variable
	sign  sign
	place string // the jail, where the file does not say; of isLinked the path within the jail
	note  string
}

// The notes of the table.
const (
	noteRedHat  = "bind-chroot binds the host's files into this jail each time named-chroot.service starts; named-jail replaces that service: disable it and start named.service through named-jail"
	noteFreeBSD = "rc.d/named makes this jail itself; set named_chrootdir=\"\" and named_chroot_autoupdate=\"NO\" in rc.conf and let named-jail give -t"
	noteNetBSD  = "rc.d/named makes this jail itself; set named_chrootdir=\"\" in rc.conf and let named-jail give -t"
	noteDebian  = "named is started with -t from this file; put named-jail in its place there"
	noteLink    = "the configuration lies in this jail already and the host's name is a link to it"
	noteSUSE    = "the start script copies the configuration into this jail; set NAMED_RUN_CHROOTED=\"no\""
	noteGentoo  = "the start script makes this jail itself; take CHROOT out of the file"
	noteOpenBSD = "the package's named always runs in this jail"
	noteOldRH   = "the start script binds the host's files into this jail; take ROOTDIR out of the file"
)

// vendors is the table of such ways. Of rows with one name and one jail the
// first is reported.
//
// Source: the packages named in each row: Red Hat bind-chroot, FreeBSD
// dns/bind918, NetBSD etc/rc.d/named, Debian bind9 README, SUSE bind-chrootenv,
// Gentoo net-dns/bind, OpenBSD net/isc-bind.
var vendors = []vendorRow{
	{"Red Hat bind-chroot", "/etc/named-chroot.files", "", isThere, "/var/named/chroot", noteRedHat},
	{"Red Hat bind-chroot", "/etc/sysconfig/named", "ROOTDIR", isJail, "", noteOldRH},
	{"flags in /etc/sysconfig/named", "/etc/sysconfig/named", "OPTIONS", isFlags, "", noteDebian},
	{"SUSE chroot", "/etc/sysconfig/named", "NAMED_RUN_CHROOTED", isYes, "/var/lib/named", noteSUSE},
	{"FreeBSD named_chrootdir", "/etc/rc.conf.d/named", "named_chrootdir", isJail, "", noteFreeBSD},
	{"FreeBSD named_chrootdir", "/etc/rc.conf.local", "named_chrootdir", isJail, "", noteFreeBSD},
	{"FreeBSD named_chrootdir", "/etc/rc.conf", "named_chrootdir", isJail, "", noteFreeBSD},
	{"Debian chroot recipe", "/etc/default/named", "OPTIONS", isFlags, "", noteDebian},
	{"Debian chroot recipe", "/etc/default/bind9", "OPTIONS", isFlags, "", noteDebian},
	{"linked configuration", "/etc/bind", "", isLinked, "/etc/bind", noteLink},
	{"linked configuration", "/etc/namedb", "", isLinked, "/etc/namedb", noteLink},
	{"linked configuration", "/etc/named.conf", "", isLinked, "/etc/named.conf", noteLink},
	{"linked configuration", "/usr/local/etc/namedb", "", isLinked, "/usr/local/etc/namedb", noteLink},
	{"Gentoo CHROOT", "/etc/conf.d/named", "CHROOT", isJail, "", noteGentoo},
	{"OpenBSD isc-bind", "/etc/rc.d/isc_named", "", isThere, "/var/named", noteOpenBSD},
}

// Vendor finds the jails that the system below root has from elsewhere, and
// tells whether bind mounts are active in the jail that is meant to be used.
// Linked configurations that named-jail itself has left lead into jail and are
// not reported.
func Vendor(files Files, root, jail string) []Found {
	var all []Found
	seen := map[string]bool{}
	for _, r := range vendors {
		at := r.find(files)
		if at == "" || seen[r.name+"\x00"+at] || r.sign == isLinked && at == path.Clean(jail) {
			continue
		}
		seen[r.name+"\x00"+at] = true
		f := Found{Name: r.name, Jail: at, Note: r.note}
		if strings.HasPrefix(r.file, "/etc/rc.conf") && isNetBSD(files) {
			f.Name, f.Note = "NetBSD named_chrootdir", noteNetBSD
		}
		all = append(all, f)
	}
	return append(all, boundFiles(files, root, jail)...)
}

// VendorDiagnostics gives the findings (NJ501) for what blocks.
func VendorDiagnostics(found []Found) parser.Diagnostics {
	var ds parser.Diagnostics
	for _, f := range found {
		if f.Blocking {
			ds.Add(parser.Diagnostic{Code: "NJ501", File: f.Jail, Message: f.Note, Remedy: f.Remedy})
		}
	}
	return ds
}

// isNetBSD tells the two systems with rc.conf apart: of them only NetBSD has
// this file.
func isNetBSD(files Files) bool {
	_, err := files.Stat("/etc/release")
	return err == nil
}

// find gives the jail that a row's sign points at, "" when there is none.
func (r vendorRow) find(files Files) string {
	switch r.sign {
	case isThere:
		if _, err := files.Stat(r.file); err == nil {
			return r.place
		}
	case isLinked:
		info, err := files.Lstat(r.file)
		if err != nil || info.Kind != LinkFile {
			return ""
		}
		at := info.Target
		if !path.IsAbs(at) {
			at = path.Join(path.Dir(r.file), at)
		}
		if top, ok := strings.CutSuffix(path.Clean(at), r.place); ok {
			return top
		}
	default:
		return r.value(files)
	}
	return ""
}

// value reads the row's shell variable.
func (r vendorRow) value(files Files) string {
	data, err := files.ReadFile(r.file)
	if err != nil {
		return ""
	}
	value, ok := shellVariable(string(data), r.word)
	if !ok {
		return ""
	}
	switch r.sign {
	case isFlags:
		value = jailFlag(value)
	case isYes:
		if !strings.EqualFold(value, "yes") {
			return ""
		}
		return r.place
	}
	if !path.IsAbs(value) || path.Clean(value) == "/" {
		return ""
	}
	return path.Clean(value)
}

// shellVariable gives the value of the last plain assignment NAME=VALUE of a
// shell file. Quotes are taken off; a value with $ or ` is not known.
func shellVariable(text, name string) (string, bool) {
	value, known := "", false
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), name+"=")
		if !ok {
			continue
		}
		value, known = shellWord(rest)
	}
	return value, known
}

// shellWord reads one word of a shell line.
func shellWord(s string) (string, bool) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == 0 && (c == ' ' || c == '\t' || c == ';' || c == '#' && b.Len() == 0):
			return b.String(), true
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case quote != '\'' && (c == '$' || c == '`'):
			return "", false
		case quote != '\'' && c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), quote == 0
}

// jailFlag finds -t DIR or -tDIR among named's flags.
func jailFlag(flags string) string {
	words := strings.Fields(flags)
	for i, w := range words {
		if w == "-t" && i+1 < len(words) {
			return words[i+1]
		}
		if rest, ok := strings.CutPrefix(w, "-t"); ok && rest != "" {
			return rest
		}
	}
	return ""
}

// usualBinds is the table of what bind-chroot binds where its own list is
// missing.
//
// Source: Red Hat bind, setup-named-chroot.sh and the older /etc/init.d/named.
var usualBinds = []string{"/etc/localtime", "/etc/named", "/etc/named.conf", "/etc/named.rfc1912.zones",
	"/etc/named.dnssec.keys", "/etc/named.iscdlv.key", "/etc/named.root.key", "/etc/named.root.hints",
	"/etc/rndc.conf", "/etc/rndc.key", "/etc/pki/dnssec-keys", "/etc/protocols", "/etc/services",
	"/etc/crypto-policies", "/usr/lib/bind", "/usr/lib64/bind", "/usr/share/GeoIP", "/var/named", "/run/named"}

// boundFiles reports files of the host that are bound into the jail now: a
// change in the jail would be a change of the originals, and a rename over one
// fails.
func boundFiles(files Files, root, jail string) []Found {
	list := usualBinds
	if data, err := files.ReadFile("/etc/named-chroot.files"); err == nil {
		list = bindList(string(data))
	}
	wanted := map[string]bool{}
	for _, p := range list {
		wanted[p] = true
	}
	var bound []string
	for _, m := range mountsBelow(root, jail) {
		if wanted[m] {
			bound = append(bound, path.Join(jail, m))
		}
	}
	if len(bound) == 0 {
		return nil
	}
	sort.Strings(bound)
	return []Found{{Name: "Red Hat bind-chroot", Jail: path.Clean(jail), Blocking: true,
		Note: fmt.Sprintf("files of the host are bound into the jail now (%d mounts, the first is %s): a change in the jail would change the originals",
			len(bound), bound[0]),
		Remedy: "Stop the vendor's service first: systemctl disable --now named-chroot.service && systemctl stop named-chroot-setup.service (umount what is left), then run the command again."}}
}

// bindList reads /etc/named-chroot.files: one path per line, comments.
func bindList(text string) []string {
	var all []string
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); path.IsAbs(line) {
			all = append(all, path.Clean(line))
		}
	}
	return all
}

// mountsBelow gives the mount points below the jail, as paths in it. Where
// mounts cannot be listed the answer is empty.
func mountsBelow(root, jail string) []string {
	top, err := filepath.EvalSymlinks(filepath.Join("/", root, jail))
	if err != nil || top == "/" {
		return nil
	}
	mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(top))
	if err != nil {
		return nil
	}
	var all []string
	for _, m := range mounts {
		if in, ok := strings.CutPrefix(m.Mountpoint, top); ok && in != "" {
			all = append(all, in)
		}
	}
	return all
}
