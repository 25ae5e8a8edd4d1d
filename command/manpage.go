package command

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"named-jail/launcher"
	"named-jail/parser"
)

// programPage is the name of the program's own manual page.
const programPage = "named-jail"

// manualPages makes all manual pages, by file name, from the commands, their
// flags, the tables and the texts of manual/.
func manualPages(root *cobra.Command, date string) map[string]string {
	pages := map[string]string{}
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		if !c.Hidden {
			name := pageName(c)
			pages[name+".8"] = manualPage(c, name, date)
		}
	}
	return pages
}

// pageName is the name of a command's page.
func pageName(c *cobra.Command) string {
	if !c.HasParent() {
		return programPage
	}
	return programPage + "-" + c.Name()
}

// order is that of the sections. What a page has nothing for is left out.
//
// Source: man-pages(7).
var order = []string{"SYNOPSIS", "DESCRIPTION", "COMMANDS", "RELOCATION", "OPTIONS", "FLAGS OF NAMED", "READINESS", "EXIT STATUS", "ENVIRONMENT", "FILES",
	"EXAMPLES", "DIAGNOSTICS", "CODES", "NOTES", "SECURITY", "SEE ALSO"}

// page is a manual page that is being made.
type page struct {
	roff
	cmd     *cobra.Command
	written []section
}

func manualPage(c *cobra.Command, name, date string) string {
	p := &page{cmd: c, written: writtenSections(c.Name())}
	p.head(name, date, Version)
	p.section("NAME")
	fmt.Fprintf(p, "%s \\- %s\n", roffSigns.Replace(name), roffText(c.Short))
	made := map[string]func(){"SYNOPSIS": p.synopsis, "DESCRIPTION": p.description, "COMMANDS": p.commands, "OPTIONS": p.options,
		"FLAGS OF NAMED": p.namedFlags, "EXIT STATUS": p.statuses, "ENVIRONMENT": p.environment, "FILES": p.files,
		"EXAMPLES": p.examples, "DIAGNOSTICS": p.diagnostics, "CODES": p.codes, "SEE ALSO": p.seeAlso}
	for _, title := range order {
		if make := made[title]; make != nil {
			make()
		} else if text := p.text(title); text != "" {
			p.section(title)
			p.prose(text, true)
		}
	}
	return p.String()
}

// text is what the manual's file has for a section.
func (p *page) text(title string) string {
	for _, s := range p.written {
		if s.title == title {
			return s.text
		}
	}
	return ""
}

// command is the name by which the tables know this page's command.
func (p *page) command() string {
	if !p.cmd.HasParent() {
		return ""
	}
	return p.cmd.Name()
}

func (p *page) synopsis() {
	lines := []string{usageLine(p.cmd)}
	switch p.command() {
	case "":
		lines = []string{"named-jail COMMAND [FLAGS] [WORDS]", "named-jail NAMED-FLAGS..."}
	case "run":
		lines = append(lines, "named-jail NAMED-FLAGS...")
	}
	p.section("SYNOPSIS")
	p.WriteString(".nf\n")
	for _, line := range lines {
		p.WriteString(typed(line) + "\n")
	}
	p.WriteString(".fi\n")
}

func (p *page) description() {
	p.section("DESCRIPTION")
	p.prose(p.cmd.Long, true)
	p.prose(p.text("DESCRIPTION"), false)
}

// commands lists them, by what the user wants.
func (p *page) commands() {
	if p.command() != "" {
		return
	}
	p.section("COMMANDS")
	for _, g := range groups {
		p.subsection(g.title)
		for _, c := range p.cmd.Commands() {
			if c.GroupID == g.id && !c.Hidden {
				p.item(bolded(c.Name()), sentence(c.Short)+" See "+pageName(c)+"(8).")
			}
		}
	}
}

// options lists the flags of the command, and those of all commands where they
// mean something to it.
func (p *page) options() {
	p.section("OPTIONS")
	if own := p.cmd.LocalNonPersistentFlags(); own.HasAvailableFlags() {
		p.flags(own)
	}
	if !takesCommon(p.cmd) {
		p.item(bolded("-h")+", "+bolded("--help"), "Print the help of the command.")
		return
	}
	title := "Flags of all commands"
	if p.command() == "" {
		title = "Flags of all commands but run"
	}
	p.subsection(title)
	p.flags(p.cmd.Root().PersistentFlags())
}

// flags writes a set of flags.
func (p *page) flags(set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		term := ""
		if f.Shorthand != "" {
			term = bolded("-" + f.Shorthand)
			if value != "" {
				term += " " + italic(value)
			}
			term += ", "
		}
		term += bolded("--" + f.Name)
		if value != "" {
			term += "=" + italic(value)
		}
		if !slices.Contains([]string{"", "0", "false"}, f.DefValue) {
			text += " (default: " + f.DefValue + ")"
		}
		p.item(term, sentence(text))
	})
}

// flagUses say what becomes of a flag of named, by its kind.
var flagUses = map[launcher.Kind]string{
	launcher.Passed:           "It is handed on.",
	launcher.Chroot:           "The jail, as the host sees it, is made or brought up to date; named gets it.",
	launcher.User:             "named gets it, and the files that it writes are given to it.",
	launcher.Group:            "named gets it.",
	launcher.Config:           "As the host sees it; named in the jail gets -c /etc/named.conf.",
	launcher.WorkingDirectory: "Relative paths are looked for there; it is not handed on.",
	launcher.Foreground:       "It is handed on.",
	launcher.Stderr:           "It is handed on. With a word behind it, as in `-g named`, it is the group of BIND 8 instead, which has to be the user's primary group; it is not handed on.",
	launcher.IPv4:             "It is handed on.",
	launcher.IPv6:             "It is handed on.",
	launcher.LogFile:          "It is handed on; the path is one in the jail.",
	launcher.LockFile:         "It is handed on; the path is one in the jail.",
	launcher.Port:             "It is handed on.",
	launcher.Info:             "named prints it and ends, without a jail.",
	launcher.Obsolete:         "named reads it and does nothing.",
	launcher.Refused:          "It is refused: it means nothing for a name server in a jail.",
}

// flagValues are the words for the values of named's flags, by kind; others are
// numbers or VALUE.
var flagValues = map[launcher.Kind]string{launcher.Chroot: "JAIL", launcher.User: "USER", launcher.Group: "GROUP", launcher.Config: "FILE",
	launcher.WorkingDirectory: "DIR", launcher.LogFile: "FILE", launcher.LockFile: "FILE", launcher.Port: "PORT"}

// namedFlags lists named's flags, from the launcher's table.
func (p *page) namedFlags() {
	if p.command() != "run" {
		return
	}
	p.section("FLAGS OF NAMED")
	p.prose("Flags may be joined, as in `-4f`, and a value may be joined to its flag, as in `-t/var/named`. "+
		"What a release does not have is an error, as it is for named itself.", true)
	table := launcher.FlagTable()
	for _, family := range []int{9, 8} {
		p.subsection(fmt.Sprintf("Of BIND %d", family))
		for _, f := range table {
			if f.Family != family {
				continue
			}
			term := bolded("-" + string(rune(f.Letter)))
			if f.Arg {
				term += " " + italic(flagValue(&f))
			}
			text := sentence(f.Meaning+"; "+releases(&f)) + " " + flagUses[f.Kind]
			if len(f.Words) > 0 {
				text += " The words, with commas between them: " + strings.Join(f.Words, ", ") + "."
			}
			p.item(term, text)
		}
	}
}

func flagValue(f *launcher.Flag) string {
	switch word := flagValues[f.Kind]; {
	case word != "":
		return word
	case f.Form == launcher.Number:
		return "N"
	case f.Form == launcher.WordList:
		return "WORDS"
	}
	return "VALUE"
}

// releases says which have a row of the table.
func releases(f *launcher.Flag) string {
	switch {
	case f.Since.Known() && f.Until.Known():
		return fmt.Sprintf("from %s on, gone in %s", f.Since, f.Until)
	case f.Since.Known():
		return fmt.Sprintf("from %s on", f.Since)
	case f.Until.Known():
		return fmt.Sprintf("gone in %s", f.Until)
	}
	return "all releases"
}

// rows writes a section that is a table.
func (p *page) rows(title string, rows []manualRow) {
	if len(rows) == 0 {
		return
	}
	p.section(title)
	for i, r := range rows {
		text := r.text
		if p.command() == "" && len(r.commands) == 1 {
			text = r.commands[0] + ": " + text
		}
		if i > 0 && rows[i-1].term == r.term {
			p.WriteString(".br\n" + prosed(text) + "\n")
			continue
		}
		p.item(bolded(r.term), text)
	}
}

func (p *page) statuses()    { p.rows("EXIT STATUS", rowsFor(statusRows, p.command())) }
func (p *page) environment() { p.rows("ENVIRONMENT", rowsFor(environmentRows, p.command())) }
func (p *page) files()       { p.rows("FILES", rowsFor(fileRows, p.command())) }

func (p *page) examples() {
	p.section("EXAMPLES")
	p.WriteString(".EX\n" + roffText(outdent(p.cmd.Example)) + "\n.EE\n")
	if text := p.text("EXAMPLES"); text != "" {
		p.prose(text, false)
	}
}

// diagnostics says what findings look like.
func (p *page) diagnostics() {
	if p.command() != "" && !slices.Contains(usesStore, p.command()) && p.command() != "service" {
		return
	}
	p.section("DIAGNOSTICS")
	p.prose(`What is wrong is told on standard error, with the line that it is about and what to do:

    FILE:LINE:COLUMN: error|warning: MESSAGE [CODE]

The code keeps its meaning; `+"`named-jail explain CODE` says more. The codes are", true)
	for _, g := range parser.Groups() {
		codes := g.Codes()
		p.item(bolded(string(codes[0]))+" to "+bolded(string(codes[len(codes)-1])), sentence(g.Title))
	}
	if writesJSON(p.cmd) || p.command() == "" {
		p.prose("With --json one document on standard output has them all, in problems (severity, code, file, line, column, message), "+
			"and what is changed in changes (op, path, from, owner, group, mode, reason).", false)
	}
}

// codes lists them in the page of explain.
func (p *page) codes() {
	if p.command() != "explain" {
		return
	}
	p.section("CODES")
	for _, g := range parser.Groups() {
		p.subsection(g.Title)
		for _, c := range g.Codes() {
			info, _ := parser.LookupCode(c)
			p.item(bolded(string(c))+" ("+info.Severity.String()+")", sentence(info.Title)+" "+sentence(info.Remedy))
		}
	}
}

// seeAlso lists the page of the program, those that the text names, and for the
// program the pages of its commands.
func (p *page) seeAlso() {
	p.section("SEE ALSO")
	if p.command() != "" {
		p.prose(programPage+"(8), "+strings.TrimSpace(p.text("SEE ALSO")), true)
		return
	}
	var names []string
	for _, c := range p.cmd.Commands() {
		if !c.Hidden {
			names = append(names, pageName(c)+"(8)")
		}
	}
	p.prose(strings.Join(names, ", ")+"\n\n"+p.text("SEE ALSO"), true)
}

// manualDate is the day on the pages: that of SOURCE_DATE_EPOCH, else of the commit
// that was built, else the release's, so that the same source gives the same pages.
// Errors: a SOURCE_DATE_EPOCH that is no number.
//
// Source: reproducible-builds.org, the specification of SOURCE_DATE_EPOCH.
func manualDate() (string, error) {
	if word := os.Getenv("SOURCE_DATE_EPOCH"); word != "" {
		seconds, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return "", usageError{"SOURCE_DATE_EPOCH is no number of seconds: " + strconv.Quote(word)}
		}
		return time.Unix(seconds, 0).UTC().Format(time.DateOnly), nil
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if day, _, ok := strings.Cut(s.Value, "T"); ok && s.Key == "vcs.time" {
				return day, nil
			}
		}
	}
	return released, nil
}
