//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shellHarnesses is how each shell is made to complete lines, its arguments: as its
// user does, with the script that `named-jail completion` prints. Before what it shows
// for a line it prints "<LINE>".
//
// bash is called as readline calls it, zsh sits at a terminal of its own (zpty), in
// which ^Y lists what fits, Tab takes what can be taken, ^T shows the line, and ^U
// clears it, fish has a builtin.
var shellHarnesses = []struct {
	shell  string
	args   []string
	script string
}{
	{"bash", []string{"--norc", "--noprofile"}, `
source /usr/share/bash-completion/bash_completion
source <(named-jail completion bash)
COMP_TYPE=9 COMP_KEY=9 COLUMNS=80
for COMP_LINE; do
	COMP_POINT=${#COMP_LINE}
	read -ra COMP_WORDS <<<"$COMP_LINE"
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
	__start_named-jail 2>/dev/null
	printf '%s\n' '<LINE>' "${COMPREPLY[@]}"
done
`},
	{"zsh", []string{"-f"}, `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; unsetopt beep; LISTMAX=1000; stty -echo rows 300 cols 150; autoload -Uz compinit; compinit -u -D
source <(named-jail completion zsh)
show() { print -r -- "$BUFFER<END>" }; zle -N show; bindkey "^T" show; bindkey "^Y" list-choices; bindkey "^U" kill-whole-line; print ready'
out=
until [[ $out == *ready$'\r'* ]]; do zpty -r shell chunk || exit 1; out+=$chunk; done
for line; do
	zpty -w -n shell "$line"$'\x19\t\x14\x15'
	out=
	repeat 400; do
		while zpty -r -t shell chunk; do out+=$chunk; done
		[[ $out != *'<END>'* ]] || break
		sleep 0.05
	done
	print -r -- "<LINE>$out"
done
zpty -d shell
`},
	{"fish", []string{"--no-config"}, `
named-jail completion fish | source
for line in $argv
	echo "<LINE>"
	complete -C $line
end
`},
}

// TestShells completes lines in real shells.
func TestShells(t *testing.T) {
	product := buildProduct(t)
	dir := t.TempDir()
	if err := os.Symlink(product, filepath.Join(dir, "named-jail")); err != nil {
		t.Fatal(err)
	}
	var conf strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&conf, "zone \"z%05d.example\" { type primary; file \"/etc/db.%d\"; };\n", i, i)
	}
	conf.WriteString("zone \"long.example\" { type primary; file \"/etc/db\"; };\noptions { broken")
	for name, text := range map[string]string{"sys/etc/named.conf": conf.String(), "sys/var/lib/named-jail/srv-jail/manifest": "", "sys/srv/x": ""} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), text)
	}
	at := "--root " + dir + "/sys "
	lines := []struct{ line, want, not string }{
		{"named-jail che", "check", "apply"},
		{"named-jail check " + at + "lo", "long.example", "z00"},
		{"named-jail check " + at + "z1234", "z12345.example", "z12350"},
		{"named-jail check " + at + "z", "z012", "z01234"}, // among so many, the letters that come next
		{"named-jail check " + at + "-t /sr", "/srv/jail", "/etc"},
		{"named-jail explain NJ41", "NJ412", "NJ311"},
		{"named-jail service sy", "systemd", "openrc"},
		{"named-jail -t /usr/sha", "/usr/share", "/etc"},
		{"named-jail -t /var/named -u nobod", "nobody", "root"},
		{"named-jail check --col", "--color", "--conf"},
	}
	for _, h := range shellHarnesses {
		t.Run(h.shell, func(t *testing.T) {
			if _, err := exec.LookPath(h.shell); err != nil {
				if os.Getenv("NAMED_JAIL_REQUIRE_BIND") != "" {
					t.Fatalf("%s is missing", h.shell)
				}
				t.Skipf("%s is not installed", h.shell)
			}
			args := append(append([]string{}, h.args...), "-c", h.script)
			if h.shell != "fish" {
				args = append(args, h.shell)
			}
			for _, l := range lines {
				args = append(args, l.line)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, h.shell, args...)
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "HOME=" + dir, "TERM=vt100", "LC_ALL=C.UTF-8"}
			out, err := cmd.CombinedOutput()
			answers := strings.Split(strings.ReplaceAll(string(out), "\x00", ""), "<LINE>")[1:]
			if err != nil || len(answers) != len(lines) {
				t.Fatalf("%v, %d answers to %d lines: %q", err, len(answers), len(lines), out)
			}
			for i, l := range lines {
				if !strings.Contains(answers[i], l.want) || strings.Contains(strings.ReplaceAll(answers[i], l.line, ""), l.not) {
					t.Errorf("%s: with %s and without %s: %q", l.line, l.want, l.not, answers[i])
				}
			}
		})
	}
	begin := exec.Command(product, "__complete", "check", "--root", dir+"/sys", "z1")
	if out, err := begin.Output(); err != nil || begin.ProcessState.UserTime()+begin.ProcessState.SystemTime() > time.Second {
		t.Errorf("the zones of a configuration of 20,000 take %v: %v %s", begin.ProcessState.UserTime(), err, out)
	}
}
