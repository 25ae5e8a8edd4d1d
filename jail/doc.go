// Package jail makes the jail: it reads the host and the jail's tree, works out
// what has to change, changes it, and can put everything back.
//
// # The model
//
// A Host is the system below one directory ("/" unless an image is worked on);
// every path given to it is absolute as that system names it. A Tree is the
// jail, a directory of the host. A list of rewrite.Wanted entries says what the
// jail must hold. NewPlan compares that list with host and tree and gives a
// Plan: operations in the order in which they are done, empty when nothing is
// to be done. A Store is the memory outside the jail: who holds the lock, what
// was put where (the Manifest), what is being done right now (the journal), and
// copies of everything that was changed or replaced. Store.Apply carries a Plan
// out, Store.Recover deals with an Apply that was cut off, Store.Rollback
// restores the state before the first Apply.
//
// # Order
//
// Directories come first, parents before children; then devices, data files,
// include files, links in the jail, and named.conf last of all that lies in the
// jail, so that a named.conf never speaks of a file that is not there yet. Only
// when all of that is on the disk are the originals on the host replaced by
// links, each in one step, so that there is a file at the old place at every
// moment. Removals come at the very end.
//
// # Undoing
//
// Before the first change, a copy of every file and a record of every entry
// that will change is written and synced; the journal names them. Undoing
// compares each place with its record and restores what differs, so it can
// itself be cut off and begun anew. Content that is newer than ours (named wrote
// its zone since) is carried back, never thrown away.
//
// # Hostile ground
//
// Directories that the named user can write are his: links, hard links, FIFOs
// and devices may lie there, and directories may be exchanged while we look. So
// no path is looked up twice: directories are opened one component at a time,
// no link is followed below the jail, and owner and mode are changed through an
// opened descriptor whose fstat says what it is. On the host links are followed,
// but not one that an unprivileged user owns to something that is not his.
//
// # What this package does not promise
//
// It does not judge whether a zone is sound. It lists the processes of named
// (Running), and leaves it to the caller what to do about them. It does not keep hard links between files, holes in files, access
// times or inode numbers. It reads a file anew when size, times or inode number
// changed; a change that leaves all of these alone is not seen. On systems other
// than Linux extended attributes are not carried along.
package jail
