package command

import (
	"runtime/debug"
	"testing"
)

// TestVersionLine: the commit is told where it is known, shortened, and so is
// that the tree had been changed.
func TestVersionLine(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for revision, want := range map[string]string{
		"":                "named-jail 1.2 go1.26 linux/arm64",
		commit:            "named-jail 1.2 (0123456789ab) go1.26 linux/arm64",
		commit + "-dirty": "named-jail 1.2 (0123456789ab-dirty) go1.26 linux/arm64",
		"abc":             "named-jail 1.2 (abc) go1.26 linux/arm64",
	} {
		p := program{Release: "1.2", Revision: revision, Go: "go1.26", Platform: "linux/arm64"}
		if got := p.String(); got != want {
			t.Errorf("%q: %s, want %s", revision, got, want)
		}
	}
	for modified, want := range map[string]string{"false": commit, "true": commit + "-dirty"} {
		if got := notedRevision([]debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: modified}}); got != want {
			t.Errorf("modified %s: %s, want %s", modified, got, want)
		}
	}
	if got := notedRevision([]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}); got != "" {
		t.Errorf("without a commit: %s", got)
	}
}
