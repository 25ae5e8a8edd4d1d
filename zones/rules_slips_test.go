package zones

import "testing"

func TestSlipRules(t *testing.T) {
	two := "$TTL 300\n@ SOA ns.test. b.test. 1 3600 600 86400 300\n@ NS ns.test.\n" // 3 lines
	runRules(t, []ruleTest{
		{name: "owner twice", zone: "example.org", head: two, lines: "www.example.org A 192.0.2.1\nexample.org MX 1 x.test.\nexample A 192.0.2.1\nxexample.org A 192.0.2.1\n", want: "4 w NJ442, 5 w NJ442"},
		{name: "target twice", zone: "example.org", head: two, lines: "a CNAME b.example.org\nc PTR example.org\nd CNAME example\n", want: "4 w NJ442, 5 w NJ442"},
		{name: "target twice, there", lines: "a CNAME b.example\nb.example NS x.test.\n"},
		{name: "owner twice, one label", lines: "b.example A 192.0.2.1\n", want: "5 w NJ442"},
		{name: "delegated twice", lines: "example NS x.test.\n"},
		{name: "root", zone: ".", head: two, lines: "a A 192.0.2.1\na.a CNAME a.\nns.test A 192.0.2.1\n"},
		{name: "missing dot", lines: "a CNAME www.example.com\nb CNAME com\nc CNAME far.org\nfar.org A 192.0.2.1\n@ NS ns1.example.net.\n", want: "5 w NJ442"},
		{name: "address", lines: "a CNAME 192.0.2.1\nb CNAME 192.0.2.2.\nc CNAME 192.0.2.3\n192.0.2.3 A 192.0.2.3\n", want: "5 w NJ442, 6 w NJ442"},
		{name: "SRV address", lines: "_a._tcp SRV 1 1 1 192.0.2.2.\n", want: "5 w NJ442"},
		{name: "reverse", zone: "2.0.192.in-addr.arpa", head: two, lines: "1 PTR www.example.org\n2 PTR www.example.org.\nb._dns-sd._udp PTR @\n3 CNAME 3.64.2.0\n", want: "4 w NJ442"},
		{name: "delegation of addresses", zone: "2.0.192.in-addr.arpa", head: two, lines: "64 NS x.test.\n65 CNAME 65.64.2.0.192.in-addr.arpa.\n"},
		{name: "at sign", head: "$TTL 300\n@ SOA ns.test. a@example.org. 1 3600 600 86400 300\n@ NS ns.test.\n", want: "2 w NJ442"},
	})
}

func TestTimerRules(t *testing.T) {
	zone := func(timers string) string {
		return "$TTL 300\n@ SOA ns.test. b.test. 1 " + timers + "\n@ NS ns.test.\n"
	}
	runRules(t, []ruleTest{
		{name: "sound", head: zone("7200 3600 1209600 3600")},
		{name: "words", head: zone("1d 2h 4w 1h")},
		{name: "zero", head: zone("0 0 0 0"), want: "2 w NJ443"},
		{name: "expire", head: zone("7200 3600 10799 3600"), want: "2 w NJ443"},
		{name: "expire at the sum", head: zone("7200 3600 10800 3600")},
		{name: "retry", head: zone("3600 3601 1209600 3600"), want: "2 w NJ443"},
		{name: "refresh", head: zone("5w 1h 20w 3600"), want: "2 w NJ443"},
		{name: "retry alone", head: zone("4w 3w 20w 3600"), want: "2 w NJ443"},
		{name: "expire alone", head: zone("4w 1w 25w 3600"), want: "2 w NJ443"},
		{name: "minimum", head: zone("2h 1h 2w 604801"), want: "2 w NJ443"},
		{name: "minimum of a week", head: zone("2h 1h 2w 604800")},
		{name: "other class", class: "CH", head: zone("0 0 0 0")},
	})
}

func TestPlaceRules(t *testing.T) {
	hash := "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6"
	tlsa := " TLSA 3 1 1 " + aDigest + "\n"
	runRules(t, []ruleTest{
		{name: "SRV", lines: "_sip._tcp SRV 1 1 1 ns\n*._tcp SRV 1 1 1 ns\nmy\\032printer._ipp._tcp SRV 1 1 1 ns\n_ldap._tcp.dc._msdcs SRV 1 1 1 ns\n_minecraft._tcp.play SRV 1 1 1 ns\n"},
		{name: "SRV slips", lines: "sip.tcp SRV 1 1 1 ns\n_sip.tcp SRV 1 1 1 ns\nsip._tcp SRV 1 1 1 ns\nwww SRV 1 1 1 ns\n", want: "5 w NJ446, 6 w NJ446, 7 w NJ446, 8 w NJ446"},
		{name: "TLSA", lines: "_443._tcp.www" + tlsa + "*._tcp.www" + tlsa + "tlsa._dane" + tlsa + "_dane" + tlsa},
		{name: "TLSA slips", lines: "443._tcp" + tlsa + "_443.tcp" + tlsa + "_tcp.www" + tlsa + "www" + tlsa, want: "5 w NJ446, 6 w NJ446, 7 w NJ446, 8 w NJ446"},
		{name: "SMIMEA", lines: hash + "._smimecert SMIMEA 3 0 0 AA\n*._smimecert SMIMEA 3 0 0 AA\nx SMIMEA 3 0 0 AA\n"},
		{name: "SMIMEA slips", lines: hash + ".smimecert SMIMEA 3 0 0 AA\njoe._smimecert SMIMEA 3 0 0 AA\n", want: "5 w NJ446, 6 w NJ446"},
		{name: "OPENPGPKEY", lines: hash + "._openpgpkey OPENPGPKEY AAAA\n"},
		{name: "OPENPGPKEY slips", lines: hash + "._smimecert OPENPGPKEY AAAA\n", want: "5 w NJ446"},
		{name: "RP", lines: "@ RP a.test. text\ntext TXT x\nb RP a.test. .\nc RP a.test. gone.test.\nd RP a.test. TEXT\n*.w TXT x\ne RP a.test. z.w\n"},
		{name: "RP without text", lines: "@ RP a.test. text\ntext A 192.0.2.1\nb RP a.test. gone\n", want: "5 w NJ446, 7 w NJ446"},
	})
}

// TestResolverService checks check-svcb of named 9.20, which the
// named-checkzone of older releases does not have; TestCorpus compares it.
func TestResolverService(t *testing.T) {
	for _, test := range []struct {
		line string
		bad  bool
	}{
		{"_dns SVCB 1 ns alpn=dot", false},
		{"_dns.a SVCB 1 ns alpn=h2", true},
		{"_dns.a SVCB 1 ns alpn=dot,h3", true},
		{"_dns.a SVCB 1 ns alpn=h2 dohpath=/q{?dns}", false},
		{"_dns.a SVCB 1 ns", true},
		{"_dns.a SVCB 0 ns", true},
		{"_5353._dns.a SVCB 1 ns port=5353", true},
		{"_dns.a SVCB 1 ns alpn=doq", false},
		{"_dns.a HTTPS 1 ns", false},
		{"a SVCB 1 ns", false},
		{"_x._dns SVCB 1 ns", false},
		{"a._dns SVCB 1 ns", false},
	} {
		for _, release := range [][3]int{{}, {9, 20, 1}, {9, 18, 49}} {
			z := example()
			z.Checks.Release = release
			r := Check(memFiles{"z": head + test.line + "\n"}, z)
			fatal := test.bad && release != [3]int{9, 18, 49}
			if (len(r.Diagnostics) > 0) != test.bad || (r.Diagnostics.Errors() > 0) != fatal {
				t.Errorf("%s, %v: %s", test.line, release, found(r))
			}
			z.Checks.NoSVCB = true
			if r := Check(memFiles{"z": head + test.line + "\n"}, z); len(r.Diagnostics) > 0 {
				t.Errorf("%s, off: %s", test.line, found(r))
			}
		}
	}
}
