//go:build !linux

package jail

// mountPoint is not looked up on this system.
func mountPoint(string) string { return "MOUNTPOINT" }
