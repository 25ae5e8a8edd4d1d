package launcher

import (
	"context"
	"net"
	"syscall"
	"time"
)

// Miss is a path that the jailed named asked the kernel for in vain.
//
// Path is absolute and clean, as named sees it; relative ones are resolved
// against the working directory or the descriptor that the call named. Call is
// the name of the first system call that failed so, Errno its error, Count how
// often. Makes: named wanted to make something there, or to write.
type Miss struct {
	Path  string
	Call  string
	Errno syscall.Errno
	Makes bool
	Count int
}

// TraceOptions say what is traced.
//
// Program, Argv and Env are what Exec gets. Jail is the link-free path of the
// jail on the host. Limit bounds the time from the start until named is told to
// stop. Ask, unless nil, is called when named has settled, to make it touch its
// files: in a goroutine whose sockets and programs are in named's network.
type TraceOptions struct {
	Program string
	Argv    []string
	Env     []string
	Jail    string
	Limit   time.Duration
	Ask     func(ctx context.Context)
}

// TraceReport is what a trace has shown.
//
// Entered: named went into the jail. Settled: it had become quiet before Limit
// was over. Ended: it ended by itself, with Status. Said is what it printed and
// sent to syslog, at most maxSaid bytes of the end. Missed is in the order in
// which paths were first asked for; Found are those that were there, or were
// made in the end.
type TraceReport struct {
	Entered bool
	Settled bool
	Ended   bool
	Status  syscall.WaitStatus
	Said    string
	Missed  []Miss
	Found   map[string]bool
}

// maxSaid bounds what is kept of named's words, in bytes.
const maxSaid = 64 << 10

// Trace starts named in the jail under system-call tracing and stops it again.
// It runs in a room of its own: whatever it writes in the jail goes to memory
// and is forgotten, and its network is a loopback interface with the host's
// IPv4 addresses that leads nowhere. When Trace returns, nothing of it is left;
// when this process is killed, the kernel kills named.
//
// Errors: an ExitError NJ609 where the system cannot do that, NJ601 and NJ602 as
// Exec; ctx.Err() when stopped.
func Trace(ctx context.Context, opt TraceOptions) (*TraceReport, error) { return trace(ctx, opt) }

// Listeners gives the addresses on which the calling goroutine's network has a
// server of names: those where both UDP and TCP are listened on. It is for Ask.
func Listeners() []net.TCPAddr { return tracedServers() }

// cannotTrace is the error for a system on which named cannot be traced.
func cannotTrace(err error, doing, remedy string) error {
	text := "named cannot be traced here: " + doing
	if err != nil {
		text += ": " + plain(err)
	}
	return fail(StatusFailed, "NJ609", err, text, remedy)
}
