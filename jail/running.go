package jail

// Process is a running named.
//
// InJail says that its root directory is the jail; otherwise it is the host's.
// Args is its command line without argv[0]; Dir its working directory, "" where
// that cannot be told.
type Process struct {
	PID    int
	InJail bool
	Args   []string
	Dir    string
}
