package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"named-jail/jail"
	"named-jail/parser"
)

func serviceCommand(f *flags) *cobra.Command {
	var install bool
	c := &cobra.Command{Use: "service [systemd|openrc|sysv|rcd|smf]", GroupID: "start", Short: "make the system itself start named in the jail",
		Long: `Print what makes the system's own service start named in the jail, with the flags
that it gives named now: a drop-in for named's unit, a boot script, settings of
rc.d or SMF; and, where the host has AppArmor or SELinux, what lets named into
the jail. Without a word it says which one this system has.

--install puts it into its place, where that can be done without touching a file
of somebody else. Nothing is started or stopped: the commands for that are told.`,
		Example: "  named-jail service\n  named-jail service systemd\n  named-jail service systemd -t /var/named --install",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.jailGiven = cmd.Flags().Changed("jail")
			if len(args) > 1 {
				return usageError{fmt.Sprintf("service does not take the word %q", args[1])}
			}
			return integrate(cmd.Context(), *f, strings.Join(args, ""), install)
		}}
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	c.Flags().BoolVar(&install, "install", false, "put it into its place")
	return c
}

// mannerWords are the words that service takes.
func mannerWords() string {
	var words []string
	for _, m := range manners {
		words = append(words, m.word)
	}
	return strings.Join(words, ", ")
}

// integrate prints or installs what makes the system start named in the jail.
func integrate(ctx context.Context, f flags, word string, install bool) error {
	p := newPrinter(f)
	m, known := mannerOf(word)
	switch {
	case word != "" && !known:
		return usageError{fmt.Sprintf("service: there is no %q; the words are %s", word, mannerWords())}
	case word == "" && install:
		return usageError{"service --install wants one of the words " + mannerWords()}
	}
	s, err := open(ctx, f)
	if err != nil {
		return err
	}
	defer func() { s.close() }()
	if word == "" {
		return s.sayManner(p)
	}
	if install && os.Geteuid() != 0 {
		return told(p, parser.Diagnostics{{Code: "NJ504", Message: "service --install needs root: it writes files of the system",
			Remedy: "Run the same command as root (sudo); without --install the text is printed."}})
	}
	if at := s.flagsOfScripts(); word != "systemd" && at != "" && !f.jailGiven {
		f.jail = at
	}
	sn, err := s.takeOver(m, f.jail)
	var other otherJail
	if errors.As(err, &other) || err == nil && f.jail != s.flags.jail {
		if err == nil {
			other = otherJail(f.jail)
		}
		f.jail, f.jailGiven = string(other), true
		s.close()
		if s, err = open(ctx, f); err != nil {
			return err
		}
		sn, err = s.takeOver(m, f.jail)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return err
	}
	if err != nil {
		return told(p, asDiagnostics(err))
	}
	if s.diags.Errors() > 0 {
		return told(p, s.diags)
	}
	all := append([]*snippet{sn}, s.confinementSnippets()...)
	if install {
		return s.install(p, m, all)
	}
	if f.json {
		doc := s.newServiceDocument(m.word)
		doc.findings(s.diags)
		for _, sn := range all {
			doc.add(s, sn, s.written(sn, m), partPrinted)
		}
		return p.encode(doc)
	}
	fmt.Fprint(p.out, s.written(sn, m))
	for _, sn := range all[1:] { // as comments, because they belong into another file
		fmt.Fprintln(p.out)
		for line := range strings.Lines(s.written(sn, m)) {
			if !strings.HasPrefix(line, "#") {
				line = "#     " + line
			}
			fmt.Fprint(p.out, line)
		}
	}
	return nil
}

// takeOver makes the snippet for a jail.
func (s *system) takeOver(m manner, jailPath string) (*snippet, error) {
	s.account, _ = jail.FindAccount(s.host, s.host.Root(), s.user) // a start says what is wrong with it
	return m.make(s)
}

// sayManner says which word fits this system.
func (s *system) sayManner(p printer) error {
	shown := slices.IndexFunc(manners, func(m manner) bool { return m.shows(s) })
	if p.flags.json {
		doc := s.newServiceDocument("")
		if shown >= 0 {
			doc.Manner = manners[shown].word
		}
		return p.encode(doc)
	}
	if shown >= 0 {
		m := manners[shown]
		what := ""
		if unit := s.namedsUnit(); m.word == "systemd" && unit != "" {
			what = " for " + unit
		}
		p.tell("This system starts its services by %s: named-jail service %s prints what is needed%s, and with --install it is put into its place.", m.name, m.word, what)
		p.tell("All words: %s", mannerWords())
		p.steps(nextStep{"Print", s.jailLine("service", m.word)}, nextStep{"Install", s.jailLine("service", m.word, "--install")})
		return nil
	}
	p.tell("It is not known how this system starts its services. The words are: %s", mannerWords())
	return nil
}

// written is a snippet as it is printed and as it stands in its file, with what
// to know at its head.
func (s *system) written(sn *snippet, m manner) string {
	command := []string{"named-jail", "service", m.word, "-t", s.jail}
	if s.flags.user != "" {
		command = append(command, "-u", s.flags.user)
	}
	if s.flags.conf != "" {
		command = append(command, "-c", s.flags.conf)
	}
	lines := []string{strings.TrimSuffix(ourMark, "named-jail service") + shellLine(command)}
	if sn.file != "" {
		lines = append(lines, "File: "+sn.file)
	}
	lines = append(lines, sn.notes...)
	if len(sn.after) > 0 {
		lines = append(lines, "Then run:")
		for _, c := range sn.after {
			lines = append(lines, "    "+c)
		}
	}
	if sn.undo != "" {
		lines = append(lines, "To take it back: "+sn.undo)
	}
	for i := 1; i < len(lines); i++ {
		lines[i] = "# " + lines[i]
	}
	head := parser.Printable(lines[0])
	for _, l := range lines[1:] {
		head += "\n" + parser.Printable(l)
	}
	if strings.Contains(sn.text, headPlace) {
		return strings.Replace(sn.text, headPlace, head, 1)
	}
	return head + "\n" + sn.text
}

// install puts the snippets into their places: all of them, or it says which
// file of somebody else stands in the way.
func (s *system) install(p printer, m manner, all []*snippet) error {
	if program := s.ourProgram(); !s.has(program) {
		return told(p, parser.Diagnostics{{Code: "NJ536", File: s.host.OSPath(program), Message: "named-jail itself is not there, so the service would not start",
			Remedy: "Copy the program there: install -m 755 named-jail " + s.host.OSPath(program)}})
	}
	found := jail.VendorDiagnostics(jail.Vendor(s.host, s.host.Root(), s.jail))
	if found.Errors() > 0 {
		return told(p, found)
	}
	contents := make([]string, len(all))
	for i, sn := range all {
		if sn.file == "" {
			continue
		}
		contents[i] = s.written(sn, m)
		old, err := s.host.ReadText(sn.file)
		if sn.part {
			contents[i] = replacePart(old, contents[i])
		}
		if err == nil && !sn.part && !strings.Contains(old, ourMark) {
			return told(p, asDiagnostics(notOurs(s.host.OSPath(sn.file), "this file is there already, and named-jail did not write it",
				"Move it away, or put into it what this prints: named-jail service "+m.word)))
		}
	}
	if all[0].file == "" {
		return told(p, asDiagnostics(notOurs("", "nothing was changed: what is needed here is for a person to do", "Do what this prints: named-jail service "+m.word)))
	}
	doc := s.newServiceDocument(m.word)
	doc.findings(s.diags)
	for i, sn := range all {
		state, err := s.place(p, sn, contents[i])
		if err != nil {
			return told(p, asDiagnostics(err))
		}
		doc.add(s, sn, or(contents[i], s.written(sn, m)), state)
	}
	if p.flags.json {
		return p.encode(doc)
	}
	return nil
}

// place puts one snippet into its place and says what follows. The first result
// is what became of it.
func (s *system) place(p printer, sn *snippet, content string) (string, error) {
	if sn.file == "" {
		sayList(p, "To do by hand, for "+strings.Join(sn.notes, " "), sn.after)
		return partByHand, nil
	}
	at := s.host.OSPath(sn.file)
	info, err := s.host.Stat(sn.file)
	if old, readErr := s.host.ReadText(sn.file); err == nil && readErr == nil && old == content && info.Mode&0o7777 == sn.mode {
		p.say("%s: nothing to do: it is as it should be", at)
		return partUnchanged, nil
	}
	if err := s.host.PutSystemFile(sn.file, []byte(content), sn.mode); err != nil {
		return "", err
	}
	if p.screen.width > 0 {
		p.next(at, strings.Join(append([]string{"written."}, sn.notes...), " "), sn.steps()...)
		return partWritten, nil
	}
	p.say("%s: written.", at)
	for _, n := range sn.notes {
		p.say("%s", parser.Printable(n))
	}
	if len(sn.after) > 0 {
		p.say("Next, because nothing was started or stopped:")
		for _, c := range sn.after {
			p.say("    %s", parser.Printable(c))
		}
	}
	p.say("To take it back: %s", parser.Printable(sn.undo))
	return partWritten, nil
}

// partEnd is the line behind a part of ours.
const partEnd = "# named-jail: end"

// replacePart puts a part of ours into a file of somebody else: in the place of
// the part that is there, else at the end.
func replacePart(old, part string) string {
	part = strings.TrimSuffix(part, "\n") + "\n" + partEnd + "\n"
	begin := strings.Index(old, ourMark)
	if begin >= 0 {
		if end := strings.Index(old[begin:], partEnd+"\n"); end >= 0 {
			return old[:begin] + part + old[begin+end+len(partEnd)+1:]
		}
	}
	if old != "" && !strings.HasSuffix(old, "\n") {
		old += "\n"
	}
	return old + part
}

// ourFiles are the files of ours that start named in the jail.
func (s *system) ourFiles() []string {
	files := []string{"/etc/init.d/named-jail", "/etc/rc.conf.d/named", "/etc/rc.d/named_jail"}
	for _, name := range unitNames {
		files = append(files, unitDirs[0]+"/"+name+".d/"+dropInName)
	}
	for _, c := range confinements {
		if c.rules != "" {
			files = append(files, c.rules)
		}
	}
	var ours []string
	for _, file := range files {
		if text, err := s.host.ReadText(file); err == nil && strings.Contains(text, ourMark) && strings.Contains(text, " -t "+s.jail) {
			ours = append(ours, s.host.OSPath(file))
		}
	}
	return ours
}
