package zones

// readLocation reads a LOC record: latitude, longitude, altitude, then up to
// three sizes.
//
// Source: RFC 1876 section 3; BIND, lib/dns/rdata/generic/loc_29.c.
func readLocation(q *quickData, _ *field) string {
	latitude, wrong := q.coordinate("latitude", 90, 'N', 'S')
	if wrong != "" {
		return wrong
	}
	longitude, wrong := q.coordinate("longitude", 180, 'E', 'W')
	if wrong != "" {
		return wrong
	}
	altitude, wrong := q.altitude()
	if wrong != "" {
		return wrong
	}
	sizes := [3]byte{0x12, 0x16, 0x13} // 1 m, 10 km, 10 m
	for k := 0; k < len(sizes) && q.more(); k++ {
		text, wrong := q.word()
		if wrong != "" {
			return wrong
		}
		var ok bool
		if sizes[k], ok = precision(text); !ok {
			return "a size or precision of the LOC record is not a number of metres up to 90000000"
		}
	}
	q.out = append(q.out, 0, sizes[0], sizes[1], sizes[2])
	q.put(latitude, 4)
	q.put(longitude, 4)
	q.put(altitude, 4)
	return ""
}

// middle is what the equator, or the meridian of Greenwich, is in a LOC record;
// an angle is counted in thousandths of a second of arc.
const middle = 1 << 31

// coordinate reads degrees, minutes and seconds, the latter two of which may
// be missing, and the direction.
func (q *quickData) coordinate(what string, limit uint64, plus, minus byte) (uint32, string) {
	form := q.not(what, "degrees, minutes, seconds and a direction within its bounds")
	var parts [3]uint64 // degrees, minutes, thousandths of a second
	for k := 0; ; k++ {
		text, wrong := q.word()
		if wrong != "" {
			return 0, wrong
		}
		if k > 0 && len(text) == 1 && (text[0] == plus || text[0] == minus) {
			angle := uint32((parts[0]*3600+parts[1]*60)*1000 + parts[2])
			if text[0] == minus {
				return middle - angle, ""
			}
			return middle + angle, ""
		}
		ok := false
		switch k {
		case 0, 1:
			parts[k], ok = number(text, 1<<32-1)
		case 2:
			parts[k], ok = decimal(text, 59, 3, 0)
		}
		if !ok || parts[0] > limit || parts[1] > 59 || parts[0] == limit && (parts[1] != 0 || parts[2] != 0) {
			return 0, form
		}
	}
}

// decimal reads a number up to limit with up to places digits after the dot and
// perhaps a unit, and gives it as a multiple of the last place.
func decimal(text []byte, limit uint64, places int, unit byte) (uint64, bool) {
	whole, rest, digits := cNumber(text)
	if whole < 0 || uint64(whole) > limit {
		return 0, false
	}
	v, left := uint64(whole), places
	if len(rest) > 0 && rest[0] == '.' {
		for rest = rest[1:]; left > 0 && len(rest) > 0 && isDecimal(rest[0]); left-- {
			v, rest, digits = v*10+uint64(rest[0]-'0'), rest[1:], true
		}
	}
	for ; left > 0; left-- {
		v *= 10
	}
	if unit != 0 && len(rest) > 0 && rest[0] == unit {
		rest = rest[1:]
	}
	return v, digits && len(rest) == 0
}

// altitude reads metres above or below the sea, and gives centimetres above
// 100 km below it.
func (q *quickData) altitude() (uint32, string) {
	text, wrong := q.word()
	if wrong != "" {
		return 0, wrong
	}
	const base = 10000000
	if text[0] == '-' {
		if cm, ok := decimal(text[1:], 100000, 2, 'm'); ok && cm <= base {
			return base - uint32(cm), ""
		}
	} else if cm, ok := decimal(text, 42849672, 2, 'm'); ok && cm <= 1<<32-1-base {
		return base + uint32(cm), ""
	}
	return 0, q.not("altitude", "a number of metres from -100000.00 to 42849672.95")
}

// precision reads metres and gives a digit and the power of ten of centimetres
// that it is multiplied with.
func precision(text []byte) (byte, bool) {
	cm, ok := decimal(text, 90000000, 2, 'm')
	if !ok {
		return 0, false
	}
	exponent := byte(0)
	for cm > 9 {
		cm /= 10
		exponent++
	}
	return byte(cm)<<4 | exponent, true
}

// checkLocation checks a LOC record of version 0; of other versions nothing is
// known.
func checkLocation(w *wireData, _ *field) bool {
	data := w.data
	if len(data) == 0 {
		return false
	}
	if data[0] != 0 {
		w.at = len(data)
		return true
	}
	if !w.skip(16) {
		return false
	}
	for _, c := range data[1:4] {
		if c != 0 && (c&15 > 9 || c>>4 > 9 || c>>4 == 0) {
			return false
		}
	}
	angle := func(at int, limit uint32) bool {
		v := uint32(data[at])<<24 | uint32(data[at+1])<<16 | uint32(data[at+2])<<8 | uint32(data[at+3])
		return v >= middle-limit*3600000 && v <= middle+limit*3600000
	}
	return angle(4, 90) && angle(8, 180)
}
