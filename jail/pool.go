package jail

import "sync"

// pool keeps sessions between looks, with the directories that earlier looks
// have opened.
type pool struct {
	mu   sync.Mutex
	idle []*session
}

// borrow gives a session for one look; begin makes one where none is idle.
func (p *pool) borrow(begin func() *session) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s
	}
	return begin()
}

// giveBack ends a look.
func (p *pool) giveBack(s *session) {
	s.trim()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
}

// drop closes everything that is held open.
func (p *pool) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		s.close()
	}
	p.idle = nil
}
