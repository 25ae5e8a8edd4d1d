package zones

import "sync"

// Progress is how far CheckAll has come.
//
// TotalBytes is the size of all zone files and of what they have been seen to
// include. It is 0 when there are so many zones that looking at each beforehand
// would take time; then the zones are what to count. Bytes are those read so
// far; those of zones that were found unchanged count as read.
type Progress struct {
	Zones, TotalZones int
	Bytes, TotalBytes int64
}

// maxMeasured is how many zones are worth a look at their size.
const maxMeasured = 1000

// meter counts for Progress. The nil meter counts nothing.
type meter struct {
	mu   sync.Mutex
	tell func(Progress)
	at   Progress
	size map[string]int64 // of the zone files that TotalBytes counts
}

// newMeter gives a meter for tell, nil when there is nobody to tell.
func newMeter(tell func(Progress), files Files, zs []Zone) *meter {
	if tell == nil {
		return nil
	}
	m := &meter{tell: tell, at: Progress{TotalZones: len(zs)}}
	stamper, ok := files.(Stamper)
	if !ok || len(zs) > maxMeasured {
		return m
	}
	m.size = make(map[string]int64, len(zs))
	for i := range zs {
		if s, ok := stamper.Stamp(zs[i].File); ok && zs[i].kind() != noFile {
			m.size[zs[i].File] = s.Size
			m.at.TotalBytes += s.Size
		}
	}
	return m
}

// zone counts a zone that is done.
func (m *meter) zone(r *Report) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at.Zones++
	if r.Cached {
		m.at.Bytes += m.size[r.Zone.File]
	}
	m.tell(m.at)
}

// moved counts bytes that were read elsewhere.
func (m *meter) moved(n int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at.Bytes += n
	m.tell(m.at)
}

// file makes the reads of a file count.
func (m *meter) file(f File, included int64) File {
	if m == nil {
		return f
	}
	if m.size != nil && included > 0 {
		m.mu.Lock()
		m.at.TotalBytes += included
		m.mu.Unlock()
	}
	return metered{f, m}
}

// metered is a file whose reads are counted.
type metered struct {
	File
	m *meter
}

// Read reads and counts. Errors: those of the file.
func (f metered) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	if n > 0 {
		f.m.mu.Lock()
		f.m.at.Bytes += int64(n)
		f.m.tell(f.m.at)
		f.m.mu.Unlock()
	}
	return n, err
}
