//go:build linux

package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The commands of the pages are run as they stand there. Mental model: a block
// of commands (```sh) is one step. A block ```text behind it is what the step
// prints: each of its lines stands in the output, in this order; a line "..."
// leaves lines out, and "..." at the end of a line leaves out its end. A comment
// before a block says what else to know:
//
//	<!-- test: status N -->       the exit status of the step
//	<!-- test: by hand: WHY -->   the step is not run
//	<!-- test: tree NAME -->      the steps from here on are for testdata/migrating/NAME.txtar
//
//go:embed docs/*.md testdata/migrating/*.txtar
var pageFiles embed.FS

// step is a block of commands of a page.
type step struct {
	at     string // PAGE:LINE
	script string
	status int
	byHand bool
	tree   string // a new tree begins with this step
	shows  []string
}

// pageSteps reads the steps of a page.
func pageSteps(t *testing.T, page string) []step {
	t.Helper()
	text, err := pageFiles.ReadFile("docs/" + page)
	must(t, err)
	var steps []step
	var next step
	block := ""
	for i, line := range strings.Split(string(text), "\n") {
		mark, isMark := strings.CutPrefix(strings.TrimSuffix(line, " -->"), "<!-- test: ")
		switch {
		case block != "" && line == "```":
			if block == "sh" {
				steps = append(steps, next)
				next = step{}
			}
			block = ""
		case block == "sh":
			next.script += line + "\n"
		case block == "text" && len(steps) > 0:
			last := &steps[len(steps)-1]
			last.shows = append(last.shows, line)
		case strings.HasPrefix(line, "```"):
			if block = strings.TrimPrefix(line, "```"); block == "" {
				block = "other"
			}
			if block == "sh" {
				next.at = fmt.Sprintf("docs/%s:%d", page, i+2)
			}
		case isMark:
			word, rest, _ := strings.Cut(mark, " ")
			switch word {
			case "status":
				next.status, err = strconv.Atoi(rest)
				must(t, err)
			case "by":
				next.byHand = true
			case "tree":
				next.tree = rest
			default:
				t.Fatalf("docs/%s:%d: what is %q?", page, i+1, mark)
			}
		}
	}
	if block != "" || len(steps) == 0 {
		t.Fatalf("docs/%s: %d steps, and the block %q has no end", page, len(steps), block)
	}
	return steps
}

// wantShown fails the test when a step printed something else than its page says.
func (s step) wantShown(t *testing.T, out string) {
	t.Helper()
	lines := strings.Split(out, "\n")
	free := true // any number of lines may come first
	for _, want := range s.shows {
		if want == "..." {
			free = true
			continue
		}
		start, cut := strings.CutSuffix(want, "...")
		at := slices.IndexFunc(lines, func(l string) bool { return l == want || cut && strings.HasPrefix(l, start) })
		if at < 0 || at > 0 && !free {
			t.Errorf("%s: the page shows the line\n%s\nand what is printed is\n%s", s.at, want, out)
			return
		}
		lines, free = lines[at+1:], false
	}
}

// pageTree is a system below a directory, and what a page's commands need of it.
type pageTree struct {
	t     *testing.T
	root  string
	named string
}

// unpackTree makes the system testdata/migrating/NAME.txtar. Lines of its head say
// what a file cannot say; those of fixtures (dir, own, link), and
//
//	like NAME                           everything of another one, first
//	named PATH RELEASE SYSCONFDIR LOCALSTATEDIR    a program that tells this when it is asked
//	account NAME ID                     a system account with a group of the same name
//	zone PATH OWNER                     a small zone file
func unpackTree(t *testing.T, name string) pageTree {
	t.Helper()
	p := pageTree{t: t, root: t.TempDir()}
	must(t, os.Chmod(p.root, 0o755))
	for path, text := range map[string]string{"etc/passwd": "root:*:0:0:root:/root:/bin/sh\n", "etc/group": "root:*:0:\nwheel:*:0:\ndaemon:*:1:\n"} {
		writeFile(t, filepath.Join(p.root, path), text)
	}
	must(t, os.MkdirAll(filepath.Join(p.root, "dev"), 0o755))
	must(t, os.MkdirAll(filepath.Join(p.root, "var/lib"), 0o755))
	must(t, unix.Mknod(filepath.Join(p.root, "dev/null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))))
	p.add(name)
	own := filepath.Join(p.root, "usr/local/sbin/named-jail")
	writeFile(t, own, "")
	must(t, os.Chmod(own, 0o755))
	return p
}

func (p *pageTree) at(path string) string { return filepath.Join(p.root, path) }

func (p *pageTree) add(name string) {
	p.t.Helper()
	text, err := pageFiles.ReadFile("testdata/migrating/" + name + ".txtar")
	must(p.t, err)
	head, files := splitArchive(string(text))
	var lines [][]string
	for line := range strings.Lines(head) {
		words := strings.Fields(line)
		if len(words) == 2 && words[0] == "like" {
			p.add(words[1])
		} else if len(words) > 2 {
			lines = append(lines, words)
		}
	}
	for _, f := range files {
		writeFile(p.t, p.at(f.path), f.text)
	}
	for _, w := range lines {
		switch w[0] {
		case "named":
			p.named = p.at(w[1])
			writeFile(p.t, p.named, standInNamed(w[2], w[3], w[4]))
			must(p.t, os.Chmod(p.named, 0o755))
		case "account":
			p.append("etc/passwd", fmt.Sprintf("%s:*:%s:%s::/nonexistent:/usr/sbin/nologin\n", w[1], w[2], w[2]))
			p.append("etc/group", fmt.Sprintf("%s:*:%s:\n", w[1], w[2]))
		case "zone":
			writeFile(p.t, p.at(w[1]), pageZone)
			p.own(w[1], "0644", w[2])
		case "dir":
			must(p.t, os.MkdirAll(p.at(w[1]), 0o755))
			p.own(w[1], w[2], w[3])
		case "own":
			p.own(w[1], w[2], w[3])
		case "link":
			must(p.t, os.MkdirAll(filepath.Dir(p.at(w[1])), 0o755))
			must(p.t, os.Symlink(w[2], p.at(w[1])))
		}
	}
}

// pageZone is a zone file, of any zone.
const pageZone = "$TTL 300\n@ SOA ns hostmaster 1 60 60 86400 60\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.30\n"

// standInNamed tells a release and the directories that named was built with.
func standInNamed(release, sysconf, state string) string {
	return fmt.Sprintf("#!/bin/sh\ncase $1 in\n-v) echo 'BIND %[1]s <id:0>' ;;\n-V) echo 'BIND %[1]s <id:0>\nbuilt by make with '\\''--sysconfdir=%[2]s'\\'' '\\''--localstatedir=%[3]s'\\''' ;;\n*) exit 1 ;;\nesac\n", release, sysconf, state)
}

func (p *pageTree) append(path, text string) {
	p.t.Helper()
	old, err := os.ReadFile(p.at(path))
	must(p.t, err)
	must(p.t, os.WriteFile(p.at(path), append(old, text...), 0o644))
}

// own sets mode and owner, by the accounts of the tree.
func (p *pageTree) own(path, mode, owner string) {
	p.t.Helper()
	user, group, _ := strings.Cut(owner, ":")
	bits, err := strconv.ParseUint(mode, 8, 16)
	must(p.t, err)
	must(p.t, os.Chown(p.at(path), p.id("etc/passwd", user), p.id("etc/group", group)))
	must(p.t, unix.Chmod(p.at(path), uint32(bits)))
}

func (p *pageTree) id(file, name string) int {
	p.t.Helper()
	text, err := os.ReadFile(p.at(file))
	must(p.t, err)
	m := regexp.MustCompile(`(?m)^` + name + `:[^:]*:(\d+):`).FindSubmatch(text)
	if m == nil {
		p.t.Fatalf("/%s has no %s", file, name)
	}
	id, _ := strconv.Atoi(string(m[1]))
	return id
}

// migratingPages are the pages of the systems that cannot be had here: of their
// commands those of named-jail are tried on the files of the distribution, below
// a directory. The words are the other commands that a page may use.
var migratingPages = []struct{ page, tree, words string }{
	{"migrating-redhat.md", "redhat", "dnf systemctl semanage restorecon ps journalctl rndc dig rpm"},
	{"migrating-suse.md", "suse", "zypper systemctl apparmor_parser journalctl rndc dig sed rcapparmor"},
	{"migrating-arch.md", "arch", "pacman systemctl journalctl rndc dig"},
	{"migrating-alpine.md", "alpine", "apk rc-service rndc dig"},
	{"migrating-gentoo.md", "gentoo", "emerge rc-service rndc dig sed"},
	{"migrating-freebsd.md", "freebsd", "pkg service sysrc rndc dig"},
	{"migrating-openbsd.md", "openbsd", "pkg_add rndc dig"},
}

// treeTools are the commands of which something is left in files that named-jail
// looks at.
var treeTools = map[string]func(p *pageTree, words []string){
	"rm":    func(p *pageTree, words []string) { must(p.t, os.Remove(p.at(words[0]))) },
	"mkdir": func(p *pageTree, words []string) { must(p.t, os.Mkdir(p.at(words[len(words)-1]), 0o755)) },
	"rc-update": func(p *pageTree, words []string) {
		link := p.at("etc/runlevels/default/" + words[1])
		if words[0] == "del" {
			must(p.t, os.Remove(link))
			return
		}
		must(p.t, os.Symlink("/etc/init.d/"+words[1], link))
	},
	"rcctl": func(p *pageTree, words []string) {
		old, err := os.ReadFile(p.at("etc/rc.conf.local"))
		must(p.t, err)
		scripts := strings.Fields(strings.TrimPrefix(strings.TrimSpace(string(old)), "pkg_scripts="))
		switch words[0] {
		case "enable":
			scripts = append(scripts, words[1])
		case "disable":
			scripts = slices.DeleteFunc(scripts, func(s string) bool { return s == words[1] })
		}
		writeFile(p.t, p.at("etc/rc.conf.local"), "pkg_scripts="+strings.Join(scripts, " ")+"\n")
	},
}

// rooted are the commands that work on a tree.
var rooted = map[string]bool{"check": true, "plan": true, "apply": true, "rollback": true, "audit": true, "history": true, "service": true, "rewrite": true}

// TestMigratingPages tries the commands of the pages of systems that cannot be had
// here. A page says how it was tried.
func TestMigratingPages(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: jails are built")
	}
	program := buildProduct(t)
	for _, m := range migratingPages {
		t.Run(strings.TrimSuffix(m.page, ".md"), func(t *testing.T) {
			text, err := pageFiles.ReadFile("docs/" + m.page)
			must(t, err)
			if !strings.Contains(string(text), "has not been run on the system itself") {
				t.Error("the page does not say that it was only tried below a directory")
			}
			tree := unpackTree(t, m.tree)
			ran := 0
			for _, s := range pageSteps(t, m.page) {
				if s.tree != "" {
					tree = unpackTree(t, s.tree)
				}
				if s.byHand {
					continue
				}
				out, status := "", 0
				for line := range strings.Lines(s.script) {
					line, _, _ = strings.Cut(line, " #")
					words := strings.Fields(line)
					switch {
					case len(words) == 0:
						continue
					case words[0] == "named-jail" && len(words) > 1 && rooted[words[1]]:
						r := tree.run(program, words[1:])
						out, status = out+r.out+r.err, r.status
						ran++
					case words[0] == "named-jail":
					case treeTools[words[0]] != nil:
						treeTools[words[0]](&tree, words[1:])
					case !slices.Contains(strings.Fields(m.words), words[0]):
						t.Errorf("%s: the test does not know %q", s.at, words[0])
					}
					if status != s.status {
						t.Fatalf("%s: %sstatus %d, the page wants %d\n%s", s.at, line, status, s.status, out)
					}
				}
				s.wantShown(t, out)
			}
			if ran < 5 {
				t.Errorf("only %d commands were tried", ran)
			}
		})
	}
}

// run runs a command of the page on the tree, and says what it prints as on the
// system itself.
func (p *pageTree) run(program string, words []string) result {
	p.t.Helper()
	p.t.Setenv("NAMED_JAIL_NAMED", p.named)
	p.t.Setenv("LC_ALL", "C.UTF-8")
	p.t.Setenv("NO_COLOR", "1")
	r := run(p.t, slices.Concat([]string{program, words[0], "--root", p.root}, words[1:])...)
	onHost := strings.NewReplacer(" --root "+p.root, "", p.root, "")
	r.out, r.err = onHost.Replace(r.out), onHost.Replace(r.err)
	return r
}
