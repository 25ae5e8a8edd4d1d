package zones

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"
)

// digestKey is the secret of a hash: who does not know it cannot make two texts
// of one digest. It is no signature, and serves between one run and the next.
type digestKey [4]uint64

// digest is a hash of 128 bits; the sum of the digests of records is one of a
// zone in whatever order they stand.
type digest [2]uint64

func newDigestKey() (k digestKey) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, or ends the process
	for i := range k {
		k[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return k
}

func (d digest) plus(e digest) digest  { return digest{d[0] + e[0], d[1] + e[1]} }
func (d digest) minus(e digest) digest { return digest{d[0] - e[0], d[1] - e[1]} }

// fold multiplies and folds the product: each bit of both counts everywhere.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// of gives the digest of text behind a number.
func (k *digestKey) of(n uint64, text []byte) digest {
	a, b := k[0]^n, k[1]+uint64(len(text))
	for len(text) >= 16 {
		x, y := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:])
		a, b = fold(x^k[2]^a, y^k[1])+b, fold(y^k[3]^b, x^k[0])+a
		text = text[16:]
	}
	var x, y uint64
	if len(text) >= 8 {
		x, text = binary.LittleEndian.Uint64(text), text[8:]
	}
	for i, c := range text {
		y |= uint64(c) << (8 * i)
	}
	a, b = fold(x^k[2]^a, y^k[1])+b, fold(y^k[3]^b, x^k[0])+a
	return digest{fold(a^k[3], b^k[0]), fold(b^k[2], a^k[1])}
}

// record gives the digest of a record: owner, type, TTL and data, not its place.
func (k *digestKey) record(owner uint64, rec *stored, data []byte) digest {
	return k.of(owner^(uint64(rec.rtype)<<32|uint64(rec.ttl)), data)
}
