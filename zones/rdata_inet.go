package zones

// ipv4 appends the address that text holds. Four decimal numbers, no leading
// zero, nothing else.
//
// Source: inet_pton, which BIND calls for A, APL, WKS and their fellows.
func ipv4(out, text []byte) ([]byte, bool) {
	at := 0
	for part := 0; part < 4; part++ {
		if part > 0 {
			if at == len(text) || text[at] != '.' {
				return out, false
			}
			at++
		}
		v, from := 0, at
		for at < len(text) && text[at] >= '0' && text[at] <= '9' && at-from < 3 {
			v = v*10 + int(text[at]-'0')
			at++
		}
		if at == from || v > 255 || at-from > 1 && text[from] == '0' {
			return out, false
		}
		out = append(out, byte(v))
	}
	return out, at == len(text)
}

// ipv6 appends the address that text holds: eight groups of up to four
// hexadecimal digits, one run of groups may be written as ::, the last two
// groups as an IPv4 address.
//
// Source: RFC 4291 section 2.2; inet_pton.
func ipv6(out, text []byte) ([]byte, bool) {
	var groups [16]byte
	at, n, gap := 0, 0, -1
	if len(text) >= 2 && text[0] == ':' && text[1] == ':' {
		gap, at = 0, 2
	}
	for at < len(text) {
		v, from := 0, at
		for at < len(text) && at-from < 4 && hexValue[text[at]] >= 0 {
			v = v<<4 | int(hexValue[text[at]])
			at++
		}
		if at == from || n == 16 {
			return out, false
		}
		if at < len(text) && text[at] == '.' {
			last, ok := ipv4(groups[:n], text[from:])
			if !ok || n > 12 {
				return out, false
			}
			n, at = len(last), len(text)
			break
		}
		groups[n], groups[n+1] = byte(v>>8), byte(v)
		n += 2
		if at == len(text) {
			break
		}
		if text[at] != ':' {
			return out, false
		}
		if at++; at == len(text) {
			return out, false
		}
		if text[at] == ':' {
			if gap >= 0 {
				return out, false
			}
			gap = n
			at++
		}
	}
	if (gap < 0) != (n == 16) {
		return out, false
	}
	if gap < 0 {
		return append(out, groups[:]...), true
	}
	out = append(out, groups[:gap]...)
	for range 16 - n {
		out = append(out, 0)
	}
	return append(out, groups[gap:n]...), true
}
