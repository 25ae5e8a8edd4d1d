package launcher

// MessengerName is argv[0] of the messenger. The command's main function hands
// such a start on to Messenger.
const MessengerName = "named-jail-messenger"

// notifyTexts are what stands in every named that speaks to the service
// manager: the calls of libsystemd, or the variable that BIND 9.20.10 and later
// read themselves.
var notifyTexts = [][]byte{[]byte("sd_notify"), []byte("NOTIFY_SOCKET")}

// Readiness is what the messenger waits for.
//
// PID is the process that becomes named, Start its time of start as /proc has
// it. Socket is the service manager's, as NOTIFY_SOCKET names it. Zones are
// zones whose files named loads: while one is answered with SERVFAIL, it is being
// loaded. Background says that named goes to the background: then another
// process serves, and PID ends when all zones are loaded. Speaks says that named
// tells that it is ready: then only the change of the process is told, without
// which the service manager does not listen to the other one.
type Readiness struct {
	PID        int
	Start      string
	Socket     string
	Zones      []string
	Background bool
	Speaks     bool
}
