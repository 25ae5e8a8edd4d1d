package zones

import (
	"io"
	"io/fs"
	"strings"
	"time"

	"named-jail/parser"
)

// Zone is one zone statement, as far as the check of its file needs it.
//
// Name, Class, Type, File, Format and Journal hold the words of the
// statement; an empty Class is IN, an empty Format the default of the type in
// BIND 9.9 and later (for a secondary of an older BIND say "text"), an empty Journal is File with ".jnl" behind it.
// Living says that named itself writes the file; Inline says that it leaves the
// file alone and keeps a signed copy beside it (inline-signing). At is the place of the file's
// name in the configuration: findings about a missing file stand there.
// MaxErrors bounds the findings of one zone, errors and warnings each; 0 is
// DefaultMaxErrors.
type Zone struct {
	Name      string
	Class     string
	Type      string
	File      string
	Format    string
	Journal   string
	Living    bool
	Inline    bool
	View      string
	At        parser.Diagnostic
	MaxErrors int
	Checks    Checks
}

// DefaultMaxErrors is how many errors of one zone are reported when the zone
// does not say.
const DefaultMaxErrors = 100

// File is an open zone file.
type File interface {
	io.Reader
	Stat() (fs.FileInfo, error)
	Close() error
}

// Files opens zone files. The name is the one that the zone statement or the
// $INCLUDE line holds: absolute, or relative to named's working directory.
// shown is the path for messages, set even when Open fails. Open must not
// block on a FIFO (open with O_NONBLOCK); what is no regular file is refused
// before a byte is read. Open is called from several goroutines at once.
// Errors: those of package fs (fs.ErrNotExist and its fellows).
type Files interface {
	Open(name string) (f File, shown string, err error)
}

// Include is one $INCLUDE line.
//
// File is the path, for messages, of the file that holds the line; Opened is
// the name under which that file was opened. Start and End are the byte
// offsets of the file name in it, quotes included, End exclusive. Line and
// Column (1-based, bytes) are the place of Start. Name is the name as named
// takes it: without the quotes, with \" in quotes decoded, nothing else.
type Include struct {
	File   string
	Opened string
	Start  int
	End    int
	Line   int
	Column int
	Name   string
}

// Includer is a Files that judges who includes a file before it opens it. from
// is the file that holds the line, as it was read. Errors: as Files.Open, and
// *Refusal.
type Includer interface {
	Include(line Include, from Stamp) (f File, shown string, err error)
}

// Refusal is the error for a file that is not opened, though it could be: who
// wrote the line that includes it may not read it himself.
type Refusal struct{ Why, Remedy string }

// Error is why.
func (e *Refusal) Error() string { return e.Why }

// Report is what Check found out about one zone.
//
// Serial is that of the SOA record, or the last one of the zone's journal.
// Records counts what was read, records
// outside the zone not counted. Format is "text" or "raw", as found in the file, "" when
// there was no file to read. Includes and Files list what was opened, each line
// and each file once. Until is when the report would be another because of the
// time, with Since as the time for which it was made; zero: never. Missing says that the file of a copy does not exist,
// which is no error. Services says that there is a WKS record: named looks the words
// for its protocol and services up in /etc/protocols and /etc/services. Stopped says that the context ended the check before its
// end: the report then says nothing. Cached says that nothing was read because
// nothing had changed.
type Report struct {
	Zone        *Zone
	Serial      uint32
	Records     int
	Format      string
	Includes    []Include
	Files       []Stamp
	Since       time.Time
	Until       time.Time
	Diagnostics parser.Diagnostics
	Missing     bool
	Services    bool
	Stopped     bool
	Cached      bool
}

// kind is what the type of a zone means for its file.
type kind uint8

const (
	noFile  kind = iota // forward, static-stub and the like: nothing to read
	primary             // the file is the source
	copied              // named fetches the zone again when the file is bad
	hint                // the root hints
)

// kinds is the table of zone types.
// Source: facts of BIND, zone types; bin/named/zoneconf.c.
var kinds = map[string]kind{
	"primary":   primary,
	"master":    primary,
	"redirect":  primary, // copied when it has primaries, see kind
	"secondary": copied,
	"slave":     copied,
	"mirror":    copied,
	"stub":      copied,
	"hint":      hint,
}

// kind looks the zone's type up. A redirect zone that named writes is a copy.
func (z *Zone) kind() kind {
	t := strings.ToLower(z.Type)
	if t == "redirect" && z.Living {
		return copied
	}
	return kinds[t]
}

// wantsRaw tells whether named reads the zone's file as raw: the format is
// written, or the type has raw for default (secondary and mirror, since 9.9).
func (z *Zone) wantsRaw() bool {
	switch strings.ToLower(z.Format) {
	case "raw":
		return true
	case "":
		t := strings.ToLower(z.Type)
		return z.kind() == copied && t != "stub" && t != "redirect"
	}
	return false
}

// maxErrors is the zone's bound on findings.
func (z *Zone) maxErrors() int {
	if z.MaxErrors > 0 {
		return z.MaxErrors
	}
	return DefaultMaxErrors
}
