package zones

// wordTable finds the number of a word of up to eight bytes, in small letters or
// capitals. Types and classes are looked up in each record, types for each bit
// of an NSEC record too, and this is several times as fast as a map of strings.
type wordTable struct {
	slots [512]wordSlot // at most half full
}

type wordSlot struct {
	key   uint64
	value uint16
}

// packed puts the bytes of a word, in capitals, into a number; 0 for a word that
// is longer than eight bytes or has a NUL byte.
func packed(text []byte) uint64 {
	if len(text) > 8 {
		return 0
	}
	key := uint64(0)
	for _, c := range text {
		if c == 0 {
			return 0
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		key = key<<8 | uint64(c)
	}
	return key
}

// place is where the search for a key begins.
func (t *wordTable) place(key uint64) int { return int(key * 0x9e3779b97f4a7c15 >> 55) }

// add puts a word in.
func (t *wordTable) add(word string, value uint16) {
	key := packed([]byte(word))
	at := t.place(key)
	for t.slots[at].key != 0 {
		at = (at + 1) % len(t.slots)
	}
	t.slots[at] = wordSlot{key, value}
}

// find looks a word up.
func (t *wordTable) find(text []byte) (uint16, bool) {
	key := packed(text)
	if key == 0 {
		return 0, false
	}
	for at := t.place(key); t.slots[at].key != 0; at = (at + 1) % len(t.slots) {
		if t.slots[at].key == key {
			return t.slots[at].value, true
		}
	}
	return 0, false
}
