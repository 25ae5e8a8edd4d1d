//go:build !linux

package command

// capable is about capabilities of files, which Linux alone has.
func capable() bool { return false }
