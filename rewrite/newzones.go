package rewrite

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"

	"named-jail/parser"
)

// defaultView is what named calls the one view of a server without views.
const defaultView = "_default"

// viewFileNames gives the names under which named keeps what belongs to a view
// (zones that rndc addzone made, managed keys), without the suffix. A name with a slash, a backslash or a
// capital letter is hashed; where an old hashed file exists it is used for any
// name.
//
// Source: lib/isc/file.c (isc_file_sanitize).
func viewFileNames(view string) []string {
	if view == "" {
		view = defaultView
	}
	hashed := fmt.Sprintf("%x", sha256.Sum256([]byte(view)))[:16]
	if strings.ContainsAny(view, `\/`) || strings.ToLower(view) != view {
		return []string{hashed}
	}
	return []string{hashed, view}
}

// readNewZones takes the zones that rndc addzone made into the model. named
// keeps them as text (.nzf) or in a database (.nzd), and their file statements
// hold paths like those of named.conf. What lies in the jail already is named's
// own and is left alone.
func (in *Install) readNewZones() {
	views := in.viewNames
	if len(views) == 0 {
		views = []string{""}
	}
	for _, view := range views {
		var set settings
		if v := in.views[view]; v != nil {
			set = *v
			set.inherit(&in.options, parser.OptionsBlock)
		} else {
			set = in.options
		}
		if !set.yes(addZonesSlot) && !set.has(catalogSlot) {
			continue
		}
		host, place := in.Directory, JailPath(WorkingDir)
		if set.has(newZonesSlot) {
			host, place = parser.Resolve(in.Directory, set.words[newZonesSlot]), inWritten(set.words[newZonesSlot])
		}
		for _, name := range viewFileNames(view) {
			in.readNewZoneFile(path.Join(host, name), place+JailPath("/"+name), view)
		}
	}
}

// readNewZoneFile reads one file of added zones: the database where there is
// one, because named reads the text only to fill it.
func (in *Install) readNewZoneFile(host string, place JailPath, view string) {
	suffix := ".nzd"
	if _, err := in.host.Stat(host + suffix); err != nil {
		suffix = ".nzf"
		if _, err := in.host.Stat(host + suffix); err != nil {
			return
		}
	}
	in.newZones[host+suffix] = true
	if in.opt.InJail != "" || suffix == ".nzd" && in.opt.Holds != nil && in.opt.Holds(place+".nzd") {
		return
	}
	text, name, err := "", host+suffix, error(nil)
	if suffix == ".nzf" {
		text, name, err = in.host.ReadFile(host + suffix)
	} else if in.opt.Database == nil {
		err = fmt.Errorf("it cannot be read here")
	} else {
		text, err = in.opt.Database(host + suffix)
	}
	if err != nil {
		in.diags.Add(parser.Diagnostic{Code: "NJ309", File: host + suffix, Message: "the zones that rndc addzone made cannot be read: " + err.Error(),
			Remedy: "The jailed named would not serve them. named-nzd2nzf, of BIND's utilities, has to read them: install it where it is missing, else run it by hand, as named's account, or restore the file."})
		return
	}
	r := parser.NewReader(oneText{host + suffix, name, text, in.host}, host+suffix, parser.Options{Version: in.opt.Defaults.Version})
	for s := r.Next(); s != nil; s = r.Next() {
		if s.Keyword() == "zone" {
			in.zone(s, view)
			in.paths(s)
		}
	}
	in.diags = append(in.diags, r.Diagnostics()...)
	for _, f := range r.Files() {
		in.Files = append(in.Files, f)
		in.configs[f.Path] = place + ".nzf"
		in.written[f.Path] = true
	}
}

// oneText is a source with a single file.
type oneText struct {
	path, name, text string
	host             Host
}

// ReadFile gives the one text. Errors: for any other path.
func (o oneText) ReadFile(p string) (string, string, error) {
	if p != o.path {
		return "", p, fmt.Errorf("added zones include nothing")
	}
	return o.text, o.name, nil
}

// Apart asks the host whether the text is to be cut somewhere else.
func (o oneText) Apart(p, text string) parser.Apart {
	if host, ok := o.host.(interface {
		Apart(path, text string) parser.Apart
	}); ok {
		return host.Apart(p, text)
	}
	return nil
}

// Glob matches nothing. Errors: never.
func (o oneText) Glob(string) ([]string, error) { return nil, nil }
