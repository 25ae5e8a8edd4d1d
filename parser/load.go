package parser

import (
	"path"
	"sync"
)

// Config is a whole configuration: its files in the order in which they were
// first opened, its include statements, and the tree of its statements with
// the include files spliced in.
type Config struct {
	Files      []*File
	Includes   []Include
	Statements []*Statement
	Directory  string  // named's working directory at the end
	Version    Version // the named that it was read for, as Options has it

	once sync.Once
	walk walk // made when first asked for
}

// Load reads and checks a configuration. The Config is never nil, whatever the
// input; what is wrong with it is in the Diagnostics.
func Load(src Source, conf string, opt Options) (*Config, Diagnostics) {
	r := NewReader(src, conf, opt)
	c := &Config{Version: opt.Version}
	check := NewChecker(opt.Version)
	for chunk := r.Chunk(); len(chunk) > 0; chunk = r.Chunk() {
		for _, s := range chunk {
			check.Statement(s)
		}
		c.Statements = append(c.Statements, chunk...)
		if check.Diagnostics().Errors() >= MaxFindings {
			r.Stop()
		}
	}
	check.End(r.Partial())
	c.Files, c.Includes, c.Directory = r.Files(), r.Includes(), r.Directory()
	ds := append(r.Diagnostics(), check.Diagnostics()...)
	ds.Sort()
	return c, ds
}

// Parse reads one text that stands alone: its include statements stay
// statements, nothing is opened. name is what messages call it. For a release
// of one's own choice, or include files, use Load.
func Parse(name string, text []byte) (*Config, Diagnostics) {
	c, ds := Load(single{name, string(text)}, name, Options{})
	c.Files = c.Files[:1]
	for i := range c.Includes {
		c.Includes[i].Files = nil
	}
	return c, ds
}

// single is a Source with one file, in which includes match nothing to read.
type single struct {
	name string
	text string
}

// ReadFile gives the one text, and an empty one for everything else.
func (s single) ReadFile(p string) (string, string, error) {
	if p == path.Clean(s.name) {
		return s.text, s.name, nil
	}
	return "", p, nil
}

// Glob answers that each pattern matches itself.
func (s single) Glob(pattern string) ([]string, error) { return []string{pattern}, nil }
