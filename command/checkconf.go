package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"named-jail/parser"
)

// checkconfTime bounds one run of named-checkconf.
const checkconfTime = 2 * time.Minute

// checkconfLine is one message of named-checkconf: FILE:LINE: TEXT.
var checkconfLine = regexp.MustCompile(`^(/[^:]*):(\d+): (.*)$`)

// cured are messages about what the jail does not take over from the host: its
// working directory is made, whatever became of the host's.
var cured = regexp.MustCompile(`^change directory to '.*' failed|^parsing failed: file not found$`)

// checkconf finds the named-checkconf that was installed with the named in use,
// "" when there is none: another release's would judge another language.
func (s *system) checkconf() string {
	var places []string
	if s.build.Path != "" {
		dir := filepath.Dir(s.build.Path)
		places = append(places, filepath.Join(dir, "named-checkconf"), filepath.Join(filepath.Dir(dir), "bin/named-checkconf"))
	}
	for _, p := range places {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return p
		}
	}
	return ""
}

// untold are the findings after which named-checkconf has nothing to add: it
// would end at the same include file, or, having no bounds, go round in the
// loop until it has no more memory.
var untold = map[parser.Code]bool{"NJ108": true, "NJ109": true, "NJ110": true, "NJ113": true, "NJ115": true, "NJ116": true}

// askCheckconf adds the verdict of the very named that will be started. What
// is known already, by file and line, is not told twice.
func (v *survey) askCheckconf(ctx context.Context) {
	program := v.checkconf()
	if program == "" || v.bindVersion != "" || len(v.install.Files) == 0 {
		return
	}
	for _, d := range v.ds {
		if untold[d.Code] {
			return
		}
	}
	chroot := ""
	if v.source.host.Root() != "/" {
		if os.Geteuid() != 0 {
			return // it can only look into another system as root
		}
		chroot = v.source.host.Root()
	}
	ctx, cancel := context.WithTimeout(ctx, checkconfTime)
	defer cancel()
	args := []string{v.conf}
	if chroot != "" {
		args = []string{"-t", chroot, v.conf}
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		v.ds.Add(parser.Diagnostic{Code: "NJ607", Severity: parser.Warning, Message: program + " did not end in time; its verdict is missing",
			Remedy: "Run it by hand, or leave it out with --no-checkconf."})
		return
	}
	v.mergeCheckconf(out.String(), err != nil, chroot, program)
}

// mergeCheckconf takes over the messages that say something new.
func (v *survey) mergeCheckconf(text string, refused bool, chroot, program string) {
	known := map[string]bool{}
	for _, d := range v.ds {
		known[d.File+":"+strconv.Itoa(d.Line)] = true
	}
	severity := parser.Warning
	if refused {
		severity = parser.Error
	}
	found := v.ds.Errors() > 0
	for _, line := range strings.Split(text, "\n") {
		m := checkconfLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		file := m[1]
		if chroot != "" {
			file = path.Join(chroot, file)
		}
		n, _ := strconv.Atoi(m[2])
		if cured.MatchString(m[3]) {
			found = found || strings.HasPrefix(m[3], "change")
			continue
		}
		if known[file+":"+m[2]] {
			continue
		}
		d := parser.Diagnostic{Code: "NJ607", Severity: severity, File: file, Line: n, Column: 1,
			Message: "named-checkconf: " + v.withoutSecrets(file, m[3]), Remedy: "This named refuses the configuration; correct the line."}
		if !refused {
			d.Remedy = ""
		}
		v.ds.Add(d)
		found = true
	}
	if refused && !found {
		first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		v.ds.Add(parser.Diagnostic{Code: "NJ607", File: v.host.OSPath(v.conf),
			Message: fmt.Sprintf("%s refuses the configuration: %s", program, v.withoutSecrets("", first)),
			Remedy:  "Run it by hand to see all that it says."})
	}
}

// withoutSecrets takes the secrets of a file out of a message of
// named-checkconf about it, which quotes the word that it cannot take; "" is
// any file.
func (v *survey) withoutSecrets(file, text string) string {
	for _, f := range v.install.Files {
		if file == "" || f.Name == file {
			text = f.Hide(text)
		}
	}
	return text
}
