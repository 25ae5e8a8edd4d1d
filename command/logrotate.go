package command

import (
	"fmt"
	"path"
	"strings"

	"named-jail/parser"
)

// logrotateFiles are where logrotate(8) is told what to rotate.
const (
	logrotateConf = "/etc/logrotate.conf"
	logrotateDir  = "/etc/logrotate.d"
)

// logrotate warns where logrotate rotates a log of named by its old place: a
// symbolic link stands there now, and logrotate passes over links.
func (w *walk) logrotate() parser.Diagnostics {
	var ds parser.Diagnostics
	files := []string{logrotateConf}
	names, _ := w.host.ReadDir(logrotateDir)
	for _, name := range names {
		files = append(files, path.Join(logrotateDir, name))
	}
	texts := map[string]string{}
	for _, f := range files {
		if text, err := w.host.ReadText(f); err == nil {
			texts[f] = text
		}
	}
	for _, p := range w.install.Paths {
		if p.Keyword != "file" || w.inJail != "" {
			continue
		}
		inJail := w.tree.HostPath(p.Jail)
		for _, f := range files {
			line := rotates(texts[f], p.Host)
			if line == 0 {
				continue
			}
			ds.Add(parser.Diagnostic{Code: "NJ513", File: w.host.OSPath(f), Line: line, Column: 1,
				Message: fmt.Sprintf("logrotate rotates %s, which becomes a link into the jail, and it passes over links", p.Host),
				Remedy:  fmt.Sprintf("Name %s there, with the line: su %s %s", inJail, w.account.Name, w.account.Group)})
			break
		}
	}
	return ds
}

// rotates gives the line of a logrotate configuration that names a file, by its
// path or by a pattern; 0 when none does.
func rotates(text, file string) int {
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(strings.ReplaceAll(line, "{", " ")) {
			word = strings.Trim(word, `"'`)
			if !path.IsAbs(word) {
				continue
			}
			if ok, err := path.Match(word, file); err == nil && ok {
				return i + 1
			}
		}
	}
	return 0
}
