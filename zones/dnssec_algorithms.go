package zones

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha1" // of algorithms 5 and 7
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/binary"
	"math/big"
	"strconv"

	"github.com/miekg/dns"
)

// algorithm is how signatures of a DNSSEC algorithm are verified. parse is nil
// for those that named-jail cannot verify.
type algorithm struct {
	hash  crypto.Hash // 0: the signature is over the whole text
	parse func(public []byte) (verifier, bool)
}

// verifier verifies a signature over a digest, or over the whole text.
type verifier func(hash crypto.Hash, text, signature []byte) bool

// verifiable is the table of the algorithms.
//
// Source: RFC 3110, RFC 5702, RFC 6605, RFC 8080; RFC 8624 section 3.1.
var verifiable = map[uint8]algorithm{
	dns.RSASHA1:          {crypto.SHA1, rsaKey},
	dns.RSASHA1NSEC3SHA1: {crypto.SHA1, rsaKey},
	dns.RSASHA256:        {crypto.SHA256, rsaKey},
	dns.RSASHA512:        {crypto.SHA512, rsaKey},
	dns.ECDSAP256SHA256:  {crypto.SHA256, curveKey(elliptic.P256(), 32)},
	dns.ECDSAP384SHA384:  {crypto.SHA384, curveKey(elliptic.P384(), 48)},
	dns.ED25519:          {0, edKey},
}

// algorithmName is the mnemonic of an algorithm, or its number.
func algorithmName(a uint8) string {
	if s, ok := dns.AlgorithmToString[a]; ok {
		return s
	}
	return "algorithm " + strconv.Itoa(int(a))
}

// Bounds of RSA keys, those of BIND.
//
// Source: BIND, lib/dns/opensslrsa_link.c.
const (
	maxModulus  = 4096 // bits
	maxExponent = 35   // bits
	goModulus   = 1024 // bits that Go's own RSA wants at least
)

// rsaKey reads an RSA key: the length of the exponent, exponent, modulus.
func rsaKey(public []byte) (verifier, bool) {
	if len(public) < 3 {
		return nil, false
	}
	size, at := int(public[0]), 1
	if size == 0 {
		size, at = int(binary.BigEndian.Uint16(public[1:])), 3
	}
	if size == 0 || at+size >= len(public) {
		return nil, false
	}
	e := new(big.Int).SetBytes(public[at : at+size])
	n := new(big.Int).SetBytes(public[at+size:])
	if n.BitLen() > maxModulus || n.BitLen() < 512 || n.Bit(0) == 0 || e.BitLen() > maxExponent || e.BitLen() < 2 || e.Bit(0) == 0 {
		return nil, false
	}
	if n.BitLen() >= goModulus && e.BitLen() < 32 {
		key := &rsa.PublicKey{N: n, E: int(e.Int64())}
		return func(hash crypto.Hash, text, signature []byte) bool {
			return rsa.VerifyPKCS1v15(key, hash, text, signature) == nil
		}, true
	}
	return func(hash crypto.Hash, text, signature []byte) bool { return plainRSA(n, e, hash, text, signature) }, true
}

// digestInfo is what stands before a digest in a signature.
//
// Source: RFC 8017 section 9.2, note 1.
var digestInfo = map[crypto.Hash]string{
	crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
	crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
	crypto.SHA512: "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
}

// plainRSA verifies with keys that Go's own RSA refuses as too short or of too
// great an exponent, and BIND takes.
//
// Source: RFC 8017 sections 8.2.2 and 9.2.
func plainRSA(n, e *big.Int, hash crypto.Hash, digest, signature []byte) bool {
	size := (n.BitLen() + 7) / 8
	s := new(big.Int).SetBytes(signature)
	tail := digestInfo[hash] + string(digest)
	if len(signature) != size || s.Cmp(n) >= 0 || size < len(tail)+11 {
		return false
	}
	want := make([]byte, size)
	for i := 2; i < size-len(tail)-1; i++ {
		want[i] = 0xff
	}
	want[1] = 1
	copy(want[size-len(tail):], tail)
	return s.Exp(s, e, n).Cmp(new(big.Int).SetBytes(want)) == 0
}

// curveKey makes the reader of ECDSA keys: the two coordinates of a point.
func curveKey(curve elliptic.Curve, size int) func([]byte) (verifier, bool) {
	return func(public []byte) (verifier, bool) {
		if len(public) != 2*size {
			return nil, false
		}
		key, err := ecdsa.ParseUncompressedPublicKey(curve, append([]byte{4}, public...))
		if err != nil {
			return nil, false
		}
		return func(_ crypto.Hash, digest, signature []byte) bool {
			if len(signature) != 2*size {
				return false
			}
			return ecdsa.Verify(key, digest, new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]))
		}, true
	}
}

func edKey(public []byte) (verifier, bool) {
	if len(public) != ed25519.PublicKeySize {
		return nil, false
	}
	key := ed25519.PublicKey(append([]byte(nil), public...))
	return func(_ crypto.Hash, text, signature []byte) bool {
		return len(signature) == ed25519.SignatureSize && ed25519.Verify(key, text, signature)
	}, true
}
