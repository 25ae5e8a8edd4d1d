package jail

import (
	"strings"
	"testing"
)

func TestVendor(t *testing.T) {
	for name, c := range map[string]struct {
		tree map[string]string
		jail string
		want string
	}{
		"nothing":   {nil, "/var/named", ""},
		"Red Hat":   {map[string]string{"etc/named-chroot.files": "/etc/named.conf\n"}, "/var/named/chroot", "Red Hat bind-chroot /var/named/chroot"},
		"old RH":    {map[string]string{"etc/sysconfig/named": "# x\nROOTDIR=/var/named/chroot\n"}, "/var/named", "Red Hat bind-chroot /var/named/chroot"},
		"both":      {map[string]string{"etc/named-chroot.files": "", "etc/sysconfig/named": "ROOTDIR=/var/named/chroot"}, "/var/named", "Red Hat bind-chroot /var/named/chroot"},
		"FreeBSD":   {map[string]string{"etc/rc.conf": "hostname=\"x\"\nnamed_enable=\"YES\"\nnamed_chrootdir=\"/var/named\"\n"}, "/var/named", "FreeBSD named_chrootdir /var/named"},
		"emptied":   {map[string]string{"etc/rc.conf": "named_chrootdir=\"/var/named\"\nnamed_chrootdir=\"\" # none\n"}, "/var/named", ""},
		"NetBSD":    {map[string]string{"etc/release": "NetBSD 10", "etc/rc.conf": "named_chrootdir=/var/chroot/named"}, "/var/named", "NetBSD named_chrootdir /var/chroot/named"},
		"Debian":    {map[string]string{"etc/default/named": "RESOLVCONF=no\nOPTIONS=\"-u bind -t /var/bind9/chroot\"\n"}, "/var/named", "Debian chroot recipe /var/bind9/chroot"},
		"glued":     {map[string]string{"etc/default/bind9": "OPTIONS='-4 -t/var/lib/named/'"}, "/var/named", "Debian chroot recipe /var/lib/named"},
		"no jail":   {map[string]string{"etc/default/named": "OPTIONS=\"-u bind\""}, "/var/named", ""},
		"variable":  {map[string]string{"etc/default/named": "OPTIONS=\"-t $ROOT\""}, "/var/named", ""},
		"link":      {map[string]string{"etc/bind": "-> /var/bind9/chroot/etc/bind"}, "/var/named", "linked configuration /var/bind9/chroot"},
		"rel. link": {map[string]string{"etc/namedb": "-> ../var/named/etc/namedb"}, "/srv/jail", "linked configuration /var/named"},
		"our link":  {map[string]string{"etc/named.conf": "-> /var/named/etc/named.conf"}, "/var/named", ""},
		"alien":     {map[string]string{"etc/bind": "-> /opt/bind"}, "/var/named", ""},
		"SUSE":      {map[string]string{"etc/sysconfig/named": "NAMED_RUN_CHROOTED=\"yes\""}, "/var/lib/named", "SUSE chroot /var/lib/named"},
		"SUSE off":  {map[string]string{"etc/sysconfig/named": "NAMED_RUN_CHROOTED=\"no\""}, "/var/lib/named", ""},
		"Gentoo":    {map[string]string{"etc/conf.d/named": "#CHROOT=\"/old\"\nCHROOT=\"/chroot/dns\""}, "/chroot/dns", "Gentoo CHROOT /chroot/dns"},
		"OpenBSD":   {map[string]string{"etc/rc.d/isc_named": "#!/bin/ksh"}, "/var/named", "OpenBSD isc-bind /var/named"},
		"root":      {map[string]string{"etc/rc.conf": "named_chrootdir=/"}, "/var/named", ""},
		"relative":  {map[string]string{"etc/rc.conf": "named_chrootdir=var/named"}, "/var/named", ""},
	} {
		h := hostWith(t, c.tree)
		var got []string
		for _, f := range Vendor(h, h.Root(), c.jail) {
			got = append(got, f.Name+" "+f.Jail)
			if f.Note == "" || f.Blocking {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

func TestShellVariable(t *testing.T) {
	for text, want := range map[string]string{
		`A=x`: "x", ` A="x y" # c`: "x y", `A='$x'`: "$x", "A=1\nA=2": "2", `export A=x;B=y`: "x", `A=a"b c"d`: "ab cd",
		`A="a\"b"`: `a"b`, `AB=x`: "?", `#A=x`: "?", `A="open`: "?", "A=`id`": "?", `A=$B`: "?", `A=`: "", `A=#x`: "", "": "?",
	} {
		got, ok := shellVariable(text, "A")
		if !ok {
			got = "?"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
