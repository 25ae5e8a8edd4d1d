package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"named-jail/jail"
	"named-jail/parser"
)

func historyCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "history", GroupID: "look", Short: "what was applied and rolled back, and the backups", Args: noOperands,
		Long: `List the runs that changed the jail: when, by which version, how many changes,
and how many copies of files are kept of each. Root is needed, because the
records and backups are root's alone.`,
		Example: "  named-jail history\n  named-jail history -t /srv/named --json",
		RunE:    func(*cobra.Command, []string) error { return history(*f) }}
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	return c
}

// pruneFlags are those of prune alone.
type pruneFlags struct {
	olderThan  span
	run        positive
	saved, yes bool
}

func pruneCommand(f *flags) *cobra.Command {
	var own pruneFlags
	c := &cobra.Command{Use: "prune (--older-than DURATION | --run N)", GroupID: "change", Short: "remove backups that no rollback needs", Args: noOperands,
		Long: `Remove old backups. What a rollback needs always stays, so that the state before
the first apply can be restored. Of runs that were rolled back everything may go,
but for copies of files that lie nowhere else; --saved removes these too.

Without --yes nothing is removed; what would go is listed.`,
		Example: "  named-jail prune --older-than 30d\n  named-jail prune --run 3 --yes",
		RunE:    func(cmd *cobra.Command, _ []string) error { return prune(cmd.Context(), *f, own) }}
	c.Flags().Var(&own.olderThan, "older-than", "backups of runs that ended `DURATION` ago, such as 30d or 4w")
	c.Flags().Var(&own.run, "run", "backups of run `N`; history lists them")
	c.Flags().BoolVar(&own.saved, "saved", false, "also copies of files that were changed in the jail and lie nowhere else")
	c.Flags().BoolVarP(&own.yes, "yes", "y", false, "remove them")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	return c
}

// pastRun is a run in the JSON document of history; times are UTC, sizes bytes.
type pastRun struct {
	Run        int        `json:"run"`
	Kind       string     `json:"kind"`
	Time       time.Time  `json:"time"`
	Program    string     `json:"program"`
	Changes    int        `json:"changes"`
	RolledBack bool       `json:"rolledBack"`
	Cut        bool       `json:"cut"`
	Pruned     *time.Time `json:"pruned"`
	Copies     int        `json:"copies"`
	Needed     int        `json:"needed"`
	Saved      int        `json:"saved"`
	Bytes      int64      `json:"bytes"`
}

// historyDocument is the document of every command with the runs. Open is the
// kind of a run that has begun and not ended, "" for none.
type historyDocument struct {
	document
	Store string    `json:"store"`
	Open  string    `json:"open"`
	Runs  []pastRun `json:"runs"`
}

// history lists what was done to the jail.
func history(f flags) error {
	p := newPrinter(f)
	return withStore(f, p, func(sys *system, store *jail.Store) error {
		h, err := store.History()
		if err != nil {
			return told(p, asDiagnostics(err))
		}
		if f.json {
			doc := historyDocument{document: newDocument(sys.jail, nil, nil), Store: store.Path(), Open: h.Open, Runs: []pastRun{}}
			for _, r := range h.Runs {
				doc.Runs = append(doc.Runs, pastRunOf(r))
			}
			return p.encode(doc)
		}
		jailPath := parser.Printable(sys.host.OSPath(sys.jail))
		if len(h.Runs) == 0 && h.Open == "" {
			p.tell("%s: nothing was ever applied.", jailPath)
			return nil
		}
		p.printHistory(h)
		p.sayBackups(h, store, sys)
		return nil
	})
}

func pastRunOf(r jail.Past) pastRun {
	out := pastRun{r.Number(), r.Kind, r.Time, r.Program, r.Ops, r.RolledBack, r.Cut, nil, r.Backups, r.Needed, r.Saved, r.Bytes}
	if !r.Pruned.IsZero() {
		out.Pruned = &r.Pruned
	}
	return out
}

// printHistory prints the table of runs, the oldest first.
func (p printer) printHistory(h jail.History) {
	t := table{heading: []string{"RUN", "WHEN", "VERSION", "CHANGES", "COPIES", "SIZE", "WHAT"}}
	for _, r := range h.Runs {
		version := r.Program
		if version == "" {
			version = "-"
		}
		t.rows = append(t.rows, tableRow{cells: []string{strconv.Itoa(r.Number()), r.Time.Format(time.RFC3339), parser.Printable(version),
			strconv.Itoa(r.Ops), strconv.Itoa(r.Backups + r.Saved), size(r.Bytes), whatHappened(r)}})
	}
	io.WriteString(p.out, t.layout(p.screen, ""))
	if h.Open != "" {
		fmt.Fprintf(p.out, "\n%s began at %s and has not ended: it is at work, or was cut off.\n"+
			"In that case the next apply, run, rollback or prune finishes or undoes it.\n", openWords[h.Open], h.Since.Format(time.RFC3339))
	}
}

// openWords name a run that has not ended.
var openWords = map[string]string{jail.KindApply: "An apply", jail.KindRollback: "A rollback", jail.KindPrune: "A pruning of backups"}

// kindWords name a run that has.
var kindWords = map[string]string{jail.KindApply: "applied", jail.KindRollback: "rollback", jail.KindUndone: "failed or cut off, undone"}

// whatHappened says in words what a run was and what became of it.
func whatHappened(r jail.Past) string {
	text := kindWords[r.Kind]
	if r.Cut {
		text += ", cut off and finished later"
	}
	if r.RolledBack && r.Kind == jail.KindApply {
		text += ", rolled back since"
	}
	if r.Saved > 0 {
		text += fmt.Sprintf(", holds %s that lie nowhere else", count(r.Saved, "saved file"))
	}
	if !r.Pruned.IsZero() {
		text += ", backups pruned " + r.Pruned.Format(time.DateOnly)
	}
	return text
}

// sayBackups sums the backups up.
func (p printer) sayBackups(h jail.History, store *jail.Store, sys *system) {
	copies, needed := 0, 0
	var bytes int64
	for _, r := range h.Runs {
		copies, needed, bytes = copies+r.Backups+r.Saved, needed+r.Needed, bytes+r.Bytes
	}
	p.say("")
	p.tell("Backups in %s: %s, %s.", parser.Printable(sys.host.OSPath(store.Path())), counted(copies), size(bytes))
	if h.Open == "" {
		p.tell("A rollback needs %s of them; named-jail prune removes others.", thousands(needed))
	}
	var steps []nextStep
	if needed > 0 {
		steps = append(steps, nextStep{"Undo all", sys.undoLine()})
	}
	if copies > needed && h.Open == "" {
		steps = append(steps, nextStep{"What may go", sys.jailLine("prune", "--older-than", "0d")})
	}
	p.steps(steps...)
}

// counted is count for copies.
func counted(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return thousands(n) + " copies"
}

// size writes a number of bytes as people read it.
func size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, units := float64(n)/1024, "KMGTPE"
	for f >= 1024 && len(units) > 1 {
		f, units = f/1024, units[1:]
	}
	return fmt.Sprintf("%.1f %ciB", f, units[0])
}

// prunedRun is a run in the JSON document of prune; sizes are bytes.
type prunedRun struct {
	Run     int       `json:"run"`
	Kind    string    `json:"kind"`
	Time    time.Time `json:"time"`
	Files   int       `json:"files"`
	Copies  int       `json:"copies"`
	Bytes   int64     `json:"bytes"`
	Needed  int       `json:"needed"`
	Saved   int       `json:"saved"`
	Removed bool      `json:"removed"`
}

// pruneDocument is the document of every command with what goes of each run.
type pruneDocument struct {
	document
	Runs []prunedRun `json:"runs"`
}

// prune removes old backups, or lists what it would remove.
func prune(ctx context.Context, f flags, own pruneFlags) error {
	p := newPrinter(f)
	if (own.olderThan.Duration == 0) == (own.run == 0) {
		return usageError{"prune: say which backups with --older-than DURATION or with --run N (named-jail history lists them)"}
	}
	opt := jail.PruneOptions{Run: int(own.run), Before: time.Now().Add(-own.olderThan.Duration), Saved: own.saved}
	return withStore(f, p, func(sys *system, store *jail.Store) error {
		h, err := store.History()
		if err != nil {
			return told(p, asDiagnostics(err))
		}
		if !hasRun(h, int(own.run)) {
			return usageError{fmt.Sprintf("prune: there is no run %d of %s; named-jail history lists them", own.run, parser.Printable(sys.host.OSPath(sys.jail)))}
		}
		var list []jail.Pruning
		switch {
		case own.yes:
			end := p.showWork()
			list, err = store.Prune(ctx, opt)
			end()
		case h.Open == "":
			list, err = store.PlanPrune(opt)
		default:
			err = &jail.Error{Code: "NJ508", Path: sys.jail, Message: "a run has begun and not ended, so what may go is not known",
				Remedy: "Wait until it has ended; if it was cut off, apply, rollback or prune --yes finish or undo it first."}
		}
		if err != nil {
			return told(p, asDiagnostics(err))
		}
		if f.json {
			doc := pruneDocument{document: newDocument(sys.jail, nil, nil), Runs: []prunedRun{}}
			for _, r := range list {
				doc.Runs = append(doc.Runs, prunedRun{r.Number(), r.Kind, r.Time, r.Files, r.Backups, r.Bytes, r.Kept, r.Saved, own.yes && r.Files > 0})
			}
			return p.encode(doc)
		}
		p.sayPruning(list, own, sys)
		return nil
	})
}

// hasRun tells whether the history has the run of that number; 0 is always right.
func hasRun(h jail.History, number int) bool {
	return number == 0 || slices.ContainsFunc(h.Runs, func(r jail.Past) bool { return r.Number() == number })
}

// sayPruning tells what goes and what stays.
func (p printer) sayPruning(list []jail.Pruning, own pruneFlags, sys *system) {
	files, kept, saved := 0, 0, 0
	var bytes int64
	for _, r := range list {
		files, kept, saved, bytes = files+r.Files, kept+r.Kept, saved+r.Saved, bytes+r.Bytes
		if r.Files > 0 {
			p.tell("run %d, %s, %s: %s and %s, %s", r.Number(), r.Time.Format(time.RFC3339), whatHappened(jail.Past{Run: r.Run}),
				counted(r.Backups), count(r.Files-r.Backups, "other file"), size(r.Bytes))
		}
	}
	if kept > 0 {
		p.tell("Kept: %s that a rollback needs.", counted(kept))
	}
	if saved > 0 {
		p.tell("Kept: %s of files that lie nowhere else; --saved removes them too.", counted(saved))
	}
	amount := count(files, "file") + ", " + size(bytes)
	switch {
	case files == 0:
		p.tell("There is nothing to remove.")
	case own.yes:
		p.tell("Removed: %s.", amount)
	case p.screen.width > 0:
		p.tell("To remove: %s. Nothing was removed.", amount)
		p.steps(nextStep{"Remove", sys.jailLine(own.line()...)})
		return
	default:
		p.tell("To remove %s: the same command with --yes. Nothing was removed.", amount)
	}
	p.steps(nextStep{"What is kept", sys.jailLine("history")})
}

// line is the command that removes the backups.
func (own pruneFlags) line() []string {
	line := []string{"prune", "--older-than", own.olderThan.String()}
	if own.run > 0 {
		line = []string{"prune", "--run", own.run.String()}
	}
	if own.saved {
		line = append(line, "--saved")
	}
	return append(line, "--yes")
}
