package command

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// rndcPort is where named listens for rndc unless a controls statement says
// otherwise.
const rndcPort = 953

// channel is a way to a running named that rndc can go: an address where it
// listens, and the key that the configuration wants there, nil for that of the
// key file which named and rndc share.
type channel struct {
	at  netip.AddrPort
	key *rndcKey
}

// rndcKey is a key statement. Its secret is shown to nobody.
type rndcKey struct{ name, algorithm, secret string }

// config is the text of a configuration of rndc that uses the key.
func (k *rndcKey) config() (string, error) {
	var words [3]string
	for i, word := range []string{k.name, k.algorithm, k.secret} {
		quoted, ok := parser.Quote(word)
		if !ok {
			return "", fmt.Errorf("the key %s cannot be written into a configuration of rndc", parser.Printable(k.name))
		}
		words[i] = quoted
	}
	return fmt.Sprintf("key %s { algorithm %s; secret %s; };\noptions { default-key %s; };\n", words[0], words[1], words[2], words[0]), nil
}

// channels reads the controls statements, once for all, and the keys that they
// name. Without any, named listens on the loopback addresses. why is set where
// there is no channel that rndc could use.
func (w *walk) channels() (list []channel, why string) {
	config, _ := parser.Load(w.source, w.conf, parser.Options{Version: w.build.Version})
	keys := map[string]*rndcKey{}
	for i := range config.Statements {
		if s := config.Statements[i]; s.Keyword() == "key" {
			b := s.Block()
			keys[strings.ToLower(s.Text(1))] = &rndcKey{s.Text(1), b.Find("algorithm").Text(1), b.Find("secret").Text(1)}
		}
	}
	stated := false
	for i := range config.Statements {
		s := config.Statements[i]
		if s.Keyword() != "controls" || s.Block() == nil {
			continue
		}
		stated = true
		for j := range s.Block().Statements {
			inet := &s.Block().Statements[j]
			if inet.Keyword() != "inet" {
				continue
			}
			names, any := keysOf(inet)
			at, ok := addressOf(inet)
			switch {
			case !ok:
				why = "the address of the controls statement is not understood"
			case !any:
				list = append(list, channel{at: at})
			default:
				for _, name := range names {
					if k := keys[strings.ToLower(name)]; k != nil {
						list = append(list, channel{at, k})
					}
				}
			}
		}
	}
	switch {
	case len(list) > 0:
		return list, ""
	case stated && why == "":
		return nil, "the controls statement gives rndc no way in"
	case stated:
		return nil, why
	}
	return []channel{{at: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), rndcPort)}, {at: netip.AddrPortFrom(netip.IPv6Loopback(), rndcPort)}}, ""
}

// keysOf gives the keys of an inet statement, and whether it states any.
func keysOf(inet *parser.Statement) (names []string, any bool) {
	for i := range inet.Terms {
		if !inet.Terms[i].Is("keys") || i+1 >= len(inet.Terms) || inet.Terms[i+1].Block == nil {
			continue
		}
		any = true
		b := inet.Terms[i+1].Block
		for j := range b.Statements {
			if t := b.Statements[j].Arg(0); t != nil {
				names = append(names, t.Value)
			}
		}
	}
	return names, any
}

// addressOf gives address and port of an inet statement. An asterisk is every
// address.
func addressOf(inet *parser.Statement) (netip.AddrPort, bool) {
	text, port := inet.Text(1), uint64(rndcPort)
	for i := range inet.Terms[:max(0, len(inet.Terms)-1)] {
		if inet.Terms[i].Is("port") && !inet.Terms[i+1].Is("*") {
			var err error
			if port, err = strconv.ParseUint(inet.Terms[i+1].Value, 10, 16); err != nil {
				return netip.AddrPort{}, false
			}
		}
	}
	if text == "*" {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port)), true
	}
	addr, err := netip.ParseAddr(text)
	return netip.AddrPortFrom(addr, uint16(port)), err == nil
}

// heard gives the channels on which a server really listens, as rndc is to go
// there: it must not talk to some other server at the same address.
func heard(list []channel, server jail.Server) []channel {
	var out []channel
	for _, c := range list {
		if slices.Contains(server.Listens, c.at) {
			switch {
			case c.at.Addr() == netip.IPv4Unspecified():
				c.at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), c.at.Port())
			case c.at.Addr() == netip.IPv6Unspecified():
				c.at = netip.AddrPortFrom(netip.IPv6Loopback(), c.at.Port())
			}
			out = append(out, c)
		}
	}
	return out
}
