package jail

import (
	"slices"
	"strconv"
	"strings"
)

// Jails lists the jails that there is a memory of, by their link-free paths. It only
// looks: there are none where the memory may not be read. A path that is too long for
// a file name of the store is left out.
func Jails(h *Host) []string {
	names, err := h.ReadDir(storeDir)
	if err != nil {
		return nil
	}
	var list []string
	for _, name := range names {
		if p, ok := storedJail(name); ok {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list
}

// storedJail gives the path of which storeName made a name.
func storedJail(name string) (string, bool) {
	var b strings.Builder
	b.WriteByte('/')
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '-':
			b.WriteByte('/')
		case '%':
			n, err := strconv.ParseUint(name[i+1:min(i+3, len(name))], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			b.WriteByte(name[i])
		}
	}
	p := b.String()
	return p, storeName(p) == name
}
