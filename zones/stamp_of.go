package zones

import "io/fs"

// StampOf takes the stamp of a file, of which info tells.
func StampOf(name string, info fs.FileInfo) Stamp { return stampOf(name, name, info) }
