package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeRndc writes a program that stands in for rndc.
func fakeRndc(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rndc")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRndcBounds shows that an answer that does not come is waited for so long
// and no longer, with all that rndc has started.
func TestRndcBounds(t *testing.T) {
	defer func(d time.Duration) { rndcTime = d }(rndcTime)
	rndcTime = 300 * time.Millisecond
	r := &remote{program: fakeRndc(t, "sleep 100 & sleep 100\n")}
	begin := time.Now()
	a := r.ask(t.Context(), "status")
	if a.err == nil || !strings.Contains(a.err.Error(), "no answer within 300ms") {
		t.Error(a.err)
	}
	if d := time.Since(begin); d > 20*time.Second {
		t.Errorf("it took %v", d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a := r.ask(ctx, "status"); a.err != context.Canceled {
		t.Error(a.err)
	}
}

// TestRndcSecret shows that a key goes to rndc through a pipe: it stands neither
// in the command line nor in the environment, and is not shown where rndc says
// it.
func TestRndcSecret(t *testing.T) {
	t.Setenv("LD_PRELOAD", "/nowhere.so")
	key := &rndcKey{`a "key"`, "hmac-sha256", "c2VjcmV0"}
	text, err := key.config()
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{program: fakeRndc(t, `tr '\0' ' ' </proc/$$/cmdline; env; echo; cat /dev/fd/3; exit 1`), config: text, secret: key.secret}
	a := r.ask(t.Context(), "status")
	if strings.Contains(a.words, strings.ToLower(key.secret)) || strings.Contains(a.words, "ld_preload") {
		t.Error(a.words)
	}
	if !strings.Contains(a.words, `secret "..."`) || !strings.Contains(a.words, `key "a \"key\""`) {
		t.Errorf("the configuration did not arrive:\n%s", a.words)
	}
}

// TestRndcAnswer shows that what rndc says is printed without control bytes, and
// in bounds.
func TestRndcAnswer(t *testing.T) {
	a := (&remote{program: fakeRndc(t, `printf 'rndc: \033[2Jno\a\n'; exit 1`)}).ask(t.Context(), "status")
	if a.err == nil || strings.ContainsAny(a.err.Error(), "\x1b\a") || !strings.Contains(a.err.Error(), `\x1b[2Jno`) {
		t.Errorf("%q", a.err)
	}
	a = (&remote{program: fakeRndc(t, `head -c 3000000 /dev/zero | tr '\0' x; exit 1`)}).ask(t.Context(), "status")
	if len(a.words) > rndcSize || len(a.line) > maxLine {
		t.Errorf("%d bytes were kept, %d shown", len(a.words), len(a.line))
	}
}
