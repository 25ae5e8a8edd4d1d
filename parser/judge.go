package parser

// judge walks the terms of a statement along a value. After a failure it
// walks again and keeps the furthest term that did not fit.
type judge struct {
	release Version
	hits    []hit // terms whose meaning is to be judged when all has fitted
	explain bool
	at      *Term // the furthest
	wants   []string
}

// hit is a term that fitted a value with a meaning.
type hit struct {
	value *value
	term  *Term
}

// missed notes what would have fitted in place of terms[i].
func (j *judge) missed(terms []Term, i int, name string) int {
	if !j.explain || len(terms) == 0 {
		return -1
	}
	t := &terms[min(i, len(terms)-1)]
	switch {
	case j.at == nil || j.at.File == t.File && t.Start > j.at.Start:
		j.at, j.wants = t, append(j.wants[:0], name)
	case j.at == t && len(j.wants) < 8:
		for _, w := range j.wants {
			if w == name {
				return -1
			}
		}
		j.wants = append(j.wants, name)
	}
	return -1
}

// note keeps a term whose meaning is to be judged.
func (j *judge) note(v *value, t *Term) {
	if v.mean != nil && !j.explain {
		j.hits = append(j.hits, hit{v, t})
	}
}

// match gives the index behind what fits from terms[i] on, -1 when nothing does.
func (j *judge) match(v *value, terms []Term, i int) int {
	if !v.there(j.release) {
		return -1
	}
	switch v.op {
	case opWord:
		if i < len(terms) && terms[i].Is(v.name) && (!v.exact || terms[i].Value == v.name) {
			return i + 1
		}
	case opKind:
		if i < len(terms) && v.fits(&terms[i]) {
			j.note(v, &terms[i])
			return i + 1
		}
	case opMatch:
		return j.matchElement(terms, i)
	case opPorts:
		switch {
		case i < len(terms) && isNumber(&terms[i], 16):
			return i + 1
		case i+2 < len(terms) && terms[i].Is("range") && isNumber(&terms[i+1], 16) && isNumber(&terms[i+2], 16):
			if number(&terms[i+1]) > number(&terms[i+2]) {
				return j.missed(terms, i+1, "a low port that is not above the high one")
			}
			return i + 3
		}
	case opPrefix:
		if i < len(terms) {
			if n, ok := j.prefix(terms, i); ok {
				return n
			}
		}
	case opAny:
		return len(terms)
	case opSeq:
		return j.sequence(v.kids, terms, i)
	case opAlt:
		mark := len(j.hits)
		for _, k := range v.kids {
			if n := j.match(k, terms, i); n >= 0 {
				return n
			}
			j.hits = j.hits[:mark]
		}
		return -1
	case opOpt:
		mark := len(j.hits)
		if n := j.match(v.kids[0], terms, i); n >= 0 {
			return n
		}
		j.hits = j.hits[:mark]
		return i
	case opList:
		if i >= len(terms) || terms[i].Kind != BlockTerm {
			break
		}
		list := terms[i].Block.Statements
		if v.filled && len(list) == 0 {
			break
		}
		if v.alone && len(list) > 1 {
			return j.missed(list[1].Terms, 0, "'}'")
		}
		for k := range list {
			if !j.whole(v.kids[0], list[k].Terms, 0) {
				return -1
			}
		}
		return i + 1
	}
	return j.missed(terms, i, v.name)
}

// sequence matches one part after the other; optional neighbours in any
// order, each of them once.
func (j *judge) sequence(kids []*value, terms []Term, i int) int {
	for k := 0; k < len(kids); {
		end := k
		for end < len(kids) && kids[end].op == opOpt {
			end++
		}
		if end == k {
			if i = j.match(kids[k], terms, i); i < 0 {
				return -1
			}
			k++
			continue
		}
		var taken uint64
		for again := true; again && i < len(terms); {
			again = false
			for n, o := range kids[k:end] {
				if taken&(1<<n) != 0 {
					continue
				}
				if next := j.match(o, terms, i); next > i {
					i, again = next, true
					taken |= 1 << n
				}
			}
		}
		k = end
	}
	return i
}

// whole tells whether the value takes all the terms from i on. A list that is
// long keeps its places in order: each element is matched by itself.
func (j *judge) whole(v *value, terms []Term, i int) bool {
	n := j.match(v, terms, i)
	if n >= 0 && n < len(terms) {
		j.missed(terms, n, "';'")
	}
	return n == len(terms)
}
