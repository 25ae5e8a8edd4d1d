package parser

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// policyDefaults are the times of a dnssec-policy that does not say them, in
// seconds.
//
// Source: ARM, section dnssec-policy; lib/dns/include/dns/kasp.h.
var policyDefaults = map[string]uint64{
	"signatures-jitter": 12 * 3600, "signatures-refresh": 5 * 86400, "signatures-validity": 14 * 86400, "signatures-validity-dnskey": 14 * 86400,
	"dnskey-ttl": 3600, "publish-safety": 3600, "retire-safety": 3600, "zone-propagation-delay": 300, "max-zone-ttl": 86400,
	"parent-ds-ttl": 86400, "parent-propagation-delay": 3600,
}

// keyAlgorithm is what a dnssec-policy can do with an algorithm.
type keyAlgorithm struct {
	number   int
	low      uint64 // the fewest bits of a key, where they can be chosen
	outdated bool
	noNSEC3  bool
}

// keyAlgorithms: Source: lib/isccfg/kaspconf.c; RFC 8624.
var keyAlgorithms = map[string]keyAlgorithm{
	"rsamd5": {number: 1, noNSEC3: true}, "dh": {number: 2, noNSEC3: true}, "dsa": {number: 3, noNSEC3: true},
	"rsasha1": {number: 5, low: 512, outdated: true, noNSEC3: true}, "nsec3dsa": {number: 6}, "nsec3rsasha1": {number: 7, low: 512, outdated: true},
	"rsasha256": {number: 8, low: 512}, "rsasha512": {number: 10, low: 512}, "eccgost": {number: 12},
	"ecdsap256sha256": {number: 13}, "ecdsa256": {number: 13}, "ecdsap384sha384": {number: 14}, "ecdsa384": {number: 14},
	"ed25519": {number: 15}, "ed448": {number: 16},
}

// algorithmOf finds an algorithm by name or number.
func algorithmOf(word string) (keyAlgorithm, bool) {
	word = strings.ToLower(word)
	if a, ok := keyAlgorithms[word]; ok {
		return a, true
	}
	n, err := strconv.ParseUint(word, 10, 8)
	if err != nil {
		return keyAlgorithm{}, false
	}
	for _, a := range keyAlgorithms {
		if a.number == int(n) {
			return a, true
		}
	}
	return keyAlgorithm{number: int(n)}, true
}

// judgePolicy judges a dnssec-policy: whether its times leave room for a
// rollover, and whether its keys can sign.
//
// Source: cfg_kasp_fromconfig in lib/isccfg/kaspconf.c.
func judgePolicy(c *Checker, s *Statement) {
	b := s.Block()
	if b == nil {
		return
	}
	time := func(keyword string) uint64 {
		if st := b.Find(keyword); st != nil {
			if st.Arg(1).Is("unlimited") {
				return 0
			}
			return seconds(st.Text(1))
		}
		return policyDefaults[keyword]
	}
	at := func(keywords ...string) *Term {
		for _, k := range keywords {
			if st := b.Find(k); st != nil {
				return &st.Terms[0]
			}
		}
		return s.head()
	}
	refresh, jitter := time("signatures-refresh"), time("signatures-jitter")
	for _, k := range []string{"signatures-validity-dnskey", "signatures-validity"} {
		validity := time(k)
		if refresh*10 >= validity*9 && c.version.AtLeast(9, 17, 0) {
			c.diags.Add(at(k, "signatures-refresh").Diagnostic("NJ222", fmt.Sprintf("policy '%s': signatures-refresh is %d seconds, and more than 90%% of %s, which is %d", shorten(s.Text(1)), refresh, k, validity),
				"named refuses to start on it; make signatures last longer, or refresh them later."))
			return
		}
		if jitter > validity && c.version.AtLeast(9, 18, 0) {
			c.diags.Add(at("signatures-jitter").Diagnostic("NJ222", fmt.Sprintf("policy '%s': signatures-jitter is %d seconds, and more than %s, which is %d", shorten(s.Text(1)), jitter, k, validity),
				"named refuses to start on it; make it smaller."))
			return
		}
	}
	publish := time("dnskey-ttl") + time("publish-safety") + time("zone-propagation-delay")
	ksk := max(publish, time("parent-ds-ttl")+time("retire-safety")+time("parent-propagation-delay"))
	zsk := max(publish, time("signatures-validity")-refresh+time("max-zone-ttl")+time("retire-safety")+time("zone-propagation-delay"))
	c.policyKeys(b, ksk, zsk)
}

// policyKeys judges the keys of a policy; a KSK and a ZSK must live longer
// than their rollover takes.
func (c *Checker) policyKeys(b *Block, ksk, zsk uint64) {
	noNSEC3 := ""
	if n := b.Find("nsec3param"); n != nil {
		defer func() { c.nsec3(n, noNSEC3) }()
	}
	keys := b.Find("keys")
	if keys == nil || keys.Block() == nil {
		return
	}
	const hasKSK, hasZSK = 1, 2
	roles := map[int]int{}
	order := []int{}
	for i := range keys.Block().Statements {
		e := &keys.Block().Statements[i]
		role := map[string]int{"csk": hasKSK | hasZSK, "ksk": hasKSK, "zsk": hasZSK}[e.Terms[0].Value] // in capitals it plays none
		for k := 1; k+1 < len(e.Terms); k++ {
			word, arg := &e.Terms[k], &e.Terms[k+1]
			switch {
			case word.Is("lifetime") && !arg.Is("unlimited"):
				life := seconds(arg.Value)
				switch {
				case life == 0:
				case role&hasKSK != 0 && life <= ksk || role&hasZSK != 0 && life <= zsk:
					if c.version.AtLeast(9, 17, 0) {
						c.diags.Add(arg.Diagnostic("NJ222", fmt.Sprintf("the key's lifetime '%s' is shorter than its rollover takes", shorten(arg.Value)), "named refuses to start on it; let keys live for a month or more."))
						return
					}
				case life < 30*86400:
					c.advise(arg, fmt.Sprintf("the key's lifetime '%s' is shorter than 30 days", shorten(arg.Value)), "named goes on; rollovers will be frequent.")
				}
			case word.Is("algorithm"):
				a, ok := algorithmOf(arg.Value)
				if !ok {
					c.notOf(arg, "DNSSEC algorithm")
					return
				}
				if a.outdated {
					c.advise(arg, fmt.Sprintf("the algorithm %s is outdated", shorten(arg.Value)), "Validators begin to ignore it; use ecdsap256sha256.")
				}
				if a.noNSEC3 {
					noNSEC3 = arg.Value
				}
				if !slices.Contains(order, a.number) {
					order = append(order, a.number)
				}
				roles[a.number] |= role
				c.keyLength(e, k+2, a)
			}
		}
	}
	for _, n := range order {
		if roles[n] != 0 && roles[n] != hasKSK|hasZSK {
			missing := "ksk"
			if roles[n] == hasKSK {
				missing = "zsk"
			}
			c.diags.Add(keys.Terms[0].Diagnostic("NJ222", fmt.Sprintf("the keys of algorithm %d have no %s", n, missing), "named refuses to start on it; add one, or use csk, which is both."))
		}
	}
}

func (c *Checker) keyLength(e *Statement, i int, a keyAlgorithm) {
	if t := e.Arg(i); t != nil && t.Is("tag-range") {
		i += 3
	}
	t := e.Arg(i)
	switch {
	case t == nil || !isNumber(t, 32):
	case a.low > 0 && (number(t) < a.low || number(t) > 4096):
		c.diags.Add(t.Diagnostic("NJ213", fmt.Sprintf("a key of '%s' bits: it has from %d to 4096", shorten(t.Value), a.low), "named refuses to start on it; 2048 is usual."))
	case a.low == 0 && a.number >= 13:
		c.advise(t, "the algorithm has keys of one length only", "The number has no effect; remove it.")
	}
}

func (c *Checker) nsec3(n *Statement, algorithm string) {
	if algorithm != "" {
		c.diags.Add(n.Terms[0].Diagnostic("NJ222", fmt.Sprintf("nsec3param beside keys of the algorithm %s", shorten(algorithm)), "That algorithm knows NSEC only; use another, such as ecdsap256sha256."))
		return
	}
	for i := 1; i+1 < len(n.Terms); i++ {
		t := &n.Terms[i+1]
		limit := map[string]uint64{"iterations": c.maxIterations(), "salt-length": 255}[strings.ToLower(n.Terms[i].Value)]
		if n.Terms[i].Kind == WordTerm && isNumber(t, 32) && (n.Terms[i].Is("iterations") || n.Terms[i].Is("salt-length")) && number(t) > limit {
			c.diags.Add(t.Diagnostic("NJ213", fmt.Sprintf("%s is at most %d", n.Terms[i].Value, limit), "named refuses to start on it; RFC 9276 wants 0 for both."))
			return
		}
	}
}

// maxIterations: Source: dns_nsec3_maxiterations in lib/dns/nsec3.c.
func (c *Checker) maxIterations() uint64 {
	switch {
	case c.version.AtLeast(9, 19, 19):
		return 0
	case c.version.AtLeast(9, 18, 24), c.version.AtLeast(9, 16, 48) && c.version.Before(V(9, 17, 0)):
		return 50
	}
	return 150
}
