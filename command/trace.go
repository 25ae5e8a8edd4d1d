package command

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// traceFlags are the flags of trace alone.
type traceFlags struct {
	add   bool
	limit time.Duration
	named []string // named's own flags
}

func traceCommand(f *flags) *cobra.Command {
	var t traceFlags
	c := &cobra.Command{Use: "trace [-- NAMED-FLAGS...]", GroupID: "start", Short: "start named apart: what does it miss in the jail?",
		Long: `Start named in the jail as run would, follow its system calls, ask it for its
zones, stop it, and list what it looked for in the jail and did not get, the
worst first. Status 3: something that matters is missing.

It runs apart: what it writes goes to memory and is forgotten, and its network
is a loopback interface that leads nowhere. So no port clashes, and nothing is
transferred, notified or logged; what secondary zones do with a transfer is not
seen. The jail must be up to date, and no named may run in it. Linux alone, on
amd64 and arm64, as root.

With --add, what matters and is a plain file that named may read on the host
goes into the jail, at the same path. The next apply keeps it and takes in its
changes; rollback removes it.`,
		Example: "  named-jail trace -t /var/named -u named\n  named-jail trace --add --for 60s   # a server with many zones\n  named-jail trace -- -4 -n 1        # with named's own flags",
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n != 0 {
				return noOperands(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if t.limit <= 0 {
				return usageError{"trace: --for wants a time such as 10s"}
			}
			t.named = args
			return trace(cmd.Context(), *f, t)
		}}
	c.Flags().BoolVar(&t.add, "add", false, "put what matters and what the host has into the jail")
	c.Flags().DurationVar(&t.limit, "for", 10*time.Second, "stop named after `DURATION`, ready or not")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	return c
}

// maxRounds bounds how often --add traces again: what was missing can hide what
// is missing next.
const maxRounds = 6

// trace runs named once under tracing and lists what it misses in the jail.
func trace(ctx context.Context, f flags, t traceFlags) error {
	p := newPrinter(f)
	if os.Geteuid() != 0 {
		return told(p, parser.Diagnostics{{Code: "NJ504", Message: "only root can trace named in a jail: chroot(2) and the tracing need it",
			Remedy: "Run the same command as root (sudo); check and plan work without."}})
	}
	f.asMade = true
	w, err := begin(ctx, f, p, t.add)
	if err != nil {
		return err
	}
	defer w.close()
	argv, ds := w.traceable(t)
	if len(ds) > 0 {
		return told(p, ds)
	}
	doc := traceDocument{}
	for round := 1; ; round++ {
		end := p.waiting("named runs apart, and is asked")
		report, err := w.traceOnce(ctx, t, argv)
		end()
		if err != nil {
			return told(p, append(doc.ds, asDiagnostics(err)...))
		}
		doc.missing, doc.ended = w.sortMisses(report), report.Ended || !report.Entered
		more := w.addable(doc.missing)
		if !t.add || len(more.paths) == 0 || round == maxRounds {
			doc.addable = len(more.paths) > 0
			doc.ds = append(doc.ds, w.missFindings(doc.missing, more, t.add)...)
			doc.ds = append(doc.ds, w.ending(report, t)...)
			return w.tell(p, t, doc)
		}
		ops, ds := w.add(ctx, more.paths)
		doc.ops = append(doc.ops, ops...)
		if ds.Errors() > 0 {
			return told(p, append(doc.ds, ds...))
		}
		doc.ds = append(doc.ds, ds...)
	}
}

// traceable tells why named cannot be traced in this jail now; else it gives
// the command line that starts it.
func (w *walk) traceable(t traceFlags) ([]string, parser.Diagnostics) {
	if !w.live() {
		return nil, parser.Diagnostics{{Code: "NJ609", Message: "named is traced on the running system only, not below --root",
			Remedy: "Leave --root out, or run named-jail inside of that system."}}
	}
	if w.system.diags.Errors() > 0 {
		return nil, w.system.diags
	}
	if w.build.Path == "" {
		self, _ := launcher.Self()
		_, err := launcher.Find(w.flags.named, os.Getenv("NAMED_JAIL_NAMED"), self)
		return nil, asDiagnostics(err)
	}
	w.makePlan(true)
	if w.plan == nil || w.configErrors() > 0 {
		return nil, w.all()
	}
	if !w.plan.Empty() {
		return nil, parser.Diagnostics{{Code: "NJ521", File: w.tree.RealPath(),
			Message: "the jail is not as the configuration wants it: " + count(len(w.plan.Ops), "change") + " to make",
			Remedy:  "Bring it up to date first: " + w.sameLine("apply")}}
	}
	if busy := w.busy(true); len(busy) > 0 {
		return nil, busy
	}
	inv, err := launcher.ParseArgs(w.build, t.named, nil)
	if err != nil {
		return nil, asDiagnostics(err)
	}
	if inv.Jail != "" || inv.User != "" || inv.Group != "" || inv.Config != "" || inv.Info != 0 {
		return nil, parser.Diagnostics{{Code: "NJ608", Message: "of named's flags, -t, -u, -g and -c stand before the --, and those that only print something do not belong to a trace",
			Remedy: "As in: named-jail trace -t /var/named -u named -- -4"}}
	}
	if inv.Build.Family == 8 {
		inv.Group = w.account.Group
	}
	argv := inv.Argv(w.jailPath(), w.account.Name)
	if !inv.Foreground {
		argv = append(argv, "-f")
	}
	return argv, nil
}

// notifyPrefix would let systemd believe that the server has started.
const notifyPrefix = "NOTIFY_SOCKET="

// traceOnce starts named, asks it, and stops it.
func (w *walk) traceOnce(ctx context.Context, t traceFlags, argv []string) (*launcher.TraceReport, error) {
	all, _ := launcher.Environment(os.Environ())
	var env []string
	for _, v := range all {
		if !strings.HasPrefix(v, notifyPrefix) {
			env = append(env, v)
		}
	}
	return launcher.Trace(ctx, launcher.TraceOptions{Program: w.build.Path, Argv: argv, Env: env, Jail: w.jailPath(),
		Limit: t.limit, Ask: w.askNamed})
}

// ending says what kept the trace from showing all.
func (w *walk) ending(r *launcher.TraceReport, t traceFlags) parser.Diagnostics {
	var ds parser.Diagnostics
	switch {
	case r.Ended || !r.Entered:
		how := statusText(r.Status)
		if !r.Ended {
			how = "it did not enter the jail"
		}
		message := "named does not stay up in the jail: " + how
		if last := endOf(withoutPriority(r.Said), 3); last[0] != "" {
			message += "; its last words: " + strings.Join(last, " / ")
		}
		ds.Add(parser.Diagnostic{Code: "NJ613", Message: message,
			Remedy: "Mend what is shown as fatal, then trace again; named itself says more with -g."})
	case !r.Settled:
		ds.Add(parser.Diagnostic{Code: "NJ613", Severity: parser.Warning, Message: "named was not ready after " + t.limit.String() + ", so that the list is not complete",
			Remedy: "Give it more time: --for " + (6 * t.limit).String()})
	}
	return ds
}

// withoutPriority takes the numbers from the beginnings of syslog's lines.
func withoutPriority(said string) string {
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "<"); ok {
			if _, text, ok := strings.Cut(rest, ">"); ok {
				lines[i] = text
			}
		}
	}
	return strings.Join(lines, "\n")
}

// traceDocument is what trace has to say; document is its JSON.
type traceDocument struct {
	ds      parser.Diagnostics
	missing []missing
	ops     []jail.Op
	ended   bool
	addable bool // --add would put something in
}

// mattering counts what matters.
func mattering(n int) string {
	if n == 1 {
		return "1 thing that matters"
	}
	return thousands(n) + " things that matter"
}

// tell prints the result and gives the exit status.
func (w *walk) tell(p printer, t traceFlags, d traceDocument) error {
	p.table(d.missing)
	p.findings(d.ds)
	if p.flags.json {
		doc := struct {
			document
			Missing []missing `json:"missing"`
		}{newDocument(w.jail, d.ds, d.ops), d.missing}
		if err := p.encode(doc); err != nil {
			return err
		}
	}
	for _, o := range d.ops {
		p.say("%s %s: put into the jail", o.Op, o.Path)
	}
	audit := nextStep{"Look at the jail", w.sameLine("audit")}
	switch n := anyMatters(d.missing); {
	case n > 0 && p.screen.width > 0:
		steps := []nextStep{{"Trace again", w.sameLine("trace")}}
		if d.addable && !t.add {
			steps = append([]nextStep{{"Put it in", w.sameLine("trace", "--add")}}, steps...)
		}
		p.end(yellow, w.jail, "named misses "+mattering(n)+".", steps...)
		return exit(statusPending)
	case n > 0:
		p.say("%s: named misses %s", w.jail, mattering(n))
		return exit(statusPending)
	case d.ended, d.ds.Errors() > 0:
		p.failed(d.ds, "Mend the errors, then again:", nextStep{"Trace", w.sameLine("trace")})
		return exit(statusFailed)
	case p.screen.width > 0:
		p.next(w.jail, "named misses nothing that matters.", audit)
		return nil
	}
	p.say("%s: named misses nothing that matters", w.jail)
	return nil
}
