//go:build !linux

package launcher

import "errors"

// Notifies is true: there is no service manager on this system to be told.
func Notifies(string) bool { return true }

// Send cannot be had on this system. Errors: always.
func (Readiness) Send() error {
	return errors.New("this system has no service manager with a notify socket")
}

// Messenger is never started on this system.
func Messenger([]string) int { return StatusFailed }
