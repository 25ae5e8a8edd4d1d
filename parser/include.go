package parser

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
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

// literal takes their meaning from the glob characters of a directory.
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// include opens the files of an include statement. A relative name is
// relative to the working directory as of now, which a directory statement
// further up has set. Of several matches the last is read first: named pushes
// them all on a stack.
func (r *Reader) include(name Term, in Context) {
	if name.Value == "" {
		r.lost(name.Diagnostic("NJ109", "include with an empty name", "Name the file, or remove the statement."))
		return
	}
	full := name.Value
	if !path.IsAbs(full) {
		full = path.Join(r.cwd, full)
	}
	if len(full) > maxName {
		r.lost(name.Diagnostic("NJ109", fmt.Sprintf("include with a name of %d bytes, longer than any file's", len(full)), r.missingRemedy(name)))
		return
	}
	inc := Include{At: name, Pattern: name.Value, Directory: r.cwd}
	matches := []string{path.Clean(full)}
	if expandsGlobs(r.opt.Version) && HasGlob(name.Value) {
		inc.Glob = true
		pattern := full
		if !path.IsAbs(name.Value) {
			pattern = path.Join(literal.Replace(r.cwd), name.Value) // named is there, and matches the name only
		}
		var err error
		matches, err = r.src.Glob(pattern)
		if err == nil && len(matches) == 0 {
			err = errors.New("nothing matches")
		}
		if err != nil {
			r.lost(name.Diagnostic("NJ109", fmt.Sprintf("include %q: %s", full, reason(err)),
				"named refuses to start on it; make a file that matches, even an empty one, or remove the statement."))
			return
		}
	}
	parent := len(r.open) - 1
	for _, m := range matches {
		f := r.includeFile(m, parent, name, in == KeyBlock)
		if len(r.open) == 0 {
			return // a bound was passed
		}
		if f != nil {
			inc.Files = append(inc.Files, f)
			r.push(f, parent)
		}
	}
	slices.Reverse(inc.Files)
	r.includes = append(r.includes, inc)
}

// includeFile gives a file to include, nil where it may not be or cannot.
func (r *Reader) includeFile(p string, parent int, name Term, private bool) *File {
	r.opened++
	chain := 0
	for i := parent; i >= 0; i = r.open[i].parent {
		chain++
	}
	switch {
	case r.opened > maxIncludes:
		r.stop(name.Diagnostic("NJ113", fmt.Sprintf("more than %d include files", maxIncludes), "Join the files."))
		return nil
	case chain > maxChain:
		r.stop(name.Diagnostic("NJ113", fmt.Sprintf("more than %d files include each other", maxChain), "Join the files."))
		return nil
	}
	f, err := r.load(p, private)
	if err != nil {
		code, remedy := Code("NJ109"), "Is it the right file? named reads plain files only; correct the name."
		switch {
		case errors.Is(err, fs.ErrNotExist):
			remedy = r.missingRemedy(name)
			if HasGlob(p) && !expandsGlobs(r.opt.Version) {
				remedy = fmt.Sprintf("BIND %s takes '*' and '?' for letters of the name: name the files one by one; patterns came with 9.17.0.", r.opt.Version)
			}
		case errors.Is(err, fs.ErrPermission):
			code, remedy = "NJ115", "Run the command as root to have it looked into."
		}
		r.lost(name.Diagnostic(code, fmt.Sprintf("include file %q: %s", p, reason(err)), remedy))
		return nil
	}
	for i := parent; i >= 0; i = r.open[i].parent {
		if open := r.open[i].file; open == f || open.real == f.real {
			r.lost(name.Diagnostic("NJ110", fmt.Sprintf("include file %q includes itself", p),
				"Remove one of the include statements of the loop."))
			return nil
		}
	}
	if r.reading+len(f.Text) > maxReading {
		r.stop(name.Diagnostic("NJ113", fmt.Sprintf("the include files come to more than %s, each counted as often as it is included", inMega(maxReading)),
			"Include large files once only."))
		return nil
	}
	return f
}

// missingRemedy says where a relative name was looked for.
func (r *Reader) missingRemedy(name Term) string {
	if strings.HasPrefix(name.Value, "/") {
		return "Put the file there, or correct the name."
	}
	return fmt.Sprintf("A relative name is looked up in named's working directory, %s at this point; correct the name or write it whole.", r.cwd)
}

// lost reports an include file that is not read.
func (r *Reader) lost(d Diagnostic) {
	r.unread = true
	r.report(d)
}
