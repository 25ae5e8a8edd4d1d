package jail

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// asUser runs do on a thread of its own that is an unprivileged user.
func asUser(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the function
		if _, _, no := unix.RawSyscall(unix.SYS_SETRESUID, 12345, 12345, 12345); no != 0 {
			t.Error(no)
			return
		}
		do()
	}()
	<-done
}
