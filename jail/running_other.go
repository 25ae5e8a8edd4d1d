//go:build !linux

package jail

import (
	"errors"
	"os"
)

var errProcesses = errors.New("the processes of this system cannot be listed; make sure that named is stopped")

// Running cannot list processes on this system. Errors: always.
func Running(*Tree, string, int, ...int) ([]Process, error) { return nil, errProcesses }

// Identity cannot look with a process's eyes on this system. Errors: always.
func (p Process) Identity(string) (FileID, error) { return FileID{}, errProcesses }

// WorkingDir cannot be told on this system. Errors: always.
func (p Process) WorkingDir() (FileID, error) { return FileID{}, errProcesses }

// Look cannot be done on this system. Errors: always.
func (p Process) Look() (Server, error) { return Server{}, errProcesses }

// Holder cannot be told on this system. Errors: always.
func Holder(*os.File) (int, error) { return 0, errProcesses }
