package zones

import "time"

// readTime reads a time: seconds since 1970 in up to ten digits, or a date.
//
// Source: RFC 4034 section 3.2; BIND, lib/dns/rdata/generic/rrsig_46.c.
func readTime(q *quickData, p *field) string {
	if q.more() && !q.e.words[q.i].quoted {
		if text := q.e.bytes(&q.e.words[q.i]); len(text) <= 10 {
			return q.addNumber(p.what, 4)
		}
	}
	return readDate(q, p)
}

// readDate reads YYYYMMDDHHMMSS in UTC; 32 bits are kept.
//
// Source: BIND, lib/dns/time.c (dns_time32_fromtext).
func readDate(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	at, ok := dateOf(text)
	if !ok {
		return q.not(p.what, "a date like 20240131120000")
	}
	q.put(uint32(at), 4)
	return ""
}

// daysOf is the number of days of each month, February with a leap day.
var daysOf = [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// dateOf reads YYYYMMDDHHMMSS in UTC, a leap second too. Units: seconds since
// 1970, below 0 before.
//
// Source: BIND, lib/dns/time.c (dns_time64_fromtext).
func dateOf(text []byte) (at int64, ok bool) {
	if len(text) != 14 || !allDigits(text) {
		return 0, false
	}
	two := func(at int) int { return int(text[at]-'0')*10 + int(text[at+1]-'0') }
	year, month, day := two(0)*100+two(2), two(4), two(6)
	if month < 1 || month > 12 || day < 1 || day > daysOf[month] || two(8) > 23 || two(10) > 59 || two(12) > 60 {
		return 0, false
	}
	when := time.Date(year, time.Month(month), day, two(8), two(10), two(12), 0, time.UTC)
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	return when.Unix(), leap || month != 2 || day < 29
}

// dateText writes a time for a message.
func dateText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
