//go:build linux

package main

import (
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The packages of the tests have versions and a commit of their own, so that
// they are the same whether the tree has Git or not. The older one is what an
// upgrade starts from.
const (
	packageVersion = "0.1.0"
	olderVersion   = "0.1.0~git20260101000000"
	packageCommit  = "0123456789abcdef0123456789abcdef01234567"
)

var packages struct {
	once sync.Once
	dir  string
	err  error
}

// buildPackages builds deb and rpm, and an older deb, once for all tests. The
// result is the directory that has them.
func buildPackages(t *testing.T) string {
	t.Helper()
	packages.once.Do(func() {
		self, err := os.Executable() // beside this test program, as buildProduct
		if err != nil {
			packages.err = err
			return
		}
		packages.dir = self + "-packages"
		if packages.err = makePackages(".", packages.dir, olderVersion, nil, "deb"); packages.err == nil {
			packages.err = makePackages(".", packages.dir, packageVersion, nil, "deb", "rpm")
		}
	})
	if packages.err != nil {
		t.Fatal(packages.err)
	}
	return packages.dir
}

// makePackages runs make in a source tree. All that it makes lies below build.
func makePackages(source, build, version string, env []string, targets ...string) error {
	args := append([]string{"-s", "-C", source, "BUILD=" + build, "VERSION=" + version, "REVISION=" + packageCommit, "EPOCH=1767225600"}, targets...)
	cmd := exec.Command("make", args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make %q: %w\n%s", args, err, out)
	}
	return nil
}

// onePackage finds the package of a pattern.
func onePackage(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s in %s: %q, %v", pattern, dir, found, err)
	}
	return found[0]
}

const (
	debPattern = "named-jail_" + packageVersion + "-1_*.deb"
	rpmPattern = "named-jail-" + packageVersion + "-1.*.rpm"
)

// tool runs a tool of the system on a package and gives what it prints.
func tool(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

// packageFiles are files that both packages have, of each kind one.
var packageFiles = []string{
	"/usr/sbin/named-jail", "/usr/share/man/man8/named-jail.8.gz", "/usr/share/man/man8/named-jail-apply.8.gz",
	"/usr/share/bash-completion/completions/named-jail", "/usr/share/fish/vendor_completions.d/named-jail.fish",
	"/usr/share/doc/named-jail/README.md", "/usr/share/doc/named-jail/docs/service.md",
}

// exampleFiles are those of packaging/examples.sh, each with a line of it: how it
// starts the program that the package has, or that its own system would.
var exampleFiles = map[string]string{
	"debian/named-jail.conf": "ExecStart=/usr/sbin/named-jail run --named=/usr/sbin/named -t /var/named -f $OPTIONS",
	"redhat/named-jail.conf": "ExecStart=/usr/sbin/named-jail run --named=/usr/sbin/named -t /var/named -f -u named -c ${NAMEDCONF} $OPTIONS",
	"suse/named-jail.conf":   "ExecStart=/usr/sbin/named-jail run --named=/usr/sbin/named -t /var/named -f -u named $NAMED_ARGS",
	"arch/named-jail.conf":   "ExecStart=/usr/sbin/named-jail run --named=/usr/bin/named -t /var/named -f -u named",
	"alpine/named-jail":      `command="/usr/sbin/named-jail"`,
	"gentoo/named-jail":      `command="/usr/sbin/named-jail"`,
	"freebsd/named":          `procname="/usr/local/sbin/named"`,
	"openbsd/named_jail":     `daemon="/usr/local/sbin/named-jail"`,
	"netbsd/named":           `command="/usr/local/sbin/named-jail"`,
	"illumos/commands":       `svccfg -s svc:/network/dns/server:default setprop options/server = astring: "/usr/local/sbin/named-jail"`,

	"systemd/named-jail-audit.service": "ExecStart=/usr/sbin/named-jail audit -t /var/named",
	"systemd/named-jail-audit.timer":   "WantedBy=timers.target",
	"ansible/migrate.yml":              "    named_jail: /usr/sbin/named-jail",
}

// mayWrite are the only places that a package puts anything into: nothing is a
// configuration, a unit, or anything of named's.
var mayWrite = regexp.MustCompile(`^/usr/(sbin/named-jail$|share/(man/man8|doc/named-jail|licenses/named-jail|bash-completion/completions|zsh/(site-functions|vendor-completions)|fish/vendor_completions\.d|lintian/overrides)(/|$))`)

// wantPackaged looks at the list of a package's files.
func wantPackaged(t *testing.T, list []string, more ...string) {
	t.Helper()
	want := append(more, packageFiles...)
	for name := range exampleFiles {
		want = append(want, "/usr/share/doc/named-jail/examples/"+name)
	}
	for _, file := range want {
		if !slices.Contains(list, file) {
			t.Errorf("%s is missing in %q", file, list)
		}
	}
	for _, file := range list {
		if !mayWrite.MatchString(file) {
			t.Errorf("a package must not have %s", file)
		}
	}
}

// TestPackages: what the packages hold; a static program that knows its version
// and commit; no script that is executed; and the same bytes from another
// directory, umask and time zone.
func TestPackages(t *testing.T) {
	t.Parallel()
	dir := buildPackages(t)
	deb, rpm := onePackage(t, dir, debPattern), onePackage(t, dir, rpmPattern)

	root := t.TempDir()
	tool(t, "dpkg-deb", "--raw-extract", deb, root)
	control, err := os.ReadDir(filepath.Join(root, "DEBIAN"))
	must(t, err)
	for _, c := range control {
		if c.Name() != "control" && c.Name() != "md5sums" {
			t.Errorf("the deb has %s", c.Name())
		}
	}
	var list []string
	for line := range strings.Lines(tool(t, "dpkg-deb", "-c", deb)) {
		words := strings.Fields(line)
		if mode, path := words[0], strings.TrimPrefix(words[5], "."); mode[0] == '-' {
			list = append(list, path)
			if wanted := map[bool]string{true: "-rwxr-xr-x", false: "-rw-r--r--"}[path == "/usr/sbin/named-jail"]; mode != wanted {
				t.Errorf("%s has mode %s", path, mode)
			}
		}
	}
	wantPackaged(t, list, "/usr/share/doc/named-jail/copyright", "/usr/share/doc/named-jail/changelog.Debian.gz", "/usr/share/doc/named-jail/changelog.gz", "/usr/share/zsh/vendor-completions/_named-jail")
	wantProgram(t, filepath.Join(root, "usr/sbin/named-jail"))
	for name, line := range exampleFiles {
		text, err := os.ReadFile(filepath.Join(root, "usr/share/doc/named-jail/examples", name))
		must(t, err)
		if !slices.Contains(strings.Split(string(text), "\n"), line) {
			t.Errorf("the example %s has no line %s:\n%s", name, line, text)
		}
	}

	ask := func(words ...string) string { // rpm would make a database in the home directory
		return tool(t, append([]string{"rpm", "--dbpath", t.TempDir()}, append(words, rpm)...)...)
	}
	if scripts := ask("-qp", "--scripts", "--triggers"); scripts != "" {
		t.Errorf("the rpm has scripts:\n%s", scripts)
	}
	if needs := strings.Fields(ask("-qp", "--requires", "--configfiles")); len(needs) > 0 {
		t.Errorf("the rpm requires %q", needs)
	}
	wantPackaged(t, strings.Fields(ask("-qlp")), "/usr/share/doc/named-jail/CHANGELOG.md", "/usr/share/licenses/named-jail", "/usr/share/licenses/named-jail/LICENSE", "/usr/share/zsh/site-functions/_named-jail")
	ask("-K", "--nosignature")

	elsewhere := t.TempDir()
	for _, part := range []string{"Makefile", "README.md", "LICENSE", "go.mod", "go.sum", "main.go", "CHANGELOG.md", "SECURITY.md", "packaging", "examples", "docs", "parser", "rewrite", "zones", "launcher", "jail", "command"} {
		tool(t, "cp", "-R", part, elsewhere)
	}
	tool(t, "sh", "-c", `cd "$1" && find . -type d -name testdata -exec rm -r {} +; chmod -R go-rwx .`, "sh", elsewhere)
	build := filepath.Join(elsewhere, "build")
	script := filepath.Join(elsewhere, "tight")
	must(t, os.WriteFile(script, []byte("#!/bin/sh\numask 077\nexec sh \"$@\"\n"), 0o755))
	must(t, makePackages(elsewhere, build, packageVersion, []string{"TZ=Asia/Tokyo"}, "SHELL="+script, "deb", "rpm"))
	for _, file := range []string{deb, rpm} {
		first, err := os.ReadFile(file)
		must(t, err)
		second, err := os.ReadFile(filepath.Join(build, filepath.Base(file)))
		must(t, err)
		if sha256.Sum256(first) != sha256.Sum256(second) {
			t.Errorf("%s is not the same from a second build", filepath.Base(file))
		}
	}
}

// wantProgram looks at the program of a package: static, stripped, and it knows
// what it is.
func wantProgram(t *testing.T, file string) {
	t.Helper()
	program, err := elf.Open(file)
	must(t, err)
	defer program.Close()
	for _, part := range program.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("the program is not static: %v", part.Type)
		}
	}
	if program.Section(".symtab") != nil {
		t.Error("the program is not stripped")
	}
	if got := tool(t, file, "version"); !strings.HasPrefix(got, "named-jail "+packageVersion+" ("+packageCommit[:12]+") go1.") {
		t.Errorf("version says %s", got)
	}
	if got := tool(t, file, "version", "--json"); !strings.Contains(got, `"revision": "`+packageCommit+`"`) {
		t.Errorf("version --json says %s", got)
	}
}

// TestPackagesLint: lintian finds no error and no warning that is not overridden
// with a reason.
func TestPackagesLint(t *testing.T) {
	t.Parallel()
	deb := onePackage(t, buildPackages(t), debPattern)
	out, err := exec.Command("lintian", "--fail-on", "error,warning", "--allow-root", deb).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPackageVersion: the version comes from Git: that of a tag, else one that is
// older than the release; a tree that was changed says so.
func TestPackageVersion(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"packaging", "command"} {
		must(t, os.MkdirAll(filepath.Join(dir, part), 0o755))
	}
	tool(t, "cp", "packaging/version.sh", filepath.Join(dir, "packaging"))
	tool(t, "cp", "command/version.go", filepath.Join(dir, "command"))
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org", "GIT_COMMITTER_DATE=1767312000 +0900"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	want := func(version, revision, epoch string) {
		t.Helper()
		for word, want := range map[string]string{"version": version, "revision": revision, "epoch": epoch} {
			cmd := exec.Command("sh", filepath.Join(dir, "packaging/version.sh"), word)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TZ=Asia/Tokyo"}
			if out, err := cmd.Output(); err != nil || strings.TrimSpace(string(out)) != want {
				t.Errorf("%s is %s, want %s (%v)", word, out, want, err)
			}
		}
	}
	want("0.1.0", "", "")
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "x")
	commit := git("rev-parse", "HEAD")
	want("0.1.0~git20260102000000", commit, "1767312000")
	git("tag", "v0.1.0")
	want("0.1.0", commit, "1767312000")
	tool(t, "sh", "-c", `echo '// more' >>"$1"`, "sh", filepath.Join(dir, "command/version.go"))
	want("0.1.0~git20260102000000", commit+"-dirty", "1767312000")
	must(t, os.WriteFile(filepath.Join(dir, "packaging/release"), []byte("0.2.0 abc 1767312001\n"), 0o644))
	want("0.2.0", "abc", "1767312001")
}
