//go:build !linux

package launcher

import "errors"

var errNoNamespaces = errors.New("this system has no mount namespaces")

// Enter does nothing on this system: all windows are missed. Errors: always
// where isolation is asked for.
func (i Inside) Enter() ([]Missed, error) {
	var missed []Missed
	for _, w := range i.Windows {
		missed = append(missed, Missed{w, errNoNamespaces})
	}
	if i.Isolation != nil {
		return missed, errNoNamespaces
	}
	return missed, nil
}

// Capabilities is empty on this system.
func Capabilities(Build) []uintptr { return nil }
