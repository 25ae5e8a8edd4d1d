package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"syscall"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
	"named-jail/zones"
)

// survey is everything that is known of an install once its configuration and
// its zone files have been read.
type survey struct {
	*system
	install *rewrite.Install
	reports []zones.Report
	faulty  map[string]bool        // zone files, by host path, that must not go into the jail
	refused map[string]bool        // other files and directories of which that is true
	strange map[string]bool        // include files of which that is true
	foreign bool                   // others than root can have written the configuration
	chosen  map[*rewrite.Zone]bool // the zones whose files are read; nil: all
	ds      parser.Diagnostics
	asked   *asked // a run of named-checkconf, nil: none was begun

	copied   bool // the jail has copies, and the originals are to be there
	services bool // named needs the names of services and protocols for its zones
}

// readConfig reads the configuration and models the install.
func (s *system) readConfig(names map[string]rewrite.JailPath) *survey {
	v := &survey{system: s, faulty: map[string]bool{}, refused: map[string]bool{}, strange: map[string]bool{}}
	s.source.conf.close()
	s.source.owners, s.source.conf = owners{}, newConfReader()
	v.install, v.ds = rewrite.Read(s.source, s.conf, rewrite.Options{Defaults: s.defaults(), Names: names, InJail: s.inJail,
		Holds: s.holds, Database: s.database})
	if said := s.source.conf.said(); said != "" && s.verbose {
		fmt.Fprintf(os.Stderr, "named-jail: %s\n", said)
	}
	for i, d := range v.ds {
		v.ds[i] = withoutRoot(d)
	}
	for i, d := range v.ds { // files that were not opened, as this process sees them
		if d.Code == "NJ101" || d.Code == "NJ309" {
			v.ds[i].File = s.source.host.OSPath(d.File)
		}
	}
	return v
}

// checkZones reads and judges the zone files, and tells the model what they
// include.
func (v *survey) checkZones(ctx context.Context, cache *zones.Cache, progress func(zones.Progress)) {
	files := v.source
	files.cwd, files.dirs, files.who = v.install.Directory, newFolders(v.source.host), v.newIncluders()
	defer files.dirs.close()
	defer files.who.close()
	options := zones.Options{Workers: runtime.NumCPU(), Cache: cache, Progress: progress, Judging: v.judging()}
	if v.apart != nil {
		v.apart.on(files, options.Terms())
		options.Apart = v.apart
	}
	v.reports = zones.CheckAll(ctx, files, v.toCheck(), options)
	v.unjudged(v.apart)
	i, errors := 0, v.ds.Errors()
	for _, z := range v.install.Zones {
		if z.File == nil || !v.isChosen(z) {
			continue
		}
		r := v.reports[i]
		i++
		v.services = v.services || r.Services
		if r.Stopped { // nothing is known of it
			v.faulty[z.File.Host] = true
		}
		for _, d := range r.Diagnostics {
			if d.Code == "NJ402" && d.File == z.File.At.File.Name && errors > 0 {
				continue // the zone's name or class is at fault, which is reported
			}
			d = withoutRoot(showPlace(d, z.File.At))
			d.Zone = z.Name
			v.ds.Add(d)
		}
		if r.Diagnostics.Errors() > 0 {
			v.faulty[z.File.Host] = true
		}
		v.takeIncludes(z, r)
	}
}

// unjudged says how the zones were judged, where that is asked, and that some
// could not be.
func (v *survey) unjudged(apart *reader) {
	if said := apart.said(); said != "" && v.verbose {
		fmt.Fprintf(os.Stderr, "named-jail: %s\n", said)
	}
	if apart == nil || apart.err == nil {
		return
	}
	n := 0
	for i := range v.reports {
		if v.reports[i].Stopped {
			n++
		}
	}
	v.ds.Add(parser.Diagnostic{Code: "NJ449", Message: fmt.Sprintf("the process that reads the zone files failed, and %s could not be judged: %v",
		count(n, "zone"), apart.err)})
}

// toCheck lists the chosen zones that have a file. What their statements ask of it is
// found out once for neighbours that say the same.
func (v *survey) toCheck() []zones.Zone {
	list := make([]zones.Zone, 0, len(v.install.Zones))
	var before *rewrite.Zone
	var checks zones.Checks
	for _, z := range v.install.Zones {
		if z.File == nil || !v.isChosen(z) {
			continue
		}
		if before == nil || !z.SaysAsMuch(before) {
			checks = v.checksOf(z)
		}
		before = z
		journal := ""
		if z.Journal != nil {
			journal = z.Journal.Host
		}
		list = append(list, zones.Zone{Name: z.Name, Journal: journal, Class: z.Class, Type: z.Type, File: v.present(z), Format: z.Format,
			Living: z.Files.Living(), Inline: z.Files == rewrite.ClassBeside && z.Signed, View: z.View, At: z.File.At.Diagnostic("NJ401", "", ""),
			MaxErrors: int(v.maxErrors), Checks: checks})
	}
	return list
}

// withoutRoot makes a warning of what only root could look into, when we are
// not root: nothing is known to be wrong.
func withoutRoot(d parser.Diagnostic) parser.Diagnostic {
	if os.Geteuid() != 0 && (d.Code == "NJ115" || d.Code == "NJ309" || d.Code == "NJ418") {
		d.Severity = parser.Warning
	}
	return d
}

// showPlace gives a finding that stands in the configuration its source line.
func showPlace(d parser.Diagnostic, at parser.Span) parser.Diagnostic {
	place := at.Diagnostic(d.Code, d.Message, d.Remedy)
	if d.File != place.File || d.Line != place.Line {
		return d
	}
	place.Severity = d.Severity
	return place
}

// present gives the name under which the zone's file is read: its place on the
// host, or in the jail where the host has it no more. Of a jail of copies what named
// only reads is the host's.
func (v *survey) present(z *rewrite.Zone) string {
	if v.copied && z.Files == rewrite.ClassStatic {
		return z.File.Host
	}
	if v.gone(z.File.Host) && v.holds(z.File.Jail) {
		return v.tree.HostPath(z.File.Jail)
	}
	return z.File.Host
}

// gone tells whether the host has something no more, so that it may lie in the
// jail.
func (v *survey) gone(host string) bool {
	if v.inJail != "" || v.tree == nil || !v.tree.Exists() {
		return false
	}
	_, err := v.host.Lstat(host)
	return err != nil && isMissing(err)
}

// takeIncludes hands what a zone file includes to the model, which moves it
// into the jail. A file that belongs to an unprivileged user does not make root
// give away what that user may not read.
func (v *survey) takeIncludes(z *rewrite.Zone, r zones.Report) {
	if v.faulty[z.File.Host] {
		return
	}
	var list []rewrite.Include
	for _, inc := range r.Includes {
		in := rewrite.Include{File: parser.Resolve(v.install.Directory, inc.Opened), Start: inc.Start, End: inc.End, Name: inc.Name}
		if in.File == v.present(z) {
			in.File = z.File.Host
		}
		author, err := v.includeAuthor(inc, r.Files)
		if err != nil {
			v.ds.Add(parser.Diagnostic{Code: "NJ307", File: inc.File, Line: inc.Line, Column: inc.Column,
				Message: fmt.Sprintf("$INCLUDE: %v", err), Remedy: letRoot})
			v.faulty[z.File.Host] = true
			return
		}
		if z.Files == rewrite.ClassSecondary && author != rootsLine {
			continue // named writes none into a copy, and does not need the file: it transfers the zone
		}
		in.Foreign = author == foreignLine
		list = append(list, in)
	}
	v.install.AddIncludes(list)
}

// lineAuthor is who wrote an $INCLUDE line.
type lineAuthor uint8

const (
	rootsLine   lineAuthor = iota // root
	ownLine                       // another user, and the file that it names is his too
	foreignLine                   // another user, and the file is not his
)

// includeAuthor finds out whose line it is. Errors: why the file must not be brought
// into the jail for it. read are the files that the zone was read from: what took
// their place since says nothing of who wrote the line.
func (v *survey) includeAuthor(inc zones.Include, read []zones.Stamp) (lineAuthor, error) {
	from, ok := v.stillThere(inc.Opened, read)
	if !ok {
		return 0, errors.New("the zone file was exchanged while it was being read")
	}
	if from.UID == 0 {
		return rootsLine, nil
	}
	target, ok := v.stillThere(inc.Name, read)
	switch {
	case !ok:
		return 0, errors.New("the file that it names was exchanged while it was being read")
	case target.UID == from.UID:
		return ownLine, nil
	case target.Mode&0o004 == 0:
		return 0, fmt.Errorf("the zone file belongs to user %d, who may not read the file that it includes", from.UID)
	}
	return foreignLine, nil
}

// stillThere looks at a file that was read, where the check found it; false
// when another one is there now.
func (v *survey) stillThere(name string, read []zones.Stamp) (jail.Info, bool) {
	info, _, err := v.source.look(under(v.install.Directory, name))
	return info, err == nil && slices.ContainsFunc(read, func(s zones.Stamp) bool {
		return s.Name == name && s.Dev == info.Dev && s.Inode == info.Ino
	})
}

// wanted lists everything that the jail must hold, zone files with edited
// $INCLUDE lines and libraries too.
func (v *survey) wanted() []rewrite.Wanted {
	list, ds := v.install.Wanted(v.faulty)
	list = v.without(list)
	v.ds = append(v.ds, ds...)
	for i := range list {
		v.editZone(&list[i])
	}
	layout, ds := jail.Layout(v.host, v.layoutOptions())
	for _, d := range ds {
		for _, p := range v.install.Programs() {
			d = atStatement(d, p)
		}
		v.ds = append(v.ds, d)
	}
	return rewrite.Merge(layout, list, v.libraries())
}

// layoutOptions is what the jail's layout depends on.
func (v *survey) layoutOptions() jail.LayoutOptions {
	return jail.LayoutOptions{Version: v.build.Version, NeedsBind8: v.xfer() != "",
		NamedXfer: v.xfer(), Services: v.services || v.build.Family == 8, Jail: v.jail, Notify: v.notify}
}

// xfer is the program that BIND 8 executes for a transfer, "" when it has none
// to execute.
func (v *survey) xfer() string {
	if v.install == nil {
		return "" // nothing was read, because nothing has changed: see hasModules
	}
	for _, p := range v.install.Programs() {
		return p.Host
	}
	return ""
}

// editZone fills in the text of a zone file whose $INCLUDE lines change.
func (v *survey) editZone(w *rewrite.Wanted) {
	if w.Kind != rewrite.File || w.Transfer != rewrite.Move && w.Transfer != rewrite.Copy {
		return
	}
	host := w.Source
	if v.inJail != "" {
		host, _ = below(v.inJail, host)
	}
	if !v.install.Edits(host) {
		return
	}
	text, err := v.source.host.ReadText(host)
	if err != nil {
		return // in the jail already, or the plan says why not
	}
	if edited, changed, err := v.install.ZoneText(host, text); err == nil && changed {
		w.Content, w.Edited = []byte(edited), true
	}
}

// libraries lists the modules that named loads after chroot(2) with what they
// need, and what named itself may load then.
func (v *survey) libraries() []rewrite.Wanted {
	var list []rewrite.Wanted
	if v.build.Path == "" || v.build.Family == 8 {
		return nil
	}
	modules := v.install.Modules()
	if len(modules) > 0 {
		more, ds := jail.NamedWants(v.host, v.build.Path)
		v.ds = append(v.ds, ds...)
		list = append(list, more...)
	}
	for _, m := range modules {
		more, ds := jail.ModuleWants(v.host, m.Host, v.build.Path)
		for _, d := range ds {
			v.ds.Add(atStatement(d, m))
		}
		v.judgeModules(m, more)
		list = append(list, more...)
	}
	return list
}

// atStatement moves a finding about a file to the statement that names it.
func atStatement(d parser.Diagnostic, p *rewrite.Path) parser.Diagnostic {
	if d.File != p.Host || p.At.File == nil {
		return d
	}
	at := p.At.Diagnostic(d.Code, p.Host+": "+d.Message, d.Remedy)
	at.Severity = d.Severity
	return at
}

func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
