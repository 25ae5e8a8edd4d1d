package rewrite

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"named-jail/parser"
)

// settlePaths gives every path but the zone files its place.
func (in *Install) settlePaths() {
	for _, p := range in.Paths {
		in.settlePath(p)
	}
	for _, z := range in.Zones {
		if z.settings.has(journalSlot) && z.File != nil {
			p := &Path{Keyword: "journal", Value: z.settings.words[journalSlot], At: z.settings.places[journalSlot],
				Rule: &parser.PathRule{Arg: 1, Kind: parser.FilePath, Access: parser.Writes}}
			in.settlePath(p)
			z.Journal = p
		}
	}
}

// settlePath applies the rule of relocation for the path's kind and access.
func (in *Install) settlePath(p *Path) {
	value := p.Value
	p.Host = parser.Resolve(in.Directory, value)
	switch p.Rule.Kind {
	case parser.DirectoryPath:
		switch p.Rule.Access {
		case parser.Chdir:
			p.Class, p.Host, p.Jail = ClassTree, in.Directory, WorkingDir // a relative one hangs off / alone
		case parser.Writes:
			p.Class, p.Jail = ClassWritten, inWritten(value)
		case parser.Decides:
			if in.keysWritten(p) {
				p.Class, p.Jail = ClassWritten, inWritten(value)
			} else {
				p.Class, p.Jail = ClassRead, inRead(value)
			}
		default:
			p.Class, p.Jail = ClassRead, inRead(value)
		}
	case parser.LibraryPath:
		p.Class = ClassLibrary
		library := module(p.Keyword, value, in.opt.Defaults.PluginDir)
		p.Host = library
		if strings.Contains(library, "/") { // else the loader searches for it
			p.Host = parser.Resolve(in.Directory, library)
			if !path.IsAbs(library) {
				p.text = strings.Replace(value, library, p.Host, 1)
			}
		}
		p.Jail = JailPath(p.Host)
	case parser.ProgramPath:
		p.Class, p.Jail = ClassLibrary, inRead(value)
	case parser.SocketPath:
		p.Class, p.Jail = ClassWritten, inWritten(value)
	default:
		if p.Rule.Access == parser.Writes {
			p.Class, p.Jail = ClassWritten, inWritten(value)
			break
		}
		p.Class = ClassRead
		kind := ""
		if p.Keyword == "tkey-gssapi-keytab" {
			kind, value = keytabPath(value)
			p.Host = parser.Resolve(in.Directory, value)
		}
		p.Jail = inRead(value)
		if p.text = p.Value; !path.IsAbs(value) {
			p.text = kind + string(p.Jail)
		}
	}
}

// keysWritten tells whether named makes keys in a key directory: some zone
// that uses it is signed by named, or it is a key-store, which is for that.
func (in *Install) keysWritten(p *Path) bool {
	if p.Keyword == "directory" {
		return true
	}
	host := parser.Resolve(in.Directory, p.Value)
	for _, z := range in.Zones {
		if s := z.settings; z.Signed && s.has(keyDirectorySlot) && parser.Resolve(in.Directory, s.words[keyDirectorySlot]) == host {
			return true
		}
	}
	return false
}

// defaults adds the paths that named uses where the configuration is silent.
func (in *Install) defaults() {
	d := in.opt.Defaults
	add := func(keyword, value string, rule *parser.PathRule) {
		if value == "" {
			return
		}
		p := &Path{Keyword: keyword, Value: path.Clean(value), Rule: rule}
		in.settlePath(p)
		in.Paths = append(in.Paths, p)
	}
	reads := &parser.PathRule{Kind: parser.FilePath}
	writes := &parser.PathRule{Kind: parser.FilePath, Access: parser.Writes}
	if !in.states("pid-file") {
		add("pid-file", d.PIDFile, writes)
	}
	if !in.states("session-keyfile") {
		add("session-keyfile", d.SessionKeyFile, writes)
	}
	if !in.states("bindkeys-file") {
		add("bindkeys-file", d.BindKeys, reads)
	}
	if !in.states("geoip-directory") && in.geoip {
		add("geoip-directory", d.GeoIPDirectory, &parser.PathRule{Kind: parser.DirectoryPath})
	}
	if !in.control.stated || in.control.needsKey {
		add("rndc.key", d.RndcKey, reads)
	}
	if d.Version.Major == 8 {
		if !in.states("named-xfer") && in.hasType("secondary", "stub") {
			add("named-xfer", d.NamedXfer, &parser.PathRule{Kind: parser.ProgramPath})
		}
		if !in.control.stated {
			add("unix", d.ControlSocket, &parser.PathRule{Kind: parser.SocketPath, Access: parser.Writes})
		}
	}
	if in.states("tkey-gssapi-keytab") {
		add("krb5.conf", "/etc/krb5.conf", reads)
		add("replay cache", "/var/tmp", &parser.PathRule{Kind: parser.DirectoryPath, Access: parser.Writes})
	}
}

// states tells whether some statement has the path, none included.
func (in *Install) states(keyword string) bool {
	if len(in.Files) == 0 {
		return false
	}
	for _, p := range in.Paths {
		if p.Keyword == keyword {
			return true
		}
	}
	return in.stated[keyword]
}

func (in *Install) hasType(types ...string) bool {
	for _, z := range in.Zones {
		for _, t := range types {
			if z.Type == t {
				return true
			}
		}
	}
	return false
}

// Output is one configuration file of the jail.
type Output struct {
	File    *parser.File
	Jail    JailPath
	Changed bool
	edits   *parser.Edits
}

// WriteTo writes the new text. Errors: those of w.
func (o Output) WriteTo(w io.Writer) (int64, error) {
	if o.edits == nil {
		n, err := io.WriteString(w, o.File.Text)
		return int64(n), err
	}
	return o.edits.Write(w, o.File.Text)
}

// Text gives the new text as a whole.
func (o Output) Text() string {
	var b strings.Builder
	b.Grow(len(o.File.Text) + len(o.File.Text)/8)
	_, _ = o.WriteTo(&b) // a Builder does not fail
	return b.String()
}

// Bytes gives the same as bytes, without a copy between.
func (o Output) Bytes() []byte {
	b := bytes.NewBuffer(make([]byte, 0, len(o.File.Text)+len(o.File.Text)/8))
	_, _ = o.WriteTo(b) // a Buffer does not fail
	return b.Bytes()
}

// Outputs gives the jailed configuration files, in the order in which named
// first opens them. Findings: values that cannot be written in named.conf.
func (in *Install) Outputs() ([]Output, parser.Diagnostics) { return in.outputs(false) }

// outputs leaves the changes out where only findings are wanted.
func (in *Install) outputs(findings bool) ([]Output, parser.Diagnostics) {
	var ds parser.Diagnostics
	var changes parser.Changes
	value := func(at parser.Span, old, text string) {
		if at.File == nil || text == old {
			return
		}
		quoted, ok := parser.Quote(text)
		if !ok {
			ds.Add(at.Diagnostic("NJ301", fmt.Sprintf("the path %q cannot be written in named.conf", text),
				"Rename the file: no backslash before a quote or at the end, no control characters."))
			return
		}
		if !findings {
			changes.Replace(at, quoted)
		}
	}
	for _, p := range in.Paths {
		value(p.At, p.Value, p.newText())
	}
	for _, z := range in.Zones {
		if z.File != nil {
			value(z.File.At, z.File.Value, z.File.newText())
		}
		if z.Journal != nil {
			value(z.Journal.At, z.Journal.Value, z.Journal.newText())
		}
	}
	for _, inc := range in.Includes {
		value(inc.At.Span(), inc.Pattern, in.includeText(inc))
	}
	in.insertDirectory(&changes)
	var out []Output
	for _, f := range in.Files {
		o := Output{File: f, Jail: in.configs[f.Path]}
		if e := changes.Of(f); e != nil {
			if err := e.Settle(len(f.Text)); err != nil {
				ds.Add(parser.Diagnostic{Code: "NJ301", File: f.Name, Message: "two statements that include this file need different text in it: " + err.Error(),
					Remedy: "Give each of them a file of its own."})
				continue
			}
			o.edits, o.Changed = e, true
		}
		out = append(out, o)
	}
	return out, ds
}

// includeText is the file name of an include statement in the jail: as it is,
// or made absolute where it was relative.
func (in *Install) includeText(inc parser.Include) string {
	if len(inc.Files) == 0 {
		return inc.Pattern
	}
	if !inc.Glob {
		place := string(in.configs[inc.Files[0].Path])
		if path.IsAbs(inc.Pattern) && path.Clean(inc.Pattern) == place {
			return inc.Pattern
		}
		return place
	}
	if path.IsAbs(inc.Pattern) {
		return inc.Pattern
	}
	return string(inRead(inc.Pattern))
}

// insertDirectory puts in the working directory where the configuration has
// none: behind the brace of options, or in an options statement of its own.
func (in *Install) insertDirectory(changes *parser.Changes) {
	if in.hasDir || len(in.Files) == 0 {
		return
	}
	statement := `directory "` + WorkingDir + `";`
	if in.brace.File == nil {
		f := in.Files[0]
		changes.Replace(parser.Span{File: f}, "options { "+statement+" };"+lineEnd(f.Text))
		return
	}
	text := "{ " + statement
	if !in.singleRow {
		text = "{" + lineEnd(in.brace.File.Text) + "\t" + statement
	}
	changes.Replace(in.brace, text)
}

// lineEnd gives the line end that a text uses.
func lineEnd(text string) string {
	if n := strings.IndexByte(text, '\n'); n > 0 && text[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
