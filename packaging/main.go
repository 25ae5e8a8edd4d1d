// Command packaging makes one package of what `make install` has put below a
// directory. The Makefile calls it, for `make deb rpm`; nfpm.yaml says what the
// package says of itself.
//
// Every time in a package is that of the commit, and every mode is that of the
// Makefile, so that two builds of a commit are the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/goreleaser/chglog"
	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// A place says what becomes of the installed files whose path begins with from,
// where a kind of package wants something else than `make install` does. to is ""
// where they keep their path and "-" where they are left out; what is the type
// that nfpm gives them.
type place struct{ kind, from, to, what string }

// places is the table; the first row that fits counts.
//
// Source: Debian Policy 12.5 and 12.7, zsh's package of Debian (fpath); the packaging
// guidelines of Fedora (Documentation, License).
var places = []place{
	{"deb", "/usr/share/doc/named-jail/LICENSE", "-", ""}, // copyright has it
	{"deb", "/usr/share/doc/named-jail/CHANGELOG.md", "-", ""},
	{"deb", "/usr/share/zsh/site-functions/", "/usr/share/zsh/vendor-completions/", files.TypeFile},
	{"deb", "/", "", files.TypeFile},
	{"rpm", "/usr/share/doc/named-jail/LICENSE", "/usr/share/licenses/named-jail/LICENSE", files.TypeRPMLicense},
	{"rpm", "/usr/share/doc/named-jail/changelog.gz", "-", ""},
	{"rpm", "/usr/share/doc/", "", files.TypeRPMDoc},
	{"rpm", "/usr/share/man/", "", files.TypeRPMDoc},
	{"rpm", "/", "", files.TypeFile},
}

// architectures are the GOARCH for which packages are made: those whose name in
// each kind of package nfpm knows.
var architectures = map[string]bool{"amd64": true, "arm64": true, "386": true, "riscv64": true, "ppc64le": true, "s390x": true}

func main() {
	var b build
	flag.StringVar(&b.kind, "kind", "", "deb or rpm")
	flag.StringVar(&b.tree, "tree", "", "what make install was given as DESTDIR")
	flag.StringVar(&b.out, "out", "", "the directory that the package goes into")
	flag.StringVar(&b.version, "version", "", "the version")
	flag.StringVar(&b.epoch, "epoch", "", "the time of everything, in seconds since 1970 (default: that of the changelog)")
	flag.StringVar(&b.arch, "arch", runtime.GOARCH, "the GOARCH that the program was built for")
	flag.Parse()
	file, err := b.make()
	if err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
	fmt.Println(file)
}

// build is one package that is to be made.
type build struct{ kind, tree, out, version, epoch, arch string }

// make writes the package and gives its path.
func (b build) make() (string, error) {
	if b.arch == "" {
		b.arch = runtime.GOARCH
	}
	if !architectures[b.arch] {
		return "", fmt.Errorf("GOARCH=%s: no packages are made for it", b.arch)
	}
	config, err := nfpm.ParseFileWithEnvMapping("nfpm.yaml", func(name string) string {
		return map[string]string{"VERSION": b.version, "ARCH": b.arch}[name]
	})
	if err != nil {
		return "", fmt.Errorf("nfpm.yaml: %w", err)
	}
	info, err := config.Get(b.kind)
	if err != nil {
		return "", err
	}
	switch b.kind {
	case "deb":
		info.License = "" // it stands in the file copyright: the field is not Debian's
	case "rpm": // the first line is the summary, and an empty line is one
		_, text, _ := strings.Cut(info.Description, "\n")
		info.Description = strings.ReplaceAll(text, "\n.\n", "\n\n")
	}
	if info.MTime, err = b.time(info); err != nil {
		return "", err
	}
	installed, err := b.installed()
	if err != nil {
		return "", err
	}
	info.Contents = append(info.Contents, installed...)
	for _, c := range info.Contents {
		if c.FileInfo == nil {
			c.FileInfo = &files.ContentFileInfo{Mode: 0o644}
		}
		if c.Type == files.TypeDir {
			c.FileInfo.Mode = 0o755
		}
		c.FileInfo.Owner, c.FileInfo.Group, c.FileInfo.MTime = "root", "root", info.MTime
	}
	return b.write(info)
}

// time is the time of everything. The changelog has to begin with the release
// that is being built, or that it is on the way to: 0.1.0~git20261126 is.
func (b build) time(info *nfpm.Info) (time.Time, error) {
	entries, err := chglog.Parse(info.Changelog)
	if err != nil || len(entries) == 0 {
		return time.Time{}, errors.Join(err, errors.New(info.Changelog+" has no entry"))
	}
	head, _, _ := strings.Cut(b.version, "~")
	if head += "-" + info.Release; head != entries[0].Semver {
		return time.Time{}, fmt.Errorf("%s begins with %s: put an entry for %s at its head", info.Changelog, entries[0].Semver, head)
	}
	if b.epoch == "" {
		return entries[0].Date, nil
	}
	seconds, err := strconv.ParseInt(b.epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// installed lists what make install has installed, with the directories that are
// named-jail's alone.
func (b build) installed() (files.Contents, error) {
	var list files.Contents
	err := filepath.WalkDir(b.tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at := "/" + strings.TrimPrefix(strings.TrimPrefix(path, b.tree), "/")
		if d.IsDir() {
			if strings.Contains(at, "/named-jail") {
				list = append(list, &files.Content{Destination: at, Type: files.TypeDir})
			}
			return nil
		}
		stat, err := d.Info()
		if err != nil {
			return err
		}
		p := b.place(at)
		if p.to == "-" {
			return nil
		}
		if p.to != "" {
			at = p.to + strings.TrimPrefix(at, p.from)
		}
		list = append(list, &files.Content{Source: path, Destination: at, Type: p.what, FileInfo: &files.ContentFileInfo{Mode: stat.Mode().Perm()}})
		return nil
	})
	return list, err
}

// place finds the row of a path; the last row of each kind fits all.
func (b build) place(path string) place {
	for _, p := range places {
		if p.kind == b.kind && strings.HasPrefix(path, p.from) {
			return p
		}
	}
	return place{}
}

// write writes the package. A file of that name is replaced when all is written.
func (b build) write(info *nfpm.Info) (string, error) {
	packager, err := nfpm.Get(b.kind)
	if err != nil {
		return "", err
	}
	name := filepath.Join(b.out, packager.ConventionalFileName(info))
	file, err := os.CreateTemp(b.out, "package-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	if err := errors.Join(packager.Package(info, file), file.Chmod(0o644), file.Close()); err != nil {
		return "", err
	}
	return name, os.Rename(file.Name(), name)
}
