package command

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
)

// dropInName is the drop-in's name. Those that sort behind it are read later.
const dropInName = "named-jail.conf"

// chrootUnit is Red Hat's second unit, for the jail of bind-chroot.
const chrootUnit = "named-chroot.service"

// unitRow is a setting of the drop-in. A list is emptied before, because what a
// unit lists adds up.
type unitRow struct {
	key, value string
	list       bool
}

// hardening is what every unit can have around named-jail and named. run works
// as root on the jail, on /var/lib/named-jail and on the places of the originals,
// mounts, makes /dev/null, and looks at other processes; the messenger speaks in
// named's name. What is left out, and why, stands in docs/service.md.
//
// Source: systemd.exec(5), systemd.resource-control(5), capabilities(7).
var hardening = []unitRow{
	{"CapabilityBoundingSet", "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_BIND_SERVICE CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_RESOURCE", true},
	{"DevicePolicy", "closed", false},
	{"LockPersonality", "yes", false},
	{"ProtectClock", "yes", false},
	{"ProtectControlGroups", "yes", false},
	{"ProtectKernelLogs", "yes", false},
	{"ProtectKernelModules", "yes", false},
	{"ProtectKernelTunables", "yes", false},
	{"ProtectSystem", "yes", false},
	{"ReadWritePaths", "-/usr/local", false},
	{"RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK", true},
	{"RestrictNamespaces", "mnt", true},
	{"RestrictRealtime", "yes", false},
	{"SystemCallArchitectures", "native", true},
	{"SystemCallErrorNumber", "EPERM", false},
	{"SystemCallFilter", "~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap", true},
}

// takenBack are settings that run cannot work under, or that the jail is in the
// place of, with what is put in their place. They are written where the unit has
// them.
var takenBack = []unitRow{
	{"User", "root", false},
	{"Group", "", false},
	{"SupplementaryGroups", "", false},
	{"DynamicUser", "no", false},
	{"AmbientCapabilities", "", false},
	{"RootDirectory", "", false},
	{"RootImage", "", false},
	{"PIDFile", "", false},
	{"NotifyAccess", "main", false},
	{"PrivateDevices", "no", false},
	{"PrivateUsers", "no", false},
	{"ReadOnlyPaths", "", false},
	{"ReadOnlyDirectories", "", false},
}

// startTimeout is for the first start: it checks all zones and moves all files
// before named loads them.
const startTimeout = "10min"

// namedsUnit finds the unit that named is started by. An enabled one goes
// before one that is not.
func (s *system) namedsUnit() string {
	var found []string
	for _, name := range unitNames {
		if file, alias := s.unitFile(name); file != "" && !alias {
			found = append(found, name)
		}
	}
	for _, name := range found {
		if s.enabled(name) {
			return name
		}
	}
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// enabled tells whether a target wants a unit.
func (s *system) enabled(unit string) bool {
	wants, _ := s.host.Glob("/etc/systemd/system/*.wants/" + unit)
	return len(wants) > 0
}

// unitLine is the command line of a unit: named-jail's own flags as they were,
// named's flags as they stand and with the variables put in.
type unitLine struct {
	prefix string // of systemd's, such as "-"
	named  string // the program
	own    []string
	raw    []string
	inv    *launcher.Invocation
}

// unitLine reads the command line of a unit. Errors: another program than named
// or named-jail is started; flags that named does not take.
func (s *system) unitLine(u *unitText) (unitLine, error) {
	words := shellWords(u.last("ExecStart"))
	if len(words) == 0 {
		return unitLine{}, s.notTaken(u.name, "this unit starts nothing")
	}
	program := strings.TrimLeft(words[0], "-@:+!")
	l := unitLine{prefix: strings.TrimSuffix(words[0], program), raw: words[1:]}
	switch path.Base(program) {
	case "named":
		l.named = program
	case "named-jail":
		if len(l.raw) > 0 && l.raw[0] == "run" {
			l.raw = l.raw[1:]
		}
		l.own, l.raw = launcher.SplitOwn(l.raw)
	default:
		return unitLine{}, s.notTaken(u.name, "this unit does not start named itself, but: "+strings.Join(words, " "))
	}
	if strings.Contains(l.prefix, "@") {
		return unitLine{}, s.notTaken(u.name, "this unit gives named another name (ExecStart=@)")
	}
	var flags []string
	for _, w := range l.raw {
		flags = append(flags, u.expand(w)...)
	}
	inv, err := launcher.ParseArgs(s.build, flags, func(group string) bool {
		_, err := jail.LookupGroup(s.host, s.host.Root(), group)
		return err == nil
	})
	l.inv = inv
	return l, err
}

// notTaken is the finding for a service that has to be changed by hand.
func (s *system) notTaken(unit, why string) error {
	file, _ := s.unitFile(unit)
	return notOurs(s.host.OSPath(file), why, "Put into it by hand, where named is started: "+s.jailedLine())
}

// rawValue is the value of a flag as it stands in the line, with its variables;
// where it comes out of a variable, what that holds now.
func (l unitLine) rawValue(flag, now string) string {
	for i, w := range l.raw {
		if w == flag && i+1 < len(l.raw) {
			return rawWord(l.raw[i+1])
		}
	}
	return unitWord(now)
}

// flags are named's flags for the jailed start. They stand as in the unit's own
// line, variables too, so that the file with the options counts as before; where
// they hold a jail, they are written out without it.
func (l unitLine) flags() []string {
	var words []string
	if l.inv.Jail == "" {
		for _, w := range l.raw {
			words = append(words, rawWord(w))
		}
	} else {
		for _, g := range l.inv.Flags {
			if g.Flag.Kind == launcher.Chroot {
				continue
			}
			words = append(words, "-"+string(rune(g.Flag.Letter)))
			if g.Flag.Arg {
				words = append(words, unitWord(g.Value))
			}
		}
	}
	if !l.inv.Foreground {
		words = append([]string{"-f"}, words...)
	}
	return words
}

// unitWord writes a word of a command line for systemd, so that nothing in it
// is a variable, a specifier or a quote.
func unitWord(w string) string {
	return rawWord(strings.NewReplacer("%", "%%", "$", "$$").Replace(w))
}

// rawWord writes a word whose variables and specifiers are meant.
func rawWord(w string) string {
	if w != "" && !strings.ContainsAny(w, " \t\"'\\;") {
		return w
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
}

// systemdSnippet makes the drop-in for named's unit.
func (s *system) systemdSnippet() (*snippet, error) {
	name := s.namedsUnit()
	if name == "" {
		return nil, notOurs(s.host.OSPath(unitDirs[0]), "this system has no unit that starts named: none of "+strings.Join(unitNames, ", "),
			"Install BIND's package, or write a unit with the line: ExecStart="+s.ourProgram()+" run -t "+s.jail+" -f")
	}
	file := path.Join(unitDirs[0], name+".d", dropInName)
	u, _ := s.readUnit(name, file)
	line, err := s.unitLine(u)
	if err != nil {
		return nil, err
	}
	if line.inv.Jail != "" && !s.jailGiven && path.Clean(line.inv.Jail) != s.jail {
		return nil, otherJail(path.Clean(line.inv.Jail))
	}
	if ours := s.ourJail(name); ours != "" && !s.jailGiven && ours != s.jail {
		return nil, otherJail(ours)
	}
	if other := s.chrootUnitsJail(name); other != "" && !s.jailGiven && other != s.jail {
		return nil, otherJail(other)
	}
	for _, f := range u.order {
		text, _ := s.host.ReadText(f)
		for key := range serviceLines(text) {
			if key == "ExecStart" && path.Base(f) > dropInName {
				return nil, notOurs(s.host.OSPath(f), "this drop-in sets ExecStart and is read after "+dropInName+", so that named would not start in the jail",
					"Take the ExecStart lines out of it, and run the command again.")
			}
		}
	}
	sn := &snippet{file: file, mode: 0o644, text: s.dropInText(u, line), undo: "rm " + file + "; systemctl daemon-reload"}
	sn.after = append(s.chrootSteps(name), "systemctl daemon-reload", "systemctl restart "+name)
	if line.inv.Jail != "" && line.named != "" {
		sn.notes = append(sn.notes, fmt.Sprintf("named's flags held -t %s. They are written out below without it: what the file with the options says counts no more. Take -t out of that file and run this again, then it does.", line.inv.Jail))
	}
	return sn, nil
}

// dropInText is the drop-in.
func (s *system) dropInText(u *unitText, l unitLine) string {
	var b strings.Builder
	put := func(r unitRow) {
		if r.list {
			fmt.Fprintf(&b, "%s=\n", r.key)
		}
		fmt.Fprintf(&b, "%s=%s\n", r.key, r.value)
	}
	if s.hasUnit(chrootUnit) {
		fmt.Fprintf(&b, "[Unit]\nConflicts=%s\n\n", chrootUnit)
	}
	b.WriteString("[Service]\n")
	put(unitRow{"Type", "notify", false})
	for _, r := range takenBack {
		if u.last(r.key) != "" && u.last(r.key) != r.value {
			put(r)
		}
	}
	own, common := l.own, []string{"-t", unitWord(s.jail)}
	if s.flags.named != "" {
		own = slices.DeleteFunc(slices.Clone(own), func(w string) bool { return strings.HasPrefix(w, "--named=") })
		own = append([]string{"--named=" + unitWord(s.namedsPath())}, own...)
	} else if l.named != "" {
		own = append([]string{"--named=" + rawWord(l.named)}, own...)
	}
	extra := s.wantedUser(u, l)
	start := slices.Concat([]string{l.prefix + s.ourProgram(), "run"}, own, common, l.flags(), extra)
	if l.inv.User != "" && len(extra) == 0 {
		extra = []string{"-u", l.rawValue("-u", l.inv.User)}
	}
	if conf := s.flags.conf; conf != "" {
		start = append(start, "-c", unitWord(conf))
		extra = append(extra, "-c", unitWord(conf))
	} else if l.inv.Config != "" {
		extra = append(extra, "-c", l.rawValue("-c", l.inv.Config))
	}
	named := []string{}
	for _, w := range own {
		if strings.HasPrefix(w, "--named=") {
			named = append(named, w)
		}
	}
	check := slices.Concat([]string{"-" + s.ourProgram(), "check", "-q"}, named, common, extra)
	put(unitRow{"ExecStartPre", strings.Join(check, " "), false})
	put(unitRow{"ExecStart", strings.Join(start, " "), true})
	apply := slices.Concat([]string{s.ourProgram(), "apply", "-q", "--keep-going"}, named, common, extra)
	put(unitRow{"ExecReload", strings.Join(apply, " "), true})
	reloads := 0
	for _, value := range u.set["ExecReload"] {
		if !strings.Contains(value, "named-jail") {
			put(unitRow{"ExecReload", value, false})
			reloads++
		}
	}
	if reloads == 0 {
		put(unitRow{"ExecReload", "/bin/kill -HUP $MAINPID", false})
	}
	if u.last("TimeoutStartSec") == "" && u.last("TimeoutSec") == "" {
		put(unitRow{"TimeoutStartSec", startTimeout, false})
	}
	b.WriteByte('\n')
	for _, r := range hardening {
		put(r)
	}
	return b.String()
}

// wantedUser is the flag for the account where named's own flags have none, or
// another one is asked for.
func (s *system) wantedUser(u *unitText, l unitLine) []string {
	user := s.flags.user
	if user == "" && l.inv.User == "" {
		if user = u.last("User"); user == "" || user == "root" || user == "0" {
			user = s.account.Name
		}
	}
	if user == "" {
		return nil
	}
	return []string{"-u", unitWord(user)}
}

func (s *system) hasUnit(name string) bool {
	file, _ := s.unitFile(name)
	return file != ""
}

// ourJail is the jail of a drop-in of ours that is there already.
func (s *system) ourJail(unit string) string {
	u, _ := s.readUnit(unit, "")
	if l, err := s.unitLine(u); err == nil && l.named == "" && l.inv.Jail != "" {
		return path.Clean(l.inv.Jail)
	}
	return ""
}

// chrootUnitsJail is the jail of Red Hat's second unit, where that one is what
// starts named.
func (s *system) chrootUnitsJail(unit string) string {
	if !s.hasUnit(chrootUnit) || !s.enabled(chrootUnit) {
		return ""
	}
	u, _ := s.readUnit(chrootUnit, "")
	if l, err := s.unitLine(u); err == nil && l.inv.Jail != "" {
		return path.Clean(l.inv.Jail)
	}
	return ""
}

// chrootSteps takes Red Hat's second unit and its mounts out of the way.
func (s *system) chrootSteps(unit string) []string {
	if !s.hasUnit(chrootUnit) {
		return nil
	}
	steps := []string{"systemctl disable --now " + chrootUnit + " named-chroot-setup.service"}
	if !s.enabled(unit) {
		steps = append(steps, "systemctl enable "+unit)
	}
	return append(steps, "systemctl mask "+chrootUnit)
}
