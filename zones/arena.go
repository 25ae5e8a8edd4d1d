package zones

// arena holds byte strings of at most a chunk each, in chunks that are never
// moved: a zone of ten million records grows without being copied, and the
// collector of garbage finds no pointers in it.
type arena struct {
	chunks [][]byte
}

const (
	arenaShift = 20
	arenaChunk = 1 << arenaShift
)

// reset forgets everything and keeps the first chunk.
func (a *arena) reset() {
	clear(a.chunks[min(1, len(a.chunks)):])
	a.chunks = a.chunks[:min(1, len(a.chunks))]
	if len(a.chunks) > 0 {
		a.chunks[0] = a.chunks[0][:0]
	}
}

// add keeps a copy of b, of at most arenaChunk bytes, and gives its place.
func (a *arena) add(b []byte) uint64 {
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+len(b) > arenaChunk {
		size := arenaChunk
		if last < 0 {
			size = 4 << 10 // most zones are small
		}
		a.chunks = append(a.chunks, make([]byte, 0, max(size, len(b))))
		last++
	}
	at := uint64(last)<<arenaShift | uint64(len(a.chunks[last]))
	a.chunks[last] = append(a.chunks[last], b...)
	return at
}

// get gives the n bytes at a place that add gave. They are not to be changed.
func (a *arena) get(at uint64, n int) []byte {
	from := int(at & (arenaChunk - 1))
	return a.chunks[at>>arenaShift][from : from+n : from+n]
}

// slab holds values that are never moved, counted from 0.
type slab[T any] struct {
	chunks [][]T
	n      int
}

const (
	slabShift = 13
	slabChunk = 1 << slabShift
)

func (s *slab[T]) reset() {
	clear(s.chunks[min(1, len(s.chunks)):])
	s.chunks, s.n = s.chunks[:min(1, len(s.chunks))], 0
}

// add appends v and gives its number.
func (s *slab[T]) add(v T) uint32 {
	chunk := s.n >> slabShift
	if chunk == len(s.chunks) {
		s.chunks = append(s.chunks, make([]T, 0, 64))
	}
	if at := s.n & (slabChunk - 1); at == cap(s.chunks[chunk]) || chunk > 0 && at == 0 {
		size := slabChunk
		if chunk == 0 {
			size = min(4*at, slabChunk)
		}
		grown := make([]T, at, max(size, 64))
		copy(grown, s.chunks[chunk][:at])
		s.chunks[chunk] = grown
	}
	at := s.n & (slabChunk - 1)
	s.chunks[chunk] = append(s.chunks[chunk][:at], v)
	s.n++
	return uint32(s.n - 1)
}

// at gives the value of a number; the pointer is good until the next add.
func (s *slab[T]) at(i uint32) *T { return &s.chunks[i>>slabShift][i&(slabChunk-1)] }
