package command

import (
	"context"
	"fmt"
	"os/signal"
	"path"
	"strings"
	"syscall"
	"time"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// liveServer is a running named and what --live has asked it to do.
//
// One that runs in the jail is spoken to with rndc: zones whose files the plan
// touches are frozen, so that their files hold all that clients were told is
// accepted, and nothing is written while the files are worked on; when the plan
// is done the server reloads, and the zones are thawed, whatever happened.
//
// One that runs unjailed, on the files that are about to move, is not spoken to.
// What it writes stays where it is, for it would go on writing by a name or a
// descriptor that nobody looks at any more: it renames new files over the links,
// and appends to databases and logs that it holds open. All the rest is put into
// the jail, and what was left follows when named is started there.
type liveServer struct {
	w      *walk
	remote *remote // nil: the server is unjailed
	frozen []*rewrite.Zone
}

// notLive is the finding that --live cannot be used, with what to do instead.
func notLive(p jail.Process, why string) parser.Diagnostics {
	remedy := "Remove the cause, or stop named, apply without --live, and start it again."
	if p.PID > 0 {
		remedy = fmt.Sprintf("Remove the cause; or stop named (%s), apply without --live, and start it again.", stopWords(p))
	}
	return parser.Diagnostics{{Code: "NJ519", Message: "--live cannot be used, and nothing was changed: " + why, Remedy: remedy}}
}

// holdSignals makes a hang-up stop the work as ^C does, and a reader of our
// output that went away no reason to die: zones are to be thawed. What it gives
// undoes it.
func holdSignals(ctx context.Context) (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}

// meetServer finds the named that --live is to deal with: the one in the jail,
// or the unjailed one with our configuration. nil: none runs.
func (w *walk) meetServer(ctx context.Context) (*liveServer, parser.Diagnostics) {
	if w.tree == nil || len(w.install.Files) == 0 {
		return nil, nil // the findings say why
	}
	list, err := jail.Running(w.tree, w.build.Path, w.ids.UserUID, w.noted()...)
	if err != nil {
		return nil, notLive(jail.Process{}, plainText(err))
	}
	var ours []jail.Process
	for _, p := range list {
		if p.InJail && p.Named || !p.InJail && w.usesConf(p) {
			ours = append(ours, p)
		}
	}
	switch {
	case len(ours) == 0:
		return nil, nil
	case len(ours) > 1:
		return nil, notLive(ours[0], fmt.Sprintf("processes %d and %d both run named on these files", ours[0].PID, ours[1].PID))
	case ours[0].Elsewhere:
		return nil, notLive(ours[0], fmt.Sprintf("named (process %d) has another root directory, from which it would not see what was moved", ours[0].PID))
	}
	w.served = ours[0]
	s := &liveServer{w: w}
	if !ours[0].InJail {
		return s, nil
	}
	if s.remote, err = w.findRemote(ctx, ours[0]); err != nil {
		return nil, s.failed(ctx, err)
	}
	return s, nil
}

// failed is the finding for an error before the first change.
func (s *liveServer) failed(ctx context.Context, err error) parser.Diagnostics {
	if ctx.Err() != nil {
		return parser.Diagnostics{{Code: "NJ509", Message: "stopped; nothing was changed"}}
	}
	return notLive(s.w.served, err.Error())
}

// settle makes the server keep off what the plan changes, or the plan off what
// the server writes. Errors: a noRemote, after which nothing was changed.
func (s *liveServer) settle(ctx context.Context, p printer) error {
	if s.remote == nil {
		return s.keepOff()
	}
	for _, z := range s.touched() {
		if err := s.freeze(ctx, p, z); err != nil {
			return err
		}
	}
	return s.written(ctx)
}

// keepOff makes the plan without what an unjailed server writes.
func (s *liveServer) keepOff() error {
	w := s.w
	server, err := w.served.Look()
	if err != nil {
		return noRemote("what named has open cannot be found out: " + plainText(err))
	}
	leave := func(e rewrite.Wanted) bool {
		switch {
		case e.Kind == rewrite.HostLink || e.Class.Living() || e.Class == rewrite.ClassBeside:
			return true
		case e.Class == rewrite.ClassStatic:
			// It has a journal: the server was started when the zone was dynamic.
			if _, err := w.host.Stat(strings.TrimSuffix(e.Source, ".jnl") + ".jnl"); err == nil {
				return true
			}
		}
		info, err := w.host.Stat(e.Source)
		return err == nil && server.Open[info.Identity()]
	}
	w.planWith(jail.PlanOptions{Copy: w.copy, KeepGoing: w.keepGoing, Leave: leave}) // what it finds was told of the whole plan
	return nil
}

// touched gives the zones that the server may write and whose files the plan
// changes or takes from somewhere. New zones it does not know yet.
func (s *liveServer) touched() []*rewrite.Zone {
	known := s.w.store.Manifest()
	names := map[string]bool{}
	for _, o := range s.w.ops() {
		switch o.Op {
		case "write", "move", "copy", "link", "remove":
			for _, name := range []string{string(o.Path), o.From} {
				names[name] = true
				names[strings.TrimSuffix(name, path.Ext(name))] = true // .jnl and the like
			}
		}
	}
	var list []*rewrite.Zone
	for _, z := range s.w.install.Zones {
		if z.File == nil || z.Type != "primary" || !names[z.File.Host] && !names[string(z.File.Jail)] {
			continue
		}
		if known.Names[z.File.Host] != "" {
			list = append(list, z)
		}
	}
	return list
}

// rndcWords name a zone to rndc.
func rndcWords(z *rewrite.Zone) []string {
	words := []string{z.Name}
	if z.View != "" || z.Class != "IN" {
		words = append(words, z.Class)
	}
	if z.View != "" {
		words = append(words, z.View)
	}
	return words
}

// thawLine is the command that thaws a zone.
func thawLine(z *rewrite.Zone) string {
	return shellLine(append([]string{"rndc", "thaw"}, rndcWords(z)...))
}

// untouched are the answers to freeze after which there is nothing to thaw: the
// administrator froze the zone, and it stays so; named does not write it, or
// does not know it.
var untouched = []string{"already frozen", "not dynamic", "not found", "no matching zone"}

// freeze makes named write a zone to its file and refuse updates. From here on
// the zone counts as frozen by us, unless the server says otherwise: an answer
// that is late may still be a freeze.
func (s *liveServer) freeze(ctx context.Context, p printer, z *rewrite.Zone) error {
	words := append([]string{"freeze"}, rndcWords(z)...)
	for _, word := range words {
		if strings.ContainsAny(word, " \t\r\n\"'\\;{}") {
			return noRemote(fmt.Sprintf("rndc cannot be told the zone %s", parser.Printable(z.Label())))
		}
	}
	s.frozen = append(s.frozen, z)
	a := s.remote.ask(ctx, words...)
	if a.err == nil {
		if !p.flags.quiet && !p.flags.json {
			fmt.Fprintf(p.err, "named-jail: zone %s takes no updates until this is done (else: %s)\n", parser.Printable(z.Label()), thawLine(z))
		}
		return nil
	}
	for _, known := range untouched {
		if strings.Contains(a.words, known) {
			s.frozen = s.frozen[:len(s.frozen)-1]
			return nil
		}
	}
	return a.err
}

// pause is how long is waited between two looks at the server.
const pause = 50 * time.Millisecond

// written waits until the server has written the frozen zones: rndc freeze comes
// back before a large zone is on the disk. Until then it has a file open for
// writing in the zone's directory.
func (s *liveServer) written(ctx context.Context) error {
	for end := time.Now().Add(rndcTime); ; {
		busy, err := s.writes()
		if err != nil || !busy {
			return err
		}
		if time.Now().After(end) {
			return noRemote(fmt.Sprintf("named was still writing the frozen zones after %v", rndcTime))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// writes tells whether the server has a file open for writing in a directory of
// a frozen zone.
func (s *liveServer) writes() (bool, error) {
	server, err := s.w.served.Look()
	if err != nil {
		return false, noRemote("named has ended")
	}
	done := map[string]bool{}
	for _, z := range s.frozen {
		dir := path.Dir(s.w.tree.HostPath(z.File.Jail))
		if done[dir] {
			continue
		}
		done[dir] = true
		names, err := s.w.host.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, name := range names {
			info, err := s.w.host.Lstat(path.Join(dir, name))
			if err == nil && server.Open[info.Identity()] {
				return true, nil
			}
		}
	}
	return false, nil
}

// finish lets the server take in what was done, if it was, and thaws every zone
// that we froze. An interrupt does not stop it.
func (s *liveServer) finish(ctx context.Context, done bool) parser.Diagnostics {
	if s == nil || s.remote == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	var ds parser.Diagnostics
	if done {
		if a := s.remote.ask(ctx, "reload"); a.err != nil {
			ds.Add(parser.Diagnostic{Code: "NJ520", Message: "the jail is up to date, but the server did not take that in: " + a.err.Error(),
				Remedy: "See what named says in its log, then run: rndc reload."})
		}
	}
	for _, z := range s.frozen {
		if why := s.thaw(ctx, z); why != "" {
			ds.Add(parser.Diagnostic{Code: "NJ520", Message: fmt.Sprintf("the zone %s is still frozen and refuses updates: %s", parser.Printable(z.Label()), why),
				Remedy: "Run: " + thawLine(z) + "."})
		}
	}
	s.frozen = nil
	return ds
}

// thaw thaws a zone, and says why it is still frozen where that fails. A zone
// that the new configuration has no more needs no thawing.
func (s *liveServer) thaw(ctx context.Context, z *rewrite.Zone) string {
	a := s.remote.ask(ctx, append([]string{"thaw"}, rndcWords(z)...)...)
	if a.err == nil || strings.Contains(a.words, "not found") || strings.Contains(a.words, "no matching zone") {
		return ""
	}
	status := s.remote.ask(ctx, append([]string{"zonestatus"}, rndcWords(z)...)...)
	if status.err == nil && !strings.Contains(status.words, "frozen: yes") {
		return ""
	}
	return a.err.Error()
}

// applyLive is apply with --live.
func applyLive(ctx context.Context, f flags, p printer) (err error) {
	if f.root != "/" {
		return usageError{"apply: --live is for the running system, not for one below --root"}
	}
	ctx, release := holdSignals(ctx)
	defer release()
	w, err := begin(ctx, f, p, true)
	if err != nil {
		return err
	}
	defer w.close()
	s, refused := w.meetServer(ctx)
	if len(refused) > 0 {
		return w.refused(p, append(w.all(), refused...))
	}
	all := w.judge(ctx, p, f)
	if w.plan == nil || w.refuses(all) {
		return w.refused(p, all)
	}
	if s == nil {
		return carryOut(ctx, w, p, all, nil)
	}
	return s.apply(ctx, f, p, all)
}

// apply carries the plan out beside the server. Whatever happens, the zones that
// were frozen are thawed.
func (s *liveServer) apply(ctx context.Context, f flags, p printer, all parser.Diagnostics) error {
	defer func() { p.findings(s.finish(ctx, false)) }() // nothing is left to do but after a panic
	w := s.w
	if err := s.settle(ctx, p); err != nil {
		return w.refused(p, append(s.failed(ctx, err), s.finish(ctx, false)...))
	}
	if len(s.frozen) > 0 {
		if err := w.examineAnew(ctx, p); err != nil {
			return err
		}
		all = w.judge(ctx, p, f)
	}
	if w.plan == nil || w.refuses(all) {
		return w.refused(p, append(all, s.finish(ctx, false)...))
	}
	return carryOut(ctx, w, p, all, s)
}

// examineAnew reads configuration and zones once more: the server has written
// since.
func (w *walk) examineAnew(ctx context.Context, p printer) error {
	w.endCheckconf()
	w.plan = nil
	return w.examine(ctx, p)
}
