package command

import (
	"errors"

	"named-jail/launcher"
	"named-jail/parser"
)

// The exit statuses. 126 and 127 come from package launcher.
const (
	statusOK      = 0
	statusFailed  = 1
	statusUsage   = 2
	statusPending = 3
)

// exit is an error that carries an exit status; what there was to say has been
// said.
type exit int

func (e exit) Error() string { return "" }

// usageError is a mistake on the command line.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// statusOf gives the exit status for the end of a command.
func statusOf(err error) int {
	var code exit
	var usage usageError
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		return statusUsage
	}
	var launch *launcher.ExitError
	if errors.As(err, &launch) {
		return launcher.Code(err)
	}
	return statusFailed
}

// failed gives the error for findings: nil when none is an error.
func failed(ds parser.Diagnostics) error {
	if ds.Errors() > 0 {
		return exit(statusFailed)
	}
	return nil
}
