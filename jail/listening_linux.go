package jail

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// listening reads a table of TCP sockets and gives the addresses of those that
// wait for connections and are among the sockets.
//
// Source: Linux, Documentation/networking/proc_net_tcp.rst.
func listening(table string, sockets map[uint64]bool) []netip.AddrPort {
	const local, state, inode = 1, 3, 9
	var found []netip.AddrPort
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) <= inode || words[state] != "0A" {
			continue
		}
		number, err := strconv.ParseUint(words[inode], 10, 64)
		if err != nil || !sockets[number] {
			continue
		}
		if at, ok := socketAddress(words[local]); ok {
			found = append(found, at)
		}
	}
	return found
}

// socketAddress reads an address such as 0100007F:03B9: numbers of four bytes in
// the order of the processor, which hold the address in that of the network.
func socketAddress(text string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(text, ":")
	number, err1 := strconv.ParseUint(port, 16, 16)
	bytes, err2 := hex.DecodeString(host)
	if err1 != nil || err2 != nil || len(bytes)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(bytes); i += 4 {
		binary.NativeEndian.PutUint32(bytes[i:], binary.BigEndian.Uint32(bytes[i:]))
	}
	addr, ok := netip.AddrFromSlice(bytes)
	return netip.AddrPortFrom(addr, uint16(number)), ok
}
