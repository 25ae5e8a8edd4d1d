package parser

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// expandsGlobs tells whether named expands glob characters in include: since
// 9.17.0 and so 9.18; before that '*' was a letter like any other.
//
// Source: BIND commit 9b4e28e1.
func expandsGlobs(v Version) bool {
	return !v.Known() || v.AtLeast(9, 17, 0)
}

// HasGlob tells whether a pattern has a character that glob(3) does not take
// for itself.
func HasGlob(pattern string) bool { return strings.ContainsAny(pattern, `*?[\`) }

// include opens the files of an include statement. A relative name is
// relative to the working directory as of now, which a directory statement
// further up has set. Of several matches the last is read first: named pushes
// them all on a stack.
func (r *Reader) include(name Term) {
	full := name.Value
	if !path.IsAbs(full) {
		full = path.Join(r.cwd, full)
	}
	parent := len(r.open) - 1
	inc := Include{At: name, Pattern: name.Value, Directory: r.cwd}
	matches := []string{path.Clean(full)}
	if expandsGlobs(r.opt.Version) && HasGlob(full) {
		inc.Glob = true
		var err error
		matches, err = r.src.Glob(full)
		if err == nil && len(matches) == 0 {
			err = fmt.Errorf("nothing matches")
		}
		if err != nil {
			r.diags.Add(name.Diagnostic("NJ109", fmt.Sprintf("include %q: %s", full, reason(err)),
				"named refuses to start on it; make a file that matches, even an empty one, or remove the statement."))
			return
		}
	}
	if name.Value == "" {
		r.diags.Add(name.Diagnostic("NJ109", "include with an empty name", "Name the file, or remove the statement."))
		return
	}
	if len(r.includes) >= maxIncludes {
		r.diags.Add(name.Diagnostic("NJ113", fmt.Sprintf("more than %d include statements", maxIncludes), "Join the files."))
		r.open = nil
		return
	}
	for _, m := range matches {
		if !r.mayOpen(m, parent, name) {
			return
		}
		f, err := r.load(m)
		if err != nil {
			code, remedy := Code("NJ109"), r.missingRemedy(name)
			if errors.Is(err, fs.ErrPermission) {
				code, remedy = "NJ115", "Run the command as root to have it looked into."
			}
			r.diags.Add(name.Diagnostic(code, fmt.Sprintf("include file %q: %s", m, reason(err)), remedy))
			continue
		}
		inc.Files = append([]*File{f}, inc.Files...)
		r.push(f, parent)
	}
	r.includes = append(r.includes, inc)
}

// missingRemedy says where a relative name was looked for.
func (r *Reader) missingRemedy(name Term) string {
	if strings.HasPrefix(name.Value, "/") {
		return "Put the file there, or correct the name."
	}
	return fmt.Sprintf("A relative name is looked up in named's working directory, %s at this point; correct the name or write it whole.", r.cwd)
}

// mayOpen refuses loops and chains that are too long.
func (r *Reader) mayOpen(p string, parent int, name Term) bool {
	chain := 0
	for i := parent; i >= 0; i = r.open[i].parent {
		chain++
		if r.open[i].file.Path == p {
			r.diags.Add(name.Diagnostic("NJ110", fmt.Sprintf("include file %q includes itself", p),
				"Remove one of the include statements of the loop."))
			return false
		}
	}
	if chain > maxChain {
		r.diags.Add(name.Diagnostic("NJ113", fmt.Sprintf("more than %d files include each other", maxChain), "Join the files."))
		return false
	}
	return true
}
