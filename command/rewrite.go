package command

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/google/renameio/v2"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// rewriteConfig prints the jailed configuration, or writes it below a
// directory; it touches nothing else.
func rewriteConfig(ctx context.Context, f flags) error {
	p := newPrinter(f)
	sys, err := open(ctx, f)
	if err != nil {
		return err
	}
	defer sys.close()
	var names map[string]rewrite.JailPath
	if sys.tree != nil {
		if store, err := jail.OpenStore(sys.host, sys.jail, false); err == nil {
			names = store.Manifest().Names
			store.Close()
		}
	}
	sys.account, _ = jail.FindAccount(sys.host, sys.host.Root(), sys.user) // to read added zones as
	v := sys.readConfig(names)
	outputs, ds := v.install.Outputs()
	all := append(append(append(parser.Diagnostics{}, sys.diags...), v.ds...), ds...)
	p.findings(all)
	if err := failed(all); err != nil {
		return err
	}
	if f.out != "" {
		return writeBelow(p, f.out, outputs)
	}
	for i, o := range outputs {
		if len(outputs) > 1 {
			if i > 0 {
				fmt.Fprintln(p.out)
			}
			fmt.Fprintf(p.out, "// ==> %s <==\n", parser.Printable(string(o.Jail)))
		}
		if err := p.text(o); err != nil {
			return err
		}
	}
	return nil
}

// text prints a file as it is; on a terminal without what one would act on. Errors:
// those of standard output.
func (p printer) text(o rewrite.Output) error {
	if p.screen.width == 0 {
		_, err := o.WriteTo(p.out)
		return err
	}
	for line := range strings.Lines(o.Text()) {
		line, ended := strings.CutSuffix(line, "\n")
		line = printableTabs(strings.TrimSuffix(line, "\r"))
		if ended {
			line += "\n"
		}
		if _, err := io.WriteString(p.out, line); err != nil {
			return err
		}
	}
	return nil
}

// writeBelow writes the files below a directory by their paths in the jail. No
// file is more readable than its original.
func writeBelow(p printer, dir string, outputs []rewrite.Output) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return told(p, parser.Diagnostics{{Code: "NJ509", File: dir, Message: "the directory cannot be made: " + plainText(err)}})
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return told(p, parser.Diagnostics{{Code: "NJ509", File: dir, Message: "the directory cannot be used: " + plainText(err)}})
	}
	defer root.Close()
	for _, o := range outputs {
		name := strings.TrimPrefix(string(o.Jail), "/")
		if err := writeOne(root, name, o); err != nil {
			return told(p, parser.Diagnostics{{Code: "NJ509", File: path.Join(dir, name), Message: "the file cannot be written: " + plainText(err)}})
		}
		p.say("%s", parser.Printable(path.Join(dir, name)))
	}
	return nil
}

func writeOne(root *os.Root, name string, o rewrite.Output) error {
	parent := path.Dir(name)
	if err := root.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	in, err := root.OpenRoot(parent)
	if err != nil {
		return err
	}
	defer in.Close()
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(o.File.Name); err != nil {
		mode = 0o600
	} else {
		mode &= info.Mode().Perm()
	}
	t, err := renameio.NewPendingFile(path.Base(name), renameio.WithRoot(in), renameio.WithStaticPermissions(mode))
	if err != nil {
		return err
	}
	defer t.Cleanup()
	if _, err := o.WriteTo(t); err != nil {
		return err
	}
	return t.CloseAtomicallyReplace()
}
