package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the release; a build sets it with -ldflags -X.
var Version = "0.1.0"

// versionLine tells the release, the commit it was built from where the build
// knows it, and the platform.
func versionLine() string {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " (" + s.Value[:12] + ")"
			}
		}
	}
	return fmt.Sprintf("named-jail %s%s %s/%s", Version, revision, runtime.GOOS, runtime.GOARCH)
}
