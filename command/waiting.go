package command

import (
	"context"
	"fmt"
	"sync"
	"time"

	"named-jail/jail"
)

// drawEvery is how often a line that shows what goes on is drawn again.
const drawEvery = 100 * time.Millisecond

// draw shows on a terminal, in a line that is drawn again and again, what text
// gives, once the work takes longer than barAfter; what it gives back ends that
// and takes the line away. There is none where the cursor cannot be moved.
func (p printer) draw(text func(since time.Duration) string) (end func()) {
	if p.flags.quiet || p.flags.json || !p.errScreen.moves {
		return func() {}
	}
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		begun, shown := time.Now(), false
		for tick := time.NewTicker(drawEvery); ; {
			select {
			case <-ended:
				tick.Stop()
				if shown {
					fmt.Fprint(p.err, "\r\x1b[K")
				}
				return
			case <-tick.C:
			}
			if since := time.Since(begun); since >= barAfter {
				line, _ := window(text(since), 0, p.errScreen.width-1, localeGlyphs().more)
				fmt.Fprint(p.err, "\r"+line+"\x1b[K")
				shown = true
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(ended)
		<-gone
	})
}

// waiting shows what is waited for, and how long already.
func (p printer) waiting(what string) (end func()) {
	return p.draw(func(since time.Duration) string {
		return fmt.Sprintf("%s %s %s", what, localeGlyphs().more, since.Truncate(time.Second))
	})
}

// showWork shows how far a change of the jail is.
func (p printer) showWork() (end func()) {
	return p.draw(func(since time.Duration) string {
		at := jail.Working()
		text := at.Doing
		if at.Total > 0 {
			text += fmt.Sprintf(": %s of %s", thousands(at.Done), thousands(at.Total))
		}
		return fmt.Sprintf("%s, %s copied, %s", text, size(at.Bytes), since.Truncate(time.Second))
	})
}

// compare makes the plan and looks at it with named's eyes, which takes a while
// where there are many files or libraries.
func (w *walk) compare(p printer, keepGoing bool) {
	defer p.waiting("comparing the jail with the configuration")()
	w.makePlan(keepGoing)
	if w.plan != nil {
		w.ds = append(w.ds, w.takePreflight()...)
	}
}

// hearCheckconf waits for named-checkconf and takes in what it says.
func (w *walk) hearCheckconf(ctx context.Context, p printer) {
	defer p.waiting("named-checkconf reads the configuration")()
	w.askCheckconf(ctx)
}
