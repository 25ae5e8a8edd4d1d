package launcher

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// socketRow is a socket of the kernel's tables.
type socketRow struct {
	at    netip.AddrPort
	state string
	inode string
}

// listening is the state of a TCP socket that listens, in those tables.
const listening = "0A"

// servers are the addresses at which a name server takes queries: those where
// there is a TCP socket that listens and a UDP socket too. The control channel
// and the statistics channels have no UDP. net is the directory of the tables;
// inodes, unless nil, are the sockets that count.
func servers(net string, inodes map[string]bool) []netip.AddrPort {
	var list []netip.AddrPort
	for _, v := range []string{"", "6"} {
		datagrams := map[netip.AddrPort]bool{}
		for _, s := range socketTable(net + "/udp" + v) {
			if inodes == nil || inodes[s.inode] {
				datagrams[s.at] = true
			}
		}
		for _, s := range socketTable(net + "/tcp" + v) {
			if (inodes == nil || inodes[s.inode]) && s.state == listening && datagrams[s.at] {
				list = append(list, s.at)
			}
		}
	}
	return list
}

// socketTable reads one of the kernel's tables of sockets.
//
// Source: proc(5) /proc/net/tcp.
func socketTable(name string) []socketRow {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	var rows []socketRow
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		if at, ok := socketAddress(f[1]); ok {
			rows = append(rows, socketRow{at, f[3], f[9]})
		}
	}
	return rows
}

// socketAddress reads an address of those tables: words of 32 bits, each as the
// host has it in memory, and a port, in hexadecimal.
func socketAddress(text string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	number, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip, uint16(number)), ok
}
