package rewrite

import (
	"io/fs"

	"named-jail/parser"
)

// Host is the system that the configuration was written for, as far as the
// model has to look at it. Paths are absolute, as the configuration gives
// them.
type Host interface {
	parser.Source
	// Stat follows links, as named would. Errors: fs.ErrNotExist and others.
	Stat(path string) (fs.FileInfo, error)
	// ReadDir lists the names in a directory.
	ReadDir(path string) ([]string, error)
	// RealPath gives the path without symbolic links.
	RealPath(path string) (string, error)
}

// Defaults are the values that this build of named uses where the
// configuration is silent, as `named -V` tells them. "" means none.
type Defaults struct {
	Version        parser.Version
	PIDFile        string
	SessionKeyFile string
	RndcKey        string
	BindKeys       string
	GeoIPDirectory string
	PluginDir      string
	NamedXfer      string // BIND 8
	ControlSocket  string // BIND 8: where ndc talks to named
}

// Options says how the install is read.
type Options struct {
	Defaults Defaults
	// Names are the places given to zone files by earlier runs, by the path
	// on the host: a name once given never changes.
	Names map[string]JailPath
	// Holds tells whether the jail has a file already; nil: it has none.
	Holds func(JailPath) bool
	// Database gives the text of a database of added zones (.nzd); nil where
	// none can be read.
	Database func(path string) (string, error)
	// InJail is set where the configuration lies in the jail already, so that
	// its paths are the jail's own. It is the jail's path on the host.
	InJail string
}

// Places of the jail that are the same for every install.
const (
	ConfPath     JailPath = "/etc/named.conf"
	WorkingDir            = "/var/run"
	staticDir             = "/zones/master"
	secondaryDir          = "/zones/slave"
	dynamicDir            = "/zones/dynamic"
	readDir               = "/etc" // where relative paths that named reads go
	nullDevice            = "/dev/null"
)
