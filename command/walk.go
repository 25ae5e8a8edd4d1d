package command

import (
	"bytes"
	"context"
	"errors"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
	"named-jail/zones"
)

// walk is a run of a command that looks at zones and jail: the survey, the
// store and the plan.
type walk struct {
	*survey
	store *jail.Store
	plan  *jail.Plan
	added []rewrite.JailPath // files to put into the jail that no statement names
	asks  bool               // named-checkconf is asked, while the zones are read
	fresh *zones.Cache       // of a check whose store does not exist yet
	loads []string           // zones that named loads, as the last start knew them

	served jail.Process // the server that --live deals with
}

// close lets go of the store too.
func (w *walk) close() {
	w.endCheckconf()
	if w.store != nil {
		w.store.Close()
	}
	w.system.close()
}

// begin opens the system and its store, reads the configuration and checks the
// zones: what check, plan, apply and run have in common. recovering says that
// this command may change things, so that it first deals with a run that was
// cut off.
func begin(ctx context.Context, f flags, p printer, recovering bool) (*walk, error) {
	w, err := enter(ctx, f, p)
	if err != nil {
		return nil, err
	}
	if err = w.openStore(p, recovering); err == nil {
		w.useRecorded()
		err = w.examine(ctx, p)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// enter opens the system and has a look at its store.
func enter(ctx context.Context, f flags, p printer) (*walk, error) {
	sys, err := open(ctx, f)
	if err != nil {
		return nil, err
	}
	if !f.asMade { // which the record tells
		sys.findAccount()
	}
	w := &walk{survey: &survey{system: sys}}
	if sys.tree != nil {
		w.store, err = jail.PeekStore(sys.host, sys.jail)
		if err != nil {
			w.close()
			return nil, told(p, parser.Diagnostics{jail.Diagnose(err)})
		}
	}
	return w, nil
}

// openStore opens the store in place of the one that enter had a look at.
func (w *walk) openStore(p printer, recovering bool) (err error) {
	if w.store == nil {
		return nil
	}
	w.store.Close()
	if w.store, err = jail.OpenStore(w.host, w.system.jail, false); err == nil && recovering {
		err = w.recover(p)
	}
	if err != nil {
		return told(p, parser.Diagnostics{jail.Diagnose(err)})
	}
	w.keepBuild()
	return nil
}

// useRecorded makes audit and trace, without -c and -u, judge the jail by the
// configuration and the account that it was made from, which need not be those that
// would be found: they ask whether the jail is what it should be, and make no other
// of it.
func (w *walk) useRecorded() {
	if !w.asMade {
		return
	}
	if w.store != nil {
		w.useConf(w.store.Manifest().Entries[rewrite.ConfPath])
		w.user = or(w.user, w.store.Manifest().User)
	}
	w.findAccount()
}

// useConf takes the original of the jail's configuration, where -c does not say
// another one.
func (w *walk) useConf(made *jail.Entry) {
	if w.flags.conf != "" || w.inJail != "" || made == nil || made.Source == "" || made.Source == w.conf {
		return
	}
	if _, err := w.host.RealPath(made.Source); err == nil {
		w.flags.conf = made.Source
		w.findConf()
	}
}

// examine reads the configuration and checks the zones.
func (w *walk) examine(ctx context.Context, p printer) error {
	names := (&jail.Manifest{}).Names
	if w.store != nil {
		names = w.store.Manifest().Names
	}
	cache := w.loadCache()
	w.apart = newReader()
	defer w.apart.close()
	if !w.noZones && (cache == nil || cache.Len() == 0) { // else there may be nothing for it to do
		w.apart.soon()
	}
	w.survey = w.system.readConfig(names)
	w.survey.copied = w.copy || w.store != nil && w.store.Manifest().Copy
	w.judgeAuthors()
	if w.asks {
		w.startCheckconf(ctx)
	}
	w.choose()
	if (w.noZones || w.chosen != nil) && w.store != nil {
		_, w.services = w.store.Manifest().Entries["/etc/services"] // what was found out once stays
	}
	if w.noZones || len(w.install.Files) == 0 {
		return nil
	}
	progress, done := newProgress(p)
	w.checkZones(ctx, cache, progress)
	done()
	if err := ctx.Err(); err != nil {
		return stopped(p)
	}
	w.saveCache(cache)
	return nil
}

// recover takes the lock and ends what an earlier run left undone.
func (w *walk) recover(p printer) error {
	if err := w.store.Lock(); err != nil {
		return err
	}
	what, err := w.store.Recover()
	if what != "" && !p.flags.json {
		p.notice(what)
	}
	if err == nil && what != "" {
		err = w.tree.Reopen() // that run may have made the jail
	}
	return err
}

// loadCache gives the record of zones that were found sound, nil with
// --no-cache, and with flags that ask for more than usual. A damaged record is made anew.
func (w *walk) loadCache() *zones.Cache {
	if w.noCache || w.store == nil || !w.ordinary() {
		return nil
	}
	cache, err := zones.LoadCache(bytes.NewReader(w.store.Recall(jail.CheckedZones)))
	if err != nil {
		return &zones.Cache{}
	}
	return cache
}

// saveCache keeps the record of all zones, where it can be kept. That it could not be is no
// reason to stop: the next run reads the zones again.
func (w *walk) saveCache(cache *zones.Cache) {
	if cache == nil || w.store == nil || w.chosen != nil || !cache.Changed() {
		return
	}
	if !w.store.Exists() {
		w.fresh = cache
		return
	}
	var b bytes.Buffer
	if cache.Save(&b) == nil {
		_ = w.store.Keep(jail.CheckedZones, b.Bytes())
	}
}

// A check of less than that is over in no time, and leaves no trace where there
// is no jail yet.
const (
	manyZones   = 1000
	manyRecords = 200000
)

// keepStore makes the store of a jail that is yet to come, so that what took
// long to check need not be checked again: on the running system, as root, when
// all is sound. That it cannot be made is no reason to stop.
func (w *walk) keepStore() {
	if w.store == nil || w.store.Exists() || w.noCache || !w.remembers() || w.all().Errors() > 0 {
		return
	}
	if len(w.reports) < manyZones && w.records() < manyRecords {
		return
	}
	if w.store.Create() == nil && w.fresh != nil {
		w.saveCache(w.fresh)
	}
}

// all gives every finding so far, those of the system first.
func (w *walk) all() parser.Diagnostics {
	return append(append(parser.Diagnostics{}, w.system.diags...), w.ds...)
}

// makePlan compares what the jail must hold with what it holds.
func (w *walk) makePlan(keepGoing bool) {
	if w.tree == nil || w.configErrors() > 0 {
		return // the findings say why
	}
	w.ds = append(w.ds, w.surroundings()...)
	w.ds = append(w.ds, w.planWith(jail.PlanOptions{Copy: w.copy, KeepGoing: keepGoing, Added: w.added})...)
}

// planWith makes the plan and gives its findings.
func (w *walk) planWith(opt jail.PlanOptions) (ds parser.Diagnostics) {
	w.plan, ds = jail.NewPlan(w.host, w.tree, w.store.Manifest(), w.withAdded(w.wanted()), w.ids, opt)
	return ds
}

// writesConfig tells whether the plan changes a configuration file.
func (w *walk) writesConfig() bool {
	if w.plan == nil {
		return true
	}
	for _, o := range w.plan.Ops {
		if _, isText := o.Content(); isText && o.Op == "write" {
			return true
		}
	}
	return false
}

// told prints findings and gives the error that ends the command.
func told(p printer, ds parser.Diagnostics) error {
	if p.flags.json {
		_ = p.document(p.flags.jail, ds, nil)
	}
	p.findings(ds)
	return exit(statusFailed)
}

// stopped is the end after an interrupt.
func stopped(p printer) error {
	return told(p, parser.Diagnostics{{Code: "NJ509", Message: "stopped; nothing was changed"}})
}

// asDiagnostics makes findings of an error; nil stays none.
func asDiagnostics(err error) parser.Diagnostics {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return parser.Diagnostics{{Code: "NJ509", Message: "stopped; everything is as it was"}}
	}
	return parser.Diagnostics{diagnose(err)}
}
