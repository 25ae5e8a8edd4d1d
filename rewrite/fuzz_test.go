package rewrite

import (
	"strings"
	"testing"

	"named-jail/parser"
)

// FuzzRewrite rewrites any configuration that is sound, with one include file:
// nothing but the paths changes, and the result, read in the jail, is rewritten
// to itself.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{article["/etc/named.conf"], "", "options { };", "options {\n};\n// end", "options { directory \"/d\"; include \"extra.conf\"; };",
		`zone "a" { type primary; file "x/db"; }; zone "b" { type primary; file "y/DB"; };`,
		`view "v" { zone "a" { type secondary; primaries { 192.0.2.1; }; file "a\"b"; }; };`,
		`logging { channel c { file "../l" versions 3; }; }; include "/etc/namedb/extra.conf";`,
		`options { pid-file none; key-directory "k"; dump-file "/var/x"; managed-keys-directory "m"; };`,
		`zone "a" { type primary; file "./d/../db.a"; allow-update { any; }; journal "j"; }; controls { unix "/run/c" perm 384 owner 0 group 0; };`,
		"options { session-keyfile \"s\"; directory \"a b\"; }; plugin query \"p.so\" { x };\r\n",
	} {
		f.Add(s, `zone "x" { type hint; file "h"; };`)
	}
	f.Add("# a long line that makes offsets larger than the include file has\ninclude \"/extra.conf\"; recursion yes; };", "options {")
	f.Fuzz(func(t *testing.T, conf, extra string) {
		host := files{"/etc/named.conf": conf, "/etc/namedb/extra.conf": extra, "/extra.conf": extra, "/d/extra.conf": extra}
		opt := Options{Defaults: debian}
		in, ds := Read(host, "/etc/named.conf", opt)
		out, more := in.Outputs()
		if ds.Errors()+more.Errors() > 0 {
			return
		}
		jailed := files{}
		for _, o := range out {
			jailed[string(o.Jail)] = o.Text()
		}
		if !onlyPaths(in, outline(conf), outline(jailed[string(ConfPath)])) {
			t.Fatalf("more than paths changed in\n%s\n%s", conf, jailed[string(ConfPath)])
		}
		opt.InJail = "/var/named"
		again, ds := Read(jailed, string(ConfPath), opt)
		out, more = again.Outputs()
		if n := ds.Errors() + more.Errors(); n > 0 {
			t.Fatalf("%s\nbecame\n%s\nwhich is not sound: %v %v", conf, jailed[string(ConfPath)], ds, more)
		}
		for _, o := range out {
			if text := o.Text(); text != jailed[string(o.Jail)] {
				t.Fatalf("%s\nbecame\n%s\nand then\n%s", conf, jailed[string(o.Jail)], text)
			}
		}
	})
}

// TestZoneFileIsRoot: a file name that leads to the root directory is no file,
// and has no base name.
func TestZoneFileIsRoot(t *testing.T) {
	for _, name := range []string{"/", "..", "./x/..", "//", "/.", "../../.."} {
		conf := "zone \"a\" {\n\ttype primary;\n\tfile \"" + name + "\";\n};"
		_, ds := Read(files{"/etc/named.conf": conf}, "/etc/named.conf", Options{Defaults: debian})
		if len(ds) != 1 || ds[0].Headline() != `/etc/named.conf:3:7: error: the file of zone "a" is the root directory [NJ401]` {
			t.Errorf("%s: %v", name, ds)
		}
	}
}

// onlyPaths tells whether two outlines are the same but for a directory
// statement that was put in where there was none.
func onlyPaths(in *Install, old, now string) bool {
	if old == now {
		return true
	}
	if in.hasDir {
		return false
	}
	for _, put := range []struct{ text, instead string }{
		{"options { directory ; };\r\n", ""}, {"options { directory ; };\n", ""},
		{"{ directory ;", "{"}, {"{\n\tdirectory ;", "{"}, {"{\r\n\tdirectory ;", "{"},
	} {
		for i := 0; i+len(put.text) <= len(now); i++ {
			if strings.HasPrefix(now[i:], put.text) && now[:i]+put.instead+now[i+len(put.text):] == old {
				return true
			}
		}
	}
	return false
}

// outline gives the text of a configuration without its strings.
func outline(text string) string {
	c, _ := parser.Parse("/n.conf", []byte(text))
	var b strings.Builder
	at := 0
	var walk func(list []parser.Term)
	walk = func(list []parser.Term) {
		for i := range list {
			switch x := &list[i]; x.Kind {
			case parser.StringTerm:
				b.WriteString(text[at:x.Start])
				at = int(x.End)
			case parser.BlockTerm:
				for j := range x.Block.Statements {
					walk(x.Block.Statements[j].Terms)
				}
			}
		}
	}
	for _, s := range c.Statements {
		walk(s.Terms)
	}
	return b.String() + text[at:]
}
