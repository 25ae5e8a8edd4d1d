package launcher

import (
	"path"
	"strings"
)

// pathLabels is the table of the "default paths" of named -V: label, and where
// the value goes.
var pathLabels = []struct {
	label string
	field func(*Build) *string
}{
	{"named configuration", func(b *Build) *string { return &b.Conf }},
	{"rndc configuration", func(b *Build) *string { return &b.RndcConf }},
	{"DNSSEC root key", func(b *Build) *string { return &b.BindKeys }},
	{"nsupdate session key", func(b *Build) *string { return &b.SessionKey }},
	{"named PID file", func(b *Build) *string { return &b.PIDFile }},
	{"named lock file", func(b *Build) *string { return &b.LockFile }},
	{"geoip-directory", func(b *Build) *string { return &b.GeoIP }},
}

// defaultPaths reads the block "default paths:", which is the last of named -V
// in 9.11.13 and from 9.14 on. The second result tells whether there is one.
func defaultPaths(text string) (map[string]string, bool) {
	paths, found := map[string]string{}, false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(line) == "default paths:":
			found = true
		case !found:
		case !strings.HasPrefix(line, " "):
			return paths, found
		default:
			label, value, ok := strings.Cut(line, ":")
			if value, sound := cleanPath(value); ok && sound {
				paths[strings.TrimSpace(label)] = value
			}
		}
	}
	return paths, found
}

// setDefaultPaths puts the block's paths in the place of the guessed ones. A build
// whose block names no lock file or no GeoIP directory has none.
func (b *Build) setDefaultPaths(paths map[string]string) {
	b.LockFile, b.GeoIP = "", ""
	for _, row := range pathLabels {
		if value := paths[row.label]; value != "" {
			*row.field(b) = value
		}
	}
	if paths["named configuration"] != "" {
		b.Sysconfdir = path.Dir(b.Conf)
	}
	if b.Version.AtLeast(9, 20, 0) {
		b.BindKeys = ""
	}
	if b.RndcConf != "" {
		b.RndcKey = path.Join(path.Dir(b.RndcConf), "rndc.key")
	}
	if dir, ok := strings.CutSuffix(b.PIDFile, "/run/named/named.pid"); ok {
		b.Localstatedir = path.Join("/", dir)
	}
}

// cleanPath makes a path of named's answers usable: "//run/named" is Debian's
// /run/named. It refuses what is not absolute or holds control characters.
func cleanPath(value string) (string, bool) {
	value = strings.TrimSpace(value)
	if !strings.HasPrefix(value, "/") || strings.ContainsFunc(value, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return "", false
	}
	return path.Clean(value), true
}
