package parser

import (
	"fmt"
	"strings"
	"testing"
)

// apartTree is a tree whose files are cut by answers, as a process without rights does.
type apartTree struct {
	tree
	of   func(text string, asked []byte) ([]byte, error)
	only string // the one file; "": all
}

func (a apartTree) Apart(p, text string) Apart {
	if a.only != "" && p != a.only {
		return nil
	}
	return answering{a, text}
}

type answering struct {
	a    apartTree
	text string
}

func (x answering) Ask(asked []byte) ([]byte, error) { return x.a.of(x.text, asked) }

// dump writes down all that a configuration and its findings say.
func dump(c *Config, ds Diagnostics) string {
	var b strings.Builder
	var walk func(list []Term)
	walk = func(list []Term) {
		for i := range list {
			t := &list[i]
			fmt.Fprintf(&b, "%s %d %d %d %q\n", t.File.Path, t.Start, t.End, t.Kind, t.Value)
			if t.Block != nil {
				fmt.Fprintf(&b, "{ %d %v %q\n", t.Block.Context, t.Block.Raw, t.Block.Text)
				for j := range t.Block.Statements {
					s := &t.Block.Statements[j]
					fmt.Fprintf(&b, "%v %v %v\n", s.Def, s.CutOff, s.Whole().End)
					walk(s.Terms)
				}
				b.WriteString("}\n")
			}
		}
	}
	for _, s := range c.Statements {
		fmt.Fprintf(&b, "%v %v %v %v\n", s.Def != nil, s.CutOff, s.Whole().Start, s.Whole().End)
		walk(s.Terms)
	}
	for _, f := range c.Files {
		fmt.Fprintf(&b, "%s %d %v %q %q\n", f.Path, f.Index, f.secrets(), f.secretWords(), f.Hide(f.Text))
	}
	for _, in := range c.Includes {
		fmt.Fprintf(&b, "%s %s %d\n", in.Pattern, in.Directory, len(in.Files))
	}
	fmt.Fprintf(&b, "%s\n", c.Directory)
	for _, d := range ds {
		fmt.Fprintf(&b, "%+v\n", d)
	}
	return b.String()
}

// sameApart compares a configuration that is cut here with one that is cut by answers.
func sameApart(t *testing.T, src tree, only string, v Version) {
	t.Helper()
	want := dump(Load(src, "/n.conf", Options{Version: v}))
	if got := dump(Load(apartTree{src, Answer, only}, "/n.conf", Options{Version: v})); got != want {
		a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("%q differs at line %d:\nhere  %s\napart %s", src["/n.conf"], i, a[i], strings.Join(b[i:min(i+1, len(b))], ""))
			}
		}
		t.Fatalf("%q: more apart: %q", src["/n.conf"], b[len(a):])
	}
}

// TestApartIsTheSame: tree, places, findings, secrets and include files are those of the
// reader itself, over the whole corpus, each text as it is, cut off, damaged, and as an
// include file between two others.
func TestApartIsTheSame(t *testing.T) {
	texts := append([]string(nil), seeds...)
	for _, f := range confCorpus(t) {
		texts = append(texts, string(f.Data))
	}
	texts = append(texts, strings.Repeat("zone a { type hint; file \"x\"; }; /* c */ dyndb \"a\" \"b\" { { \\} } };\n", 3000))
	for i, text := range texts {
		v := fuzzVersions[i%len(fuzzVersions)]
		sameApart(t, tree{"/n.conf": text, "/x": "recursion no;"}, "", v)
		sameApart(t, tree{"/n.conf": text[:len(text)*(i%10)/10]}, "", v)
		if len(text) < 10000 {
			sameApart(t, tree{"/n.conf": strings.Replace(text, ";", "", 1)}, "", v)
			sameApart(t, tree{"/n.conf": strings.Replace(text, "}", "\x00", 1)}, "", v)
			sameApart(t, tree{"/n.conf": "options {\ninclude \"/a\";\n};\nkey k { include \"/a\"; };\n", "/a": text}, "/a", v)
		}
	}
}

// TestApartFails: where a process dies or lies, the file is named, nothing behind it is
// read, and nothing of it is shown.
func TestApartFails(t *testing.T) {
	text := "options { recursion maybe; };\nkey k { secret \"TOPSECRET\"; };\n"
	lies := map[string]func(b []byte) ([]byte, error){
		"dies":            func([]byte) ([]byte, error) { return nil, fmt.Errorf("it ended with status 1") },
		"says nothing":    func([]byte) ([]byte, error) { return nil, nil },
		"less":            func(b []byte) ([]byte, error) { return b[:len(b)/2&^1], nil },
		"half":            func(b []byte) ([]byte, error) { return b[:len(b)-1], nil },
		"more":            func(b []byte) ([]byte, error) { return append(b, b...), nil },
		"another kind":    func(b []byte) ([]byte, error) { return append([]byte{byte(tokString)}, b[1:]...), nil },
		"no kind":         func(b []byte) ([]byte, error) { return append([]byte{77}, b[1:]...), nil },
		"a raw block":     func(b []byte) ([]byte, error) { return append([]byte{byte(tokRaw)}, b[1:]...), nil },
		"nothing in it":   func(b []byte) ([]byte, error) { return append([]byte{b[0], 0}, b[2:]...), nil },
		"beyond the text": func(b []byte) ([]byte, error) { return []byte{byte(tokWord), 0xff, 0xff, 0x7f}, nil },
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			src := apartTree{tree{"/n.conf": "include \"/a\"; bogus;", "/a": text}, func(text string, asked []byte) ([]byte, error) {
				b, err := Answer(text, asked)
				if err != nil {
					t.Fatal(err)
				}
				return lie(b)
			}, "/a"}
			c, ds := Load(src, "/n.conf", Options{})
			found := false
			for _, d := range ds {
				found = found || d.Code == "NJ449" && d.File == "/a" && d.Severity == Error
				if strings.Contains(fmt.Sprint(d), "TOPSECRET") || strings.Contains(d.Message, "bogus") {
					t.Errorf("%+v", d)
				}
			}
			if !found || len(c.Statements) > 1 {
				t.Errorf("%v, %d statements", ds, len(c.Statements))
			}
		})
	}
}

// FuzzApart cuts any text by answers and here.
func FuzzApart(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, byte(i))
	}
	f.Fuzz(func(t *testing.T, text string, release byte) {
		sameApart(t, tree{"/n.conf": text, "/x": "recursion no;"}, "", fuzzVersions[int(release)%len(fuzzVersions)])
	})
}

// FuzzApartLies lets any bytes be the answers: what comes of it is sound.
func FuzzApartLies(f *testing.F) {
	for _, s := range seeds {
		b, _ := Answer(s, question(askTokens, 0, len(s), manyTokens))
		f.Add(s, b, byte(3))
	}
	f.Fuzz(func(t *testing.T, text string, told []byte, part byte) {
		src := apartTree{tree{"/n.conf": text}, func(text string, asked []byte) ([]byte, error) {
			n := min(int(part), len(told))
			b := told[:n]
			if told = told[n:]; n == 0 || b[0]%4 == 3 {
				return Answer(text, asked)
			}
			return b, nil
		}, ""}
		c, ds := Load(src, "/n.conf", Options{})
		sound(t, c, ds)
		for _, file := range c.Files {
			file.Hide(text)
		}
	})
}

// FuzzApartQuestions: a process that is asked anything answers, or refuses.
func FuzzApartQuestions(f *testing.F) {
	f.Add("options { };", question(askTokens, 0, 12, 64))
	f.Add("{ x }", question(askRaw, 1, 5, 0))
	f.Add("secret x;", question(askSecrets, 0, 9, 0))
	f.Fuzz(func(t *testing.T, text string, asked []byte) {
		if b, err := Answer(text, asked); err == nil && len(b) > 11*manyTokens && len(b) > 2*len(text) {
			t.Errorf("%d bytes", len(b))
		}
	})
}
