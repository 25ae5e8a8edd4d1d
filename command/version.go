package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Version is the release, and Revision the commit that it was built from, with
// "-dirty" behind it where the tree had been changed. The Makefile sets both with
// -ldflags -X; a plain go build leaves the Revision to what Go has noted.
var (
	Version  = "0.1.0"
	Revision = ""
)

// released is the day of the release, for manual pages of a build that does not
// know its commit.
const released = "2026-11-26"

// revisionShown is how much of a commit's name stands in the line: Git's own
// names of twelve digits are unique in far larger trees.
const revisionShown = 12

// program is what version tells, and the JSON document of it. As in every
// document, version is that of the form; the program's own is the release.
type program struct {
	Version  int    `json:"version"`
	Release  string `json:"release"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// thisProgram finds out what this program is.
func thisProgram() program {
	p := program{Version: 1, Release: Version, Revision: Revision, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok && p.Revision == "" {
		p.Revision = notedRevision(info.Settings)
	}
	return p
}

// notedRevision is the commit in what go build has noted, "" where it has not.
func notedRevision(settings []debug.BuildSetting) string {
	noted := map[string]string{}
	for _, s := range settings {
		noted[s.Key] = s.Value
	}
	revision := noted["vcs.revision"]
	if revision != "" && noted["vcs.modified"] == "true" {
		revision += "-dirty"
	}
	return revision
}

// String is the line for people.
func (p program) String() string {
	commit := ""
	if p.Revision != "" {
		name, dirty, _ := strings.Cut(p.Revision, "-")
		commit = " (" + name[:min(len(name), revisionShown)]
		if dirty != "" {
			commit += "-" + dirty
		}
		commit += ")"
	}
	return fmt.Sprintf("named-jail %s%s %s %s", p.Release, commit, p.Go, p.Platform)
}

func versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "version", GroupID: "other", Annotations: apart, Short: "print the version", Args: noOperands,
		Long:    "Print the release, the commit that it was built from where that is known, the release of Go, and the platform.",
		Example: "  named-jail version\n  named-jail version --json | jq -r .release",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return printer{out: cmd.OutOrStdout()}.encode(thisProgram())
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), thisProgram())
			return err
		}}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return c
}
