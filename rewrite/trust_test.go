package rewrite

import (
	"strings"
	"testing"
)

// TestTrustedCertificates shows when the jail gets the certificates that the
// host trusts, from where, and at which place: that of the host's OpenSSL.
func TestTrustedCertificates(t *testing.T) {
	const bundle = "certificates\n"
	debianFiles := files{"/usr/lib/ssl/openssl.cnf": "", "/etc/ssl/openssl.cnf": "", "/etc/ssl/certs/ca-certificates.crt": bundle}
	for _, c := range []struct {
		name, tls string
		host      files
		want      string // place, and where it comes from
		problem   bool
	}{
		{"the name is proved", `remote-hostname "a.example";`, debianFiles, "/usr/lib/ssl/cert.pem /etc/ssl/certs/ca-certificates.crt", false},
		{"the host has the file itself", `remote-hostname "a.example";`, files{"/etc/pki/tls/cert.pem": bundle}, "/etc/pki/tls/cert.pem /etc/pki/tls/cert.pem", false},
		{"a bundle of SUSE", `remote-hostname "a.example";`, files{"/etc/ssl/openssl.cnf": "", "/var/lib/ca-certificates/ca-bundle.pem": bundle},
			"/etc/ssl/cert.pem /var/lib/ca-certificates/ca-bundle.pem", false},
		{"a file of its own", `remote-hostname "a.example"; ca-file "/etc/own.pem";`, debianFiles, "", false},
		{"nothing is proved", `protocols { TLSv1.3; };`, debianFiles, "", false},
		{"the host has none", `remote-hostname "a.example";`, files{}, "", true},
	} {
		h := files{"/etc/named.conf": "tls peer { " + c.tls + " };\n", "/etc/own.pem": "own"}
		for p, text := range c.host {
			h[p] = text
		}
		in, ds := Read(h, "/etc/named.conf", Options{Defaults: debian})
		if len(ds) > 0 {
			t.Fatal(c.name, ds)
		}
		list, ds := in.Wanted(nil)
		got := ""
		for _, w := range list {
			if strings.HasSuffix(string(w.Path), "/cert.pem") {
				got = string(w.Path) + " " + w.Source
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if problem := len(ds) == 1 && ds[0].Code == "NJ306" && ds[0].Line == 1; problem != c.problem {
			t.Errorf("%s: %v", c.name, ds)
		}
	}
}
