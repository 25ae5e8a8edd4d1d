//go:build !linux

package command

import (
	"os"
	"testing"
)

// TestMain plays the reader, as main does.
func TestMain(m *testing.M) {
	if Reads(os.Args) {
		os.Exit(Main(os.Args))
	}
	os.Exit(m.Run())
}
