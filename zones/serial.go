package zones

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// serialAfter tells whether serial a comes after b, in the arithmetic of serials.
//
// Source: RFC 1982 section 3.2.
func serialAfter(a, b uint32) bool { return int32(a-b) > 0 }

// follows tells whether named takes a change from serial b to a: it does not
// when a is b or comes before it. Of two that are half of all serials apart none
// comes before the other.
//
// Source: BIND, lib/isc/serial.c (isc_serial_le).
func follows(a, b uint32) bool { return serialAfter(a, b) || a-b == 1<<31 }

// lastSerial is what is remembered of the last good check of a zone: the serial
// of its file and the digest of the records in it. A digest of 0 is unknown.
type lastSerial struct {
	serial uint32
	sum    digest
}

// ownSerial tells whether the operator keeps the zone's serial, and secondaries
// go by it: the zone is a primary whose file named does not write.
func (z *Zone) ownSerial() bool {
	return !z.Living && (strings.EqualFold(z.Type, "primary") || strings.EqualFold(z.Type, "master"))
}

// serialRule compares the file with what was remembered of it: secondaries
// transfer the zone only when its serial has grown.
//
// Source: RFC 1982; BIND, lib/dns/zone.c (zone_postload), which says the same
// when it loads a zone anew.
func (c *check) serialRule() {
	soa := c.store.first(0, dns.TypeSOA)
	if c.cache == nil || !c.zone.ownSerial() || soa == nil || c.errors > 0 { // a zone with errors reaches no secondary
		return
	}
	now := lastSerial{soaSerial(c.store.data(soa)), c.sum}
	c.last = &now
	before, known := c.cache.lastSerial(c.zone)
	if !known {
		return
	}
	p := c.store.place(soa)
	d := parser.Diagnostic{Code: "NJ431", File: p.file, Line: p.line, Column: p.column}
	switch {
	case before.serial == now.serial && before.sum != now.sum && before.sum != digest{}:
		d.Message = fmt.Sprintf("the records have changed and the serial %d has not: secondaries keep the zone that they have", now.serial)
		d.Remedy = "raise the serial of the SOA record"
	case before.serial != now.serial && !serialAfter(now.serial, before.serial):
		d.Message = fmt.Sprintf("the serial has gone back from %d to %d: secondaries keep the zone that they have", before.serial, now.serial)
		d.Remedy = fmt.Sprintf("give the SOA record a serial above %d", before.serial)
	default:
		return
	}
	c.add(d)
}
