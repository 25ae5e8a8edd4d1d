package command

import (
	"context"

	"named-jail/jail"
	"named-jail/parser"
)

// A start that found the jail as it must be, and nothing wrong, is recorded as a
// check is (record.go). When nothing of what it looked at has changed, the next
// one has nothing to read and nothing to compare; where zone files have got another
// text, these alone are read (lone.go).

// beginStart is begin for a start. The second result is the outcome of the last
// start where it still holds; then nothing has been read.
func beginStart(ctx context.Context, f flags, p printer) (*walk, *verdict, error) {
	w, err := enter(ctx, f, p)
	if err != nil {
		return nil, nil, err
	}
	if w.store != nil && !w.store.Unfinished() {
		if v := w.recall(ctx, jail.LastStart); v != nil {
			return w, v, nil
		}
	}
	if err = w.openStore(p, true); err == nil {
		w.beginRecord()
		err = w.examine(ctx, p)
	}
	if err != nil {
		w.close()
		return nil, nil, err
	}
	return w, nil, nil
}

// recordStart keeps the outcome of a start that has nothing to change; preflight
// are the findings that are told, but not among those of the check.
func (w *walk) recordStart(ctx context.Context, preflight parser.Diagnostics) {
	if len(w.ops()) > 0 || w.plan == nil {
		w.endWatch()
		return
	}
	w.ds = append(w.ds, preflight...)
	w.state = w.store.State() // this run has the lock, and may have noted what was read of the files
	w.record(ctx, jail.LastStart)
}
