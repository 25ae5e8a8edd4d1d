package jail

import (
	"io"
	"sync"
)

// Progress is how far an Apply, a Rollback or a Prune is: Done of Total changes in
// what it is Doing, and the bytes that were copied since the process began.
type Progress struct {
	Doing       string
	Done, Total int
	Bytes       int64
}

// progress is that of this process, which does one such work at a time.
var progress struct {
	sync.Mutex
	now Progress
}

// Working tells how far the work is. It may be asked while the work goes on; the
// zero Progress: nothing is being done.
func Working() Progress {
	progress.Lock()
	defer progress.Unlock()
	return progress.now
}

// working notes that one thing more is done.
func working(doing string, done, total int) {
	progress.Lock()
	defer progress.Unlock()
	progress.now.Doing, progress.now.Done, progress.now.Total = doing, done, total
}

// counter counts the bytes that go through it.
type counter struct{ w io.Writer }

func (c counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	progress.Lock()
	defer progress.Unlock()
	progress.now.Bytes += int64(n)
	return n, err
}
