package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// runFlags are named-jail's own flags of run; they stand before named's.
type runFlags struct {
	flags
	fallback bool
	isolate  bool
}

// set gives the flags as a set that fills r.
func (r *runFlags) set() *pflag.FlagSet {
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&r.named, "named", "", "the real named is `FILE` (default: NAMED_JAIL_NAMED, else the first in PATH)")
	set.BoolVar(&r.copy, "copy", false, "leave the originals and put copies in the jail, now and later")
	set.BoolVar(&r.fallback, "fallback", false, "start on the last good configuration where the present one is refused")
	set.BoolVar(&r.isolate, "isolate", false, "show named a jail that is read-only but for the directories that it writes, and let it never gain rights (Linux)")
	set.BoolVar(&r.noZones, "no-zones", false, "leave the zone files out")
	set.BoolVar(&r.noCache, "no-cache", false, "read unchanged zone files again")
	set.BoolVar(&r.noCheckconf, "no-checkconf", false, "do not ask named-checkconf too")
	set.BoolVar(&r.quiet, "quiet", false, "say only what is wrong")
	return set
}

// ownFlags reads named-jail's flags of run.
func ownFlags(words []string) (runFlags, error) {
	var r runFlags
	set := r.set()
	if err := set.Parse(words); err != nil {
		var names []string
		set.VisitAll(func(f *pflag.Flag) { names = append(names, longFlag(f)) })
		return r, usageError{"run: " + err.Error() + "; named-jail's own flags there are " + strings.Join(names, ", ")}
	}
	return r, nil
}

// run checks, applies, and then becomes named. Once it has, it does not return.
func run(ctx context.Context, words []string) error {
	own, namedWords := launcher.SplitOwn(words)
	if slices.Contains(own, "--help") {
		return helpOfRun()
	}
	r, err := ownFlags(own)
	if line := commandFirst(words); err != nil && line != "" {
		err = usageError{err.Error() + "; a command of named-jail's stands first: " + line}
	}
	p := newPrinter(r.flags)
	p.events = newEvents(os.Stderr)
	if err == nil {
		err = startNamed(ctx, r, p, namedWords)
	}
	return p.events.end(err)
}

// helpOfRun prints the help, which stands in the command line as a flag of ours too.
func helpOfRun() error {
	c := newRoot()
	c.SetArgs([]string{"run", "--help"})
	return c.Execute()
}

// startNamed is the work of run. It returns only when named was not started.
func startNamed(ctx context.Context, r runFlags, p printer, namedWords []string) error {
	self, _ := launcher.Self()
	program, err := launcher.Find(r.named, os.Getenv("NAMED_JAIL_NAMED"), self)
	if err != nil {
		return err
	}
	build, err := startBuild(ctx, program, namedWords, r.flags)
	if err != nil {
		return err
	}
	host, err := jail.OpenHost("/")
	if err != nil {
		return err
	}
	isGroup := func(name string) bool {
		_, err := jail.LookupGroup(host, "/", name)
		return err == nil
	}
	inv, err := launcher.ParseArgs(build, namedWords, isGroup)
	host.Close()
	if err != nil {
		return misplaced(err, namedWords)
	}
	env, about := launcher.Environment(os.Environ())
	if inv.Info != 0 {
		return launcher.Exec(program, inv.Original(), env)
	}
	r.named, r.flags.jail, r.user, r.group, r.conf = program, inv.Jail, inv.User, inv.Group, inv.Config
	r.notify = os.Getenv(notifyVariable)
	s, err := interruptible(ctx, p, func(ctx context.Context) (*start, error) { return prepare(ctx, r, p, inv) })
	if err != nil {
		return err
	}
	if err := s.enter(p, build); err != nil {
		return err
	}
	for _, text := range about {
		p.notice(text)
	}
	return launcher.Exec(program, s.argv, env)
}

// interruptible lets ^C on a terminal end the work before named is started, so that
// no half of a bar stays behind. named finds the signal as we found it.
func interruptible(ctx context.Context, p printer, work func(context.Context) (*start, error)) (*start, error) {
	if !p.errScreen.moves || signal.Ignored(os.Interrupt) {
		return work(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pressed, heard := make(chan os.Signal, 1), make(chan bool)
	signal.Notify(pressed, os.Interrupt)
	go func() {
		defer close(heard)
		for range pressed {
			cancel()
		}
	}()
	s, err := work(ctx)
	signal.Stop(pressed)
	close(pressed)
	<-heard
	if err == nil && ctx.Err() != nil {
		err = told(p, parser.Diagnostics{{Code: "NJ509", Message: "stopped before named was started; the jail is up to date"}})
	}
	return s, err
}

// misplaced says what to do when a command stands behind flags, where it is no
// word of named's: named-jail -t /var/named check.
func misplaced(err error, words []string) error {
	var launch *launcher.ExitError
	if !errors.As(err, &launch) || launch.Diagnostic.Code != "NJ608" {
		return err
	}
	if line := commandFirst(words); line != "" {
		launch.Diagnostic.Remedy = "A command of named-jail's stands first: " + line
	}
	return err
}

// commandFirst gives the line with the command in front that stands behind flags in
// these words, "" where none does.
func commandFirst(words []string) string {
	for i, word := range words {
		if c, _, found := newRoot().Find([]string{word}); i > 0 && found == nil && c.Name() == word && c.HasParent() {
			return shellLine(slices.Concat([]string{"named-jail", word}, words[:i], words[i+1:]))
		}
	}
	return ""
}

// prepare brings the jail up to date and says how named is started.
func prepare(ctx context.Context, r runFlags, p printer, inv *launcher.Invocation) (*start, error) {
	if os.Geteuid() != 0 {
		return nil, told(p, parser.Diagnostics{{Code: "NJ504", Message: "only root can start named in a jail: chroot(2) needs it",
			Remedy: "Start it from the boot script or the unit, or with sudo; check and plan work without root."}})
	}
	w, last, err := beginStart(ctx, r.flags, p)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if w.system.diags.Errors() > 0 {
		return nil, told(p, w.system.diags)
	}
	if inv.Build.Family == 8 && inv.Group == "" {
		inv.Group = w.account.Group
	}
	if last != nil {
		if busy := w.busy(true); len(busy) > 0 {
			return nil, told(p, busy)
		}
		p.findings(append(w.all(), last.Findings...))
		w.loads = last.Zones
		return w.newStart(inv, r.isolate)
	}
	if !r.noCheckconf {
		w.leaveToNamed(ctx)
	}
	config := w.configErrors()
	if config == 0 {
		w.makePlan(true)
		if !r.noCheckconf && w.writesConfig() {
			w.askCheckconf(ctx)
			config = w.configErrors()
		}
	}
	if busy := w.busy(true); len(busy) > 0 {
		return nil, told(p, busy)
	}
	if config > 0 {
		p.findings(w.all())
		if err := w.lastGood(p, r.fallback, "the configuration is refused"); err != nil {
			return nil, err
		}
		return w.newStart(inv, r.isolate)
	}
	w.plan.LastLook = func() error { return w.lastLook(true) }
	preflight := w.ofZones(w.takePreflight()) // told, and left to named to judge
	w.endWatch()
	end := p.showWork()
	err = w.store.Apply(ctx, w.host, w.tree, w.plan)
	end()
	if ctx.Err() != nil && err != nil {
		return nil, told(p, asDiagnostics(err))
	}
	if err != nil {
		p.findings(append(w.all(), w.ofZones(asDiagnostics(err))...))
		if err := w.lastGood(p, true, "the jail could not be brought up to date"); err != nil {
			return nil, err
		}
		return w.newStart(inv, r.isolate)
	}
	p.findings(append(w.all(), preflight...))
	w.recordStart(ctx, preflight)
	w.sayGoesOn(p)
	return w.newStart(inv, r.isolate)
}

// sayGoesOn says what becomes of faulty zone files: they do not keep the server
// down.
func (w *walk) sayGoesOn(p printer) {
	if n := len(w.faulty); n > 0 {
		p.notice(fmt.Sprintf("named starts all the same; %s above left where it is, with the last good one in use where the jail has it", count(n, "faulty zone file")))
	}
}

// jailPath is the jail as chroot(2) gets it.
func (w *walk) jailPath() string { return w.tree.RealPath() }

// configErrors counts the errors that are not about the data of a zone: those
// that bare named would refuse to start on.
func (w *walk) configErrors() int {
	n := 0
	for _, d := range w.all() {
		if d.Severity == parser.Error && !isZoneFinding(d.Code) {
			n++
		}
	}
	return n
}

// leaveToNamed makes warnings of findings about statements that named's own
// named-checkconf does not share: named is to decide whether it starts on them,
// not we.
func (w *walk) leaveToNamed(ctx context.Context) {
	mine := 0
	for _, d := range w.all() {
		switch {
		case d.Severity != parser.Error || isZoneFinding(d.Code):
		case strings.HasPrefix(string(d.Code), "NJ2"):
			mine++
		default:
			return // the jail cannot be made with this one
		}
	}
	if mine == 0 || !w.checkconfAccepts(ctx) {
		return
	}
	for i := range w.ds {
		if d := &w.ds[i]; d.Severity == parser.Error && strings.HasPrefix(string(d.Code), "NJ2") {
			d.Severity = parser.Warning
			d.Remedy += " (named-checkconf does not refuse it, so named is started and decides.)"
		}
	}
}

// lastGood lets named start on what the jail held before, where it may and
// where there is something.
func (w *walk) lastGood(p printer, allowed bool, why string) error {
	if len(w.store.Manifest().Runs) == 0 {
		return exit(statusFailed)
	}
	if !allowed {
		p.notice("named is not started; run --fallback starts it on the last good configuration")
		return exit(statusFailed)
	}
	p.finding(parser.Diagnostic{Code: "NJ606", Severity: parser.Warning, Message: why + "; named starts on what the jail holds since the last apply",
		Remedy: "Correct what is shown above, then run: named-jail apply -t " + w.jail})
	return nil
}
