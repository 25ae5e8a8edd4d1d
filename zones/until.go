package zones

import (
	"encoding/binary"
	"time"

	"github.com/miekg/dns"
)

// nextChange finds the next time at which what is said of the owner's
// signatures changes: one becomes valid, expires, or is to expire soon.
//
// Source: RFC 4034 section 3.1.5: times are 32 bits and compared as serials.
func (x *scan) nextChange() {
	now, soon := x.c.moments()
	for _, rec := range x.set(dns.TypeRRSIG) {
		data := x.s.data(rec)
		if len(data) < 16 {
			continue
		}
		expires, begins := binary.BigEndian.Uint32(data[8:]), binary.BigEndian.Uint32(data[12:])
		for _, at := range [...]uint32{begins, expires, expires - (soon - now)} {
			if left := int32(at - now); left > 0 && (x.left == 0 || left < x.left) {
				x.left = left
			}
		}
	}
}

// signaturesHold bounds the report by what the scan found.
func (c *check) signaturesHold(x *scan) {
	if x.left > 0 {
		now := c.judging.at(c.started)
		c.goodUntil(time.Unix(now.Unix()+int64(x.left), 0))
	}
}
