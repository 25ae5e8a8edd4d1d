//go:build !linux

package jail

import "errors"

// Running cannot list processes on this system. Errors: always.
func Running(*Tree, string) ([]Process, error) {
	return nil, errors.New("the processes of this system cannot be listed; make sure that named is stopped")
}
