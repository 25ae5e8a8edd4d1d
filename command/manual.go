package command

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// manualFiles are the parts of the manual pages that no table has: NAME.txt for a
// command, named-jail.txt for the program. A section begins with a line "# TITLE";
// the rest is prose.
//
//go:embed manual
var manualFiles embed.FS

// section is one of a manual page.
type section struct{ title, text string }

// writtenSections reads the sections of a command's file.
func writtenSections(name string) []section {
	data, _ := manualFiles.ReadFile("manual/" + name + ".txt") // a test looks that it is there
	var list []section
	for part := range strings.SplitSeq("\n"+string(data), "\n# ") {
		if title, text, ok := strings.Cut(part, "\n"); ok && title != "" {
			list = append(list, section{title, text})
		}
	}
	return list
}

// manualRow is a line of a table of the manual pages: a term, and the commands in
// whose pages it stands; none: in all of them.
type manualRow struct {
	term, text string
	commands   []string
}

// rowsFor gives the rows for a command's page; "" is the program's own page, which
// has all.
func rowsFor(rows []manualRow, command string) []manualRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r manualRow) bool {
		return command != "" && r.commands != nil && !slices.Contains(r.commands, command)
	})
}

// Commands by what they deal with, for the tables below.
var (
	asksNamed  = []string{"check", "plan", "rewrite", "audit", "apply", "run", "service", "trace", "demo"}
	readsZones = []string{"check", "plan", "audit", "apply", "run", "trace"}
	usesStore  = []string{"check", "plan", "rewrite", "audit", "history", "apply", "rollback", "prune", "run", "trace"}
)

// statusRows is what the exit statuses mean.
var statusRows = []manualRow{
	{fmt.Sprint(statusOK), "What was asked for is done, and what was looked at is sound.", nil},
	{fmt.Sprint(statusFailed), "The input is invalid, or the operation failed. A message on standard error says why; nothing is half done.", nil},
	{fmt.Sprint(statusUsage), "The command line is wrong.", nil},
	{fmt.Sprint(statusPending), "With --exit-code: apply would change something.", []string{"plan"}},
	{fmt.Sprint(statusPending), "Something is not as it should be.", []string{"audit"}},
	{fmt.Sprint(statusPending), "Something that matters is missing in the jail.", []string{"trace"}},
	{"126", "named is there and cannot be executed.", asksNamed},
	{"127", "named cannot be found.", asksNamed},
	{"named's own", "Once named runs, its exit status is the one of the process.", []string{"run"}},
}

// environmentRows are the variables that count.
var environmentRows = []manualRow{
	{"NAMED_JAIL_NAMED", "The real named, where --named does not say it.", asksNamed},
	{"PATH", "Where named is looked for, before /usr/sbin and /usr/local/sbin. named-jail itself, and links to it, are passed over.", asksNamed},
	{"NO_COLOR", "Where it is set and not empty, --color auto means never.", []string{"plan", "apply", "audit", "trace", "demo"}},
	{"TERM", "On a terminal that is dumb there are no colours, and progress is not shown.", []string{"check", "plan", "apply", "audit", "run", "trace", "demo"}},
	{"LC_ALL, LC_CTYPE, LANG", "The first that is set decides whether trees are drawn with the characters of UTF-8 or of ASCII; without any, ASCII.", []string{"plan", "apply", "demo"}},
	{"NOTIFY_SOCKET", "The service manager's socket, which is told when named is ready.", []string{"run"}},
	{"JOURNAL_STREAM", "Where it names standard error, the journal has what run says there, and syslog is not told a second time.", []string{"run"}},
	{"SSLKEYLOGFILE", "It is handed on to named, which writes the secrets of TLS there; run says so.", []string{"run"}},
	{"TMPDIR", "Where the sample is unpacked, in place of /tmp.", []string{"demo"}},
}

// fileRows are the files that count. The state directory is that of package jail.
var fileRows = []manualRow{
	{"/etc/named.conf, /etc/bind/named.conf, ...", "The configuration, where -c does not say it: what named tells (named -V), else the first of the usual places.",
		[]string{"check", "plan", "rewrite", "audit", "apply", "run", "service", "trace"}},
	{"/var/named", "The jail, where -t does not say it. JAIL/etc/named.conf is its configuration.", usesStore},
	{"/var/lib/named-jail/JAIL", "The memory of a jail, root's alone: / is written as -, so that it is var-named for /var/named.", usesStore},
	{"/var/lib/named-jail/JAIL/manifest", "What was put into the jail, from where, and the runs.", usesStore},
	{"/var/lib/named-jail/JAIL/journal.json", "A run that has begun and not ended.", []string{"apply", "rollback", "prune", "run", "history"}},
	{"/var/lib/named-jail/JAIL/lock", "Held by a command that changes the jail.", []string{"apply", "rollback", "prune", "run", "trace"}},
	{"/var/lib/named-jail/JAIL/backup/N", "The copies that run N kept.", []string{"apply", "rollback", "prune", "history", "run"}},
	{"/var/lib/named-jail/JAIL/zones.cache", "The zone files that were found sound. Losing it costs time only.", readsZones},
	{"/var/lib/named-jail/JAIL/check.record", "The last whole check that found nothing wrong. Losing it costs time only.", []string{"check"}},
	{"/var/lib/named-jail/JAIL/start.record", "The last start that had nothing to change. Losing it costs time only.", []string{"run"}},
	{"/var/lib/named-jail/JAIL/start.zones", "The zones that a start can read alone after an edit of their files. Losing it costs time only.", []string{"run"}},
	{"/var/lib/named-jail/JAIL/build.record", "What named said that it is. Losing it costs time only.", asksNamed},
	{"/etc/passwd, /etc/group", "The account of named and its groups.", []string{"check", "plan", "audit", "apply", "run", "service", "trace"}},
	{"/etc/systemd/system/UNIT.d/named-jail.conf", "The drop-in for systemd.", []string{"service"}},
	{"/etc/init.d/named-jail, /etc/rc.conf.d/named, /etc/rc.d/named_jail", "What service installs on other systems.", []string{"service"}},
	{"/etc/apparmor.d/local/usr.sbin.named", "Rules of AppArmor that let named into the jail.", []string{"service"}},
	{"/run/systemd/notify, /dev/log", "The sockets of the host that named sees in the jail.", []string{"run"}},
}

// writesJSON tells whether a command can print its outcome as a document.
func writesJSON(c *cobra.Command) bool { return c.Flags().Lookup("json") != nil }
