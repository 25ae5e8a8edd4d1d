package command

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
)

// flags are the flags that the commands share.
type flags struct {
	jail         string
	jailGiven    bool // -t was given, so that check judges the jail
	user         string
	group        string
	conf         string
	asMade       bool // without -c and -u: what the jail was made from
	root         string
	named        string
	bindVersion  string
	copy         bool
	keepGoing    bool
	serving      bool // --live: named runs while the work is done
	json         bool
	exitCode     bool
	noZones      bool
	noCache      bool
	noCheckconf  bool
	maxErrors    positive // of each zone; 0: the default
	expireWithin span
	dnssec       bool
	zones        []string // that check is told; none: all
	createUser   bool
	out          string
	quiet        bool
	verbose      bool
	color        string
	notify       string // the service manager's socket, of run
}

// defaultJail is the article's.
const defaultJail = "/var/named"

// usualConfs are the places of named.conf that distributions have, tried in
// this order after the one that named itself tells.
var usualConfs = []string{"/etc/named.conf", "/etc/bind/named.conf", "/usr/local/etc/namedb/named.conf", "/etc/namedb/named.conf"}

// system is what a command works on: the host, its named, the account and the
// jail.
type system struct {
	flags
	host    *jail.Host
	tree    *jail.Tree
	build   launcher.Build
	account jail.Account
	ids     jail.IDs
	conf    string // the configuration, as source names it
	inJail  string // the jail's path on the host where conf lies in the jail
	source  source
	diags   parser.Diagnostics
	answer  *knownBuild // of named, to be remembered; nil: nothing is
	watch   *jail.Watch // notes what is looked at; nil: nobody does
	key     string      // of the record that is being made
	state   string      // of the store, for that
	groups  map[string][]int
	apart   *reader // judges the zones; nil: this process does
}

// close lets go of what the system holds open.
func (s *system) close() {
	s.source.conf.close()
	if s.tree != nil {
		s.tree.Close()
	}
	if s.source.host != nil && s.source.host != s.host {
		s.source.host.Close()
	}
	if s.host != nil {
		s.host.Close()
	}
}

// open finds everything that a command works on. What is wrong with it is in
// the system's diagnostics. Errors: a system that cannot be worked on at all.
func open(ctx context.Context, f flags) (*system, error) {
	s := &system{flags: f}
	host, err := jail.OpenHost(f.root)
	if err != nil {
		return nil, usageError{"--root " + f.root + ": " + plainText(err)}
	}
	s.host = host
	if err := s.placeJail(); err != nil {
		s.close()
		return nil, err
	}
	if err := s.findNamed(ctx); err != nil {
		s.close()
		return nil, err
	}
	s.findConf()
	return s, nil
}

// live tells whether the system is the running one.
func (s *system) live() bool { return s.host.Root() == "/" }

// remembers tells whether what was found out may be kept for the next time: by
// root alone, of the running system alone.
func (s *system) remembers() bool { return s.live() && os.Geteuid() == 0 }

// placeJail makes the jail's path absolute and looks whether it can be there.
func (s *system) placeJail() error {
	if s.jail == "" {
		s.jail = defaultJail
	}
	if !path.IsAbs(s.jail) {
		if !s.live() {
			return usageError{"-t " + s.jail + ": with --root the jail is an absolute path of that system, such as -t /var/named"}
		}
		abs, err := filepath.Abs(s.jail)
		if err != nil {
			return err
		}
		s.jail = abs
	}
	s.jail = path.Clean(s.jail)
	s.diags = append(s.diags, jail.CheckPlace(s.host.Root(), s.jail)...)
	if s.diags.Errors() > 0 {
		return nil
	}
	tree, err := jail.OpenJail(s.host, s.jail)
	if err != nil {
		s.diags.Add(jail.Diagnose(err))
		return nil
	}
	s.tree = tree
	return nil
}

// findNamed finds the named that will be started and asks it for its release
// and its built-in paths. Without one the release that was given, or 9.18, is
// assumed.
func (s *system) findNamed(ctx context.Context) error {
	var version parser.Version
	if s.bindVersion != "" {
		v, err := parser.ParseVersion(s.bindVersion)
		if err != nil {
			return usageError{"--bind-version: " + err.Error()}
		}
		if strings.Count(s.bindVersion, ".") == 1 {
			v = parser.Branch(v.Major, v.Minor) // 9.20 is what an upgrade to it brings
		}
		version = v
	}
	build, err := s.probe(ctx)
	switch {
	case err == nil:
	case s.flags.named != "":
		return err
	default:
		build = launcher.AssumedBuild(version)
		if s.bindVersion == "" {
			s.diags.Add(unasked(err, build.Version))
		}
	}
	if version.Known() {
		build.Version = version
		build.Family = min(version.Major, 9)
	}
	s.build = build
	return nil
}

// unasked warns that named could not be asked what it is, and says why where
// there is one.
func unasked(err error, assumed parser.Version) parser.Diagnostic {
	d := diagnose(err)
	if d.Code == "NJ601" {
		d.Message = "named is not installed here"
	}
	d.Severity = parser.Warning
	d.Message += "; the configuration is judged for BIND " + assumed.String()
	d.Remedy = "Say which one will run it with --bind-version 9.20, or name the program with --named FILE."
	return d
}

// probe asks the named of the system, or, below --root, the host's own where
// that system's cannot be run.
func (s *system) probe(ctx context.Context) (launcher.Build, error) {
	self, _ := launcher.Self()
	env := os.Getenv("NAMED_JAIL_NAMED")
	if !s.live() && s.flags.named == "" && env == "" && os.Geteuid() == 0 {
		if p, err := launcher.FindIn(s.host.Root(), ""); err == nil {
			if b, err := launcher.Probe(ctx, p, s.host.Root()); err == nil {
				return b, nil
			}
		}
	}
	p, err := launcher.Find(s.flags.named, env, self)
	if err != nil {
		return launcher.Build{}, err
	}
	if b, ok := s.recallBuild(p); ok {
		return b, nil
	}
	known, ok := knownBuild{}, false
	if s.remembers() {
		known, ok = s.know(p)
	}
	b, err := launcher.Probe(ctx, p, "")
	if known.Build = b; ok && err == nil {
		s.answer = &known
	}
	return b, err
}

// findConf decides which configuration file is meant and through whose eyes it
// is read. The host's file counts; where the host has none at that path, the
// jail's. A file that lies in the jail, by its path or through a link, is the
// jail's own, and so are the paths in it.
func (s *system) findConf() {
	candidates := []string{s.flags.conf}
	if s.flags.conf == "" {
		candidates = append([]string{s.build.Conf}, usualConfs...)
	} else if !path.IsAbs(s.flags.conf) {
		if abs, err := filepath.Abs(s.flags.conf); err == nil && s.live() {
			s.flags.conf = abs // for the lines that are told: a unit begins elsewhere
			candidates[0] = abs
		} else {
			candidates[0] = path.Join("/", s.flags.conf)
		}
	}
	for _, c := range candidates {
		if real, err := s.host.RealPath(c); err == nil {
			if rest, ok := s.inside(real); ok {
				s.useJail(rest)
				return
			}
			s.useHost(c)
			return
		}
	}
	if s.tree != nil && s.tree.Exists() {
		for _, c := range append(candidates, string(rewrite.ConfPath)) {
			if rest, ok := below(s.jail, c); ok {
				c = rest
			}
			if _, err := s.tree.Lstat(rewrite.JailPath(path.Clean(c))); err == nil {
				s.useJail(path.Clean(c))
				return
			}
		}
	}
	s.useHost(candidates[0])
}

// inside tells whether a link-free path lies in the jail.
func (s *system) inside(real string) (string, bool) {
	if s.tree == nil || !s.tree.Exists() {
		return "", false
	}
	return below(s.tree.RealPath(), real)
}

func (s *system) useHost(conf string) {
	s.conf = path.Clean(conf)
	s.source = source{host: s.host, tree: s.tree}
}

// useJail reads the configuration as the jailed named does, from a system that
// begins at the jail.
func (s *system) useJail(conf string) {
	inner, err := jail.OpenHost(s.host.OSPath(s.tree.RealPath()))
	if err != nil {
		s.diags.Add(jail.Diagnose(err))
		s.useHost(conf)
		return
	}
	s.conf, s.inJail = conf, s.tree.RealPath()
	s.source = source{host: inner}
}

// findAccount looks up the account that named runs as and the numbers behind
// the names of owners. group is the article's -g GROUP.
func (s *system) findAccount() {
	account, ds := jail.FindAccount(s.host, s.host.Root(), s.user)
	s.diags = append(s.diags, ds...)
	s.account = account
	s.ids = jail.IDs{UserUID: account.UID, UserGID: account.GID, User: account.Name, Group: account.Group}
	if s.group != "" && ds.Errors() == 0 {
		gid, err := jail.LookupGroup(s.host, s.host.Root(), s.group)
		if err == nil {
			err = launcher.CheckGroup(s.build, account.Name, account.GID, s.group, gid)
		}
		if err != nil {
			s.diags.Add(diagnose(err))
		} else {
			s.ids.UserGID, s.ids.Group = gid, s.group
		}
	}
	daemon, err := jail.LookupGroup(s.host, s.host.Root(), "daemon")
	if err != nil {
		daemon, s.ids.DaeName = 0, "root"
	}
	s.ids.Daemon = daemon
}

// groupsOf gives the groups of an account. They are asked for once: that takes
// a program of the system's.
func (s *system) groupsOf(a jail.Account) []int {
	key := fmt.Sprint(a.Name, " ", a.GID)
	if s.groups == nil {
		s.groups = map[string][]int{}
	}
	if s.groups[key] == nil {
		s.groups[key] = jail.Groups(s.host, s.host.Root(), a.Name, a.GID)
	}
	return s.groups[key]
}

// defaults are the build's paths for the model of the install.
func (s *system) defaults() rewrite.Defaults {
	b := s.build
	d := rewrite.Defaults{Version: b.Version, PIDFile: b.PIDFile, SessionKeyFile: b.SessionKey, RndcKey: b.RndcKey,
		BindKeys: b.BindKeys, GeoIPDirectory: b.GeoIP, PluginDir: b.PluginDir}
	if b.Family == 8 {
		d.ControlSocket, d.NamedXfer = "/var/run/ndc", s.namedXfer()
	}
	return d
}

// namedXferPlaces are where BIND 8 was built to find its transfer program.
var namedXferPlaces = []string{"/usr/libexec/named-xfer", "/usr/sbin/named-xfer", "/usr/lib/named-xfer", "/usr/local/libexec/named-xfer", "/usr/etc/named-xfer"}

func (s *system) namedXfer() string {
	for _, p := range namedXferPlaces {
		if _, err := s.host.Stat(p); err == nil {
			return p
		}
	}
	return namedXferPlaces[0]
}
