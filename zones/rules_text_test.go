package zones

import (
	"strings"
	"testing"
)

// TestSPF checks texts from both sides: want is a part of the message, "" for
// none.
func TestSPF(t *testing.T) {
	many := func(n int, term string) string { return "v=spf1" + strings.Repeat(" "+term, n) }
	for _, test := range []struct{ text, want string }{
		{"v=spf1", ""},
		{"v=spf1 -all", ""},
		{"V=SPF1 -ALL", ""},
		{"v=spf1 +a ?mx ~all", ""},
		{"v=spf1  a   mx -all ", ""},
		{"v=spf1 a:mail.example.org mx:example.org/24 a/24 a//64 mx/24//64 a:x.example.org/24//64 -all", ""},
		{"v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1/96 ip6:1080::8:800:200C:417A/96 -all", ""},
		{"v=spf1 include:_spf.example.org include:x.example.org. -all", ""},
		{"v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", ""},
		{"v=spf1 exists:%{l1r-}.x.example.org exists:%{i}._x.example.org redirect=_spf.example.org", ""},
		{"v=spf1 ptr ptr:example.org exp=explain._spf.%{d} -all", ""},
		{"v=spf1 mx -all exp=explain.%{c}.example.org", ""},
		{"v=spf1 include:%{d}", ""},
		{"v=spf1 a:x_y.example.org moo.cow-far_out=man:dog/cat ip4:192.0.2.1 -all", ""},
		{"v=spf1 unknown=%{i}%%%_%- -all", ""},
		{"v=spf1 a:xn--bcher-kva.xn--p1ai a:a.b.c--1 -all", ""},
		{"v=spf1 redirect=%{d}.", ""},
		{"v=spf10", ""},
		{"v=spf1x", ""},
		{"v=spf1 " + many(10, "a")[7:] + " -all", ""},
		{"v=spf1-all", "needs a space"},
		{"v=spf1; a -all", "needs a space"},
		{"v=spf1\t-all", "needs a space"},
		{"v=spf1 a\tmx -all", "character"},
		{"v=spf1 a -all”", "character"},
		{"v=spf1 a, mx -all", "does not exist"},
		{"v=spf1 ipv4:192.0.2.1 -all", "does not exist"},
		{"v=spf1 ip:192.0.2.1 -all", "does not exist"},
		{"v=spf1 - all", "does not exist"},
		{"v=spf1 -all.", "does not exist"},
		{"v=spf1 192.0.2.1 -all", "does not exist"},
		{"v=spf1 mail.example.org -all", "does not exist"},
		{"v=spf1 --all", "does not exist"},
		{"v=spf1 v=spf1 -all", ""}, // an unknown modifier
		{"v=spf1 ip4:192.0.2.1/33 -all", "prefix length"},
		{"v=spf1 ip4:192.0.2.1/024 -all", "prefix length"},
		{"v=spf1 ip4:192.0.2.1/ -all", "prefix length"},
		{"v=spf1 ip4:192.0.2 -all", "IPv4 address"},
		{"v=spf1 ip4:192.0.2.256 -all", "IPv4 address"},
		{"v=spf1 ip4:2001:db8::1 -all", "IPv4 address"},
		{"v=spf1 ip4:mail.example.org -all", "IPv4 address"},
		{"v=spf1 ip4 -all", "needs a colon"},
		{"v=spf1 ip4=192.0.2.1 -all", "where ip4: is meant"},
		{"v=spf1 include=example.org -all", "where include: is meant"},
		{"v=spf1 ip6:192.0.2.1 -all", "IPv6 address"},
		{"v=spf1 ip6:2001:db8::/129 -all", "prefix length"},
		{"v=spf1 ip6:fe80::1%eth0 -all", "IPv6 address"},
		{"v=spf1 a/33 -all", "prefix length"},
		{"v=spf1 a//129 -all", "prefix length"},
		{"v=spf1 a:example.org/x -all", "prefix length"},
		{"v=spf1 a: -all", "needs a domain"},
		{"v=spf1 a:localhost -all", "top-level"},
		{"v=spf1 a:192.0.2.1 -all", "top-level"},
		{"v=spf1 include -all", "needs a colon"},
		{"v=spf1 include: -all", "needs a domain"},
		{"v=spf1 include:example -all", "top-level"},
		{"v=spf1 include:a..-b -all", "top-level"},
		{"v=spf1 include:a.orginclude:b.org -all", "has a colon in it"},
		{"v=spf1 include:me.example.org -all", "leads back"},
		{"v=spf1 redirect=me.example.org.", "leads back"},
		{"v=spf1 exists -all", "needs a colon"},
		{"v=spf1 exists:%{q}.example.org -all", "no macro"},
		{"v=spf1 exists:%{i.example.org -all", "no macro"},
		{"v=spf1 exists:%i.example.org -all", "no macro"},
		{"v=spf1 exists:%{i0}.example.org -all", "no macro"},
		{"v=spf1 exists:%{ix}.example.org -all", "no macro"},
		{"v=spf1 exists:%{c}.example.org -all", "no macro"},
		{"v=spf1 a:x.org% -all", "no macro"},
		{"v=spf1 exists:%{i}.9 -all", "top-level"},
		{"v=spf1 -all:x", "takes nothing"},
		{"v=spf1 -all/24", "takes nothing"},
		{"v=spf1 -all a", "behind all"},
		{"v=spf1 -all ~all", "behind all"},
		{"v=spf1 redirect=a.org -all", "both all and redirect"},
		{"v=spf1 -all redirect=a.org", "both all and redirect"},
		{"v=spf1 redirect=a.org redirect=b.org", "redirect twice"},
		{"v=spf1 redirect=", "needs a domain"},
		{"v=spf1 exp=a.org exp=b.org -all", "exp twice"},
		{"v=spf1 redirect:a.org", "does not exist"},
		{many(11, "a"), "11 lookups"},
		{many(10, "mx") + " redirect=a.org", "11 lookups"},
		{many(100, "ip4:192.0.2.1"), "bytes long"},
	} {
		if got := spfFault(test.text, "me.example.org"); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestDMARC(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"v=DMARC1; p=none", ""},
		{"v=DMARC1;p=reject;", ""},
		{"v = DMARC1 ; p = Quarantine ; pct = 50 ; rua = mailto:a@example.org , mailto:b@example.org!10m ; ruf=mailto:c@example.org", ""},
		{"v=DMARC1; p=none; sp=reject; np=reject; adkim=s; aspf=r; fo=1:d:s; rf=afrf; ri=86400; t=y; psd=n; x=y", ""},
		{"v=DMARC1; p=none; rua=https://example.org/report", ""},
		{"v=dmarc1; p=none", "in this spelling"},
		{"v=DMARC1 p=none", "in this spelling"},
		{"v=DMARC10; p=none", "in this spelling"},
		{"v=DMARC1; p", "without an equals sign"},
		{"v=DMARC1; p=none rua=mailto:a@example.org", "tag p"},
		{"v=DMARC1; p=rejct", "none, quarantine, reject"},
		{"v=DMARC1; p=", "tag p"},
		{"v=DMARC1", "no policy"},
		{"v=DMARC1; rua=mailto:a@example.org", "no policy"},
		{"v=DMARC1; p=none; sp=off", "tag sp"},
		{"v=DMARC1; p=none; p=reject", "tag p twice"},
		{"v=DMARC1; p=none; pct=101", "0 to 100"},
		{"v=DMARC1; p=none; pct=50%", "0 to 100"},
		{"v=DMARC1; p=none; ri=day", "tag ri"},
		{"v=DMARC1; p=none; adkim=relaxed", "tag adkim"},
		{"v=DMARC1; p=none; fo=2", "tag fo"},
		{"v=DMARC1; p=none; rua=a@example.org", "begin with mailto:"},
		{"v=DMARC1; p=none; rua=mailto:a@example.org mailto:b@example.org", "one address"},
		{"v=DMARC1; p=none; rua=mailto:example.org", "one address"},
		{"v=DMARC1; p=none; rua=mailto:a@example.org,b@example.org", "begin with mailto:"},
		{"v=DMARC1; p=none; rua=", "begin with mailto:"},
	} {
		if got := dmarcFault(test.text, ""); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestDKIM(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7; t=s", ""},
		{"v=DKIM1; p=", ""},
		{"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ""},
		{"v=DKIM1; p=AAAA BBBB\tCCCC", ""},
		{"k=rsa; p=AAAA", ""},
		{"p=!", ""},
		{"o=~; r=x@example.org", ""},
		{"some text", ""},
		{"", ""},
		{"v=DKIM1; k=rsa", "no tag p"},
		{"v=DKIM1; p=AAA", "not base64"},
		{"v=DKIM1; p=AA!A", "not base64"},
		{"v=DKIM1; k=ed25519; p=AAAA", "Ed25519"},
		{"v=dkim1; p=AAAA", "in this spelling"},
		{"k=rsa; v=DKIM1; p=AAAA", "in this spelling"},
		{"v=DKIM1; p=AAAA; x", "without an equals sign"},
	} {
		if got := dkimFault(test.text, ""); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestTextRules(t *testing.T) {
	long := strings.Repeat("a", 255)
	runRules(t, []ruleTest{
		{name: "sound", lines: "@ TXT \"v=spf1 mx -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\nx._domainkey TXT \"v=DKIM1; p=\"\n@ TXT \"google-site-verification=x\"\n@ TXT \"v=spf2.0/pra\"\n@ TXT \"v=verifydomain MS=1\"\n@ TXT \"\"\n"},
		{name: "SPF", lines: "@ TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n", want: "5 w NJ427"},
		{name: "SPF in strings", lines: "@ TXT \"v=s\" \"pf1 a:x.\" \"org -all\"\n@ TXT a \"v=spf1 foo\"\n"},
		{name: "SPF strings that meet", lines: "@ TXT \"v=spf1 include:a.org\" \"include:b.org -all\"\n", want: "5 w NJ427"},
		{name: "two SPF", lines: "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 mx -all\"\na TXT \"v=spf1 -all\"\n", want: "6 w NJ427"},
		{name: "two, one none", lines: "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1; mx -all\"\n", want: "6 w NJ427"},
		{name: "includes itself", lines: "a TXT \"v=spf1 include:A.example -all\"\n", want: "5 w NJ427"},
		{name: "DMARC elsewhere", lines: "@ TXT \"v=DMARC1; p=foo\"\na._dmarc TXT \"v=DMARC1\"\nexample.org._report._dmarc TXT \"v=DMARC1\"\n"},
		{name: "DMARC", lines: "_dmarc TXT \"v=DMARC1; p=foo\"\n_DMARC.a TXT \"v=DMARC1\"\n_dmarc.b TXT other\n", want: "5 w NJ427, 6 w NJ427"},
		{name: "two DMARC", lines: "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n", want: "6 w NJ427"},
		{name: "DKIM", lines: "x._domainkey TXT \"v=DKIM1; p=AAA\"\n_domainkey TXT \"v=DKIM1; p=AAA\"\nx.y TXT \"v=DKIM1; p=AAA\"\n", want: "5 w NJ427"},
		{name: "hidden", lines: "sub NS x.test.\n_dmarc.sub TXT \"v=DMARC1\"\n", want: "6 w NJ430"},
		{name: "other class", head: "$TTL 5\n@ SOA a. b. 1 3600 600 86400 300\n@ NS ns.\n", class: "CH", lines: "@ TXT \"v=spf1 foo\"\n"},
		{name: "long", lines: "@ TXT " + strings.Repeat("\""+long+"\" ", 20) + "\n"},
	})
}

// FuzzTexts checks that the readers of texts take anything.
func FuzzTexts(f *testing.F) {
	f.Add("v=spf1 a:%{i}/24//64 -all")
	f.Add("v=DMARC1; p=none; rua=mailto:a@b")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []string{spfFault("v=spf1"+text, "a.b"), dmarcFault(text, ""), dkimFault(text, "")} {
			if len(s) > 300 {
				t.Errorf("a long message: %q", s)
			}
		}
		isAddressText([]byte(text))
	})
}

func TestIsAddressText(t *testing.T) {
	for text, want := range map[string]bool{"192.0.2.1": true, "192.0.2.1.": true, "::1": true, "::1.": true, "2001:db8::A": true, "1.2.3": false,
		"01.2.3.4": false, "": false, ".": false, "a": false, "fe80::1%1": false, "ns": false, "1.2.3.4.5": false, "::ffff:1.2.3.4": true, "abc.": false} {
		if got := isAddressText([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
