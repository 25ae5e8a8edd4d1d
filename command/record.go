package command

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc64"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/zones"
)

// A whole check that found the configuration sound is recorded with notes of all
// that it looked at. When the system is still as the notes say, and the command
// line, the programs and the account are the same, its findings hold, and nothing
// need be read again.
//
// The record is kept where only root can write, as that of zones is. What could
// not be noted, or has changed so recently that a second change might leave no
// trace, leaves no record; any difference, damage or doubt means a full check.

// verdict is the outcome of a check and what it depends on beyond the notes.
//
// Key names the programs, the command line and the rest of the surroundings.
// Zones are those that a start has the service manager wait for, Lone the token of the
// zones that can be judged alone (lone.go).
// The findings hold from Since until Until, zero for always: signatures and keys
// have times.
type verdict struct {
	Key      string
	Since    time.Time
	Until    time.Time
	Findings parser.Diagnostics
	Summary  string
	Zones    []string // that named loads
	Lone     string   // names the record of zones that goes with that of a start
}

// recordMagic starts a record; a change of the layout changes it.
const recordMagic = "named-jail check record 1\n"

// mostFindings bounds what is recorded of findings; more are no sound system.
const mostFindings = 1000

// recordable tells whether a record can be used or made at all. A check of a few
// zones says nothing of the whole.
func (w *walk) recordable() bool {
	return runtime.GOOS == "linux" && len(w.flags.zones) == 0 && w.remembers() && w.store != nil && !w.noCache && w.system.diags.Errors() == 0
}

// surroundingFiles are what libraries read without being watched: the names of
// services, which WKS records may give, and what is loaded before all else.
//
// Source: services(5), ld.so(8).
var surroundingFiles = []string{"/etc/services", "/etc/ld.so.cache", "/etc/ld.so.preload"}

// libraryFiles are what the libraries of named-checkconf read by themselves.
//
// Source: config(5) of OpenSSL, its places in distributions.
var libraryFiles = []string{"/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/usr/lib/ssl/openssl.cnf", "/usr/local/ssl/openssl.cnf", "/usr/local/etc/ssl/openssl.cnf"}

// recordKey describes all that decides about a check but for what the notes
// describe and the record of the jail (Store.State), "" when it cannot be known. The release of BIND is known from the
// program itself, and a program by its stamp. Files of the kernel's count by
// what is made of them: their times say nothing.
func (w *walk) recordKey() string {
	f := w.flags
	f.quiet, f.verbose, f.json, f.color, f.exitCode, f.out = false, false, false, "", false, ""
	groups, err := os.Getgroups()
	mounts, err2 := os.ReadFile("/proc/self/mountinfo")
	able, err3 := abilities()
	self := fileStamp("/proc/self/exe")
	if err != nil || err2 != nil || err3 != nil || self == "" {
		return ""
	}
	label, _ := os.ReadFile("/proc/self/attr/current") // none without SELinux or AppArmor
	around := ""
	for _, name := range surroundingFiles {
		around += fileStamp(name) + "|"
	}
	checkconf := ""
	if !f.noCheckconf {
		checkconf = w.checkconf()
	}
	return fmt.Sprintf("%s %s|%+v|%d %v %s %q|%+v|%+v %+v|%q %q|%q|%s %s %s|%x|%v|%v", Version, self, f, os.Getegid(), groups, able, label, w.build,
		w.account, w.ids, w.conf, w.inJail, w.jail, fileStamp(w.build.Path), fileStamp(checkconf), around,
		sha256.Sum256(mounts), w.system.diags, w.confined())
}

// abilities gives the line of the capabilities of this process: root without
// some of them may not read all files.
//
// Source: proc_pid_status(5).
func abilities() (string, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(text), "\nCapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	if !ok {
		return "", errors.New("the capabilities of this process are not known")
	}
	return strings.TrimSpace(line), nil
}

// noteCheckconf notes what named-checkconf itself consists of.
func (w *walk) noteCheckconf() {
	program := w.checkconf()
	if w.noCheckconf || program == "" {
		return
	}
	c, err := jail.LibraryClosure(w.host, program)
	if err != nil || len(c.Missing) > 0 {
		w.watch.Doubt("the libraries of " + program + " are not known")
	}
	for _, name := range libraryFiles {
		_, _ = w.host.Stat(name) // to be noted
	}
}

// fileStamp describes the file that a path leads to, "" for none.
func fileStamp(name string) string {
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprint(zones.StampOf(name, info))
}

// recall gives the outcome of the last check, or of the last start, where it still
// holds, else nil.
func (w *walk) recall(ctx context.Context, what jail.Memo) *verdict {
	if !w.recordable() {
		return nil
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // little is read, and soon done with
	v, notes := readRecord(w.store.Recall(what))
	if key := w.recordKey(); v == nil || key == "" || v.Key != key+"|"+w.store.State() {
		return nil
	}
	now := time.Now()
	if now.Before(v.Since) || !v.Until.IsZero() && !now.Before(v.Until) {
		return nil
	}
	most := 0
	if what == jail.LastStart {
		most = mostLone
	}
	rewritten, changed := notes.Changed(w.host, most)
	if changed == "" && len(rewritten) > 0 && !w.judgeLone(ctx, v, notes, rewritten) {
		changed = rewritten[0].Path
	}
	if changed != "" {
		if w.verbose {
			fmt.Fprintf(os.Stderr, "named-jail: everything is checked again: %s has changed\n", parser.Printable(changed))
		}
		return nil
	}
	return v
}

// beginRecord begins to watch what the check looks at.
func (w *walk) beginRecord() {
	if !w.recordable() {
		return
	}
	w.key, w.state, w.watch = w.recordKey(), w.store.State(), jail.NewWatch()
	w.watch.Add(w.host, w.tree)
	if w.source.host != w.host {
		w.watch.Add(w.source.host, nil)
	}
	w.noteCheckconf()
}

// endWatch ends the watch, where there is one.
func (w *walk) endWatch() {
	if w.watch == nil {
		return
	}
	w.watch.End(w.host)
	if w.source.host != w.host {
		w.watch.End(w.source.host)
	}
}

// record keeps the outcome of a check that found nothing wrong, with what it
// looked at. That it could not be kept is no reason to stop. What was cut off is
// no outcome.
func (w *walk) record(ctx context.Context, what jail.Memo) {
	w.endWatch()
	w.keepStore()
	w.keepBuild()
	if w.watch == nil {
		return
	}
	// A clock that is set back makes signatures not yet valid.
	v := verdict{Key: w.key + "|" + w.state, Since: time.Now(), Findings: w.ds, Summary: w.extent() + " (nothing has changed since the last check)"}
	if what == jail.LastStart {
		v.Zones, v.Lone = w.loadedZones(), jail.NewToken()
	}
	if w.key == "" || ctx.Err() != nil || w.ds.Errors() > 0 || w.ds.Unlisted() > 0 || len(w.ds) > mostFindings ||
		len(w.install.Modules()) > 0 || len(w.install.Programs()) > 0 {
		return
	}
	if slices.ContainsFunc(w.ds, func(d parser.Diagnostic) bool { return d.Code == "NJ607" }) {
		return // named-checkconf gave no verdict, this time
	}
	for i := range w.reports {
		until := w.reports[i].Until
		if !until.IsZero() && (v.Until.IsZero() || until.Before(v.Until)) {
			v.Until = until
		}
	}
	notes, err := w.watch.Notes()
	if err != nil {
		if w.verbose {
			fmt.Fprintf(os.Stderr, "named-jail: the check is not recorded: %s\n", parser.Printable(err.Error()))
		}
		return
	}
	data := v.encode(notes)
	if data == nil {
		return
	}
	if what == jail.LastStart && w.store.Keep(jail.StartZones, w.loneZones(v.Lone)) != nil {
		return
	}
	_ = w.store.Keep(what, data)
}

// encode writes a record: its checksum, the verdict, the notes. nil: the findings
// would not come back as they are.
func (v *verdict) encode(notes *jail.Notes) []byte {
	head, err := json.Marshal(v)
	var back verdict
	if err != nil || json.Unmarshal(head, &back) != nil || !reflect.DeepEqual(back.Findings, v.Findings) {
		return nil // a name of odd bytes would be another one
	}
	data := append([]byte(recordMagic), make([]byte, 8)...)
	data = binary.AppendUvarint(data, uint64(len(head)))
	data = notes.Append(append(data, head...))
	body := data[len(recordMagic)+8:]
	binary.LittleEndian.PutUint64(data[len(recordMagic):], crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)))
	return data
}

// readRecord reads what encode wrote, nil when it is damaged or another release
// wrote it.
func readRecord(data []byte) (*verdict, *jail.Notes) {
	if len(data) < len(recordMagic)+8 || string(data[:len(recordMagic)]) != recordMagic {
		return nil, nil
	}
	sum, body := binary.LittleEndian.Uint64(data[len(recordMagic):]), data[len(recordMagic)+8:]
	size, n := binary.Uvarint(body)
	if sum != crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)) || n <= 0 || size > uint64(len(body)-n) {
		return nil, nil
	}
	var v verdict
	if json.Unmarshal(body[n:n+int(size)], &v) != nil {
		return nil, nil
	}
	notes, err := jail.ReadNotes(string(body[n+int(size):]))
	if err != nil {
		return nil, nil
	}
	return &v, notes
}
