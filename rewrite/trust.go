package rewrite

import (
	"path"

	"named-jail/parser"
)

// trustStore is one place where OpenSSL looks for the certificates that it
// trusts, and the files of the host that hold them, the first that is there.
type trustStore struct {
	place   JailPath
	bundles []string
}

// trustStores is the table of these places; the first whose directory the host
// has holds.
//
// Source: OPENSSLDIR of the packages of openssl and the bundles of those of
// ca-certificates: Debian and Ubuntu; Red Hat and Fedora; Alpine, Arch, Gentoo,
// SUSE, FreeBSD and OpenBSD; NetBSD; FreeBSD's ports.
var trustStores = []trustStore{
	{"/usr/lib/ssl/cert.pem", []string{"/usr/lib/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt"}},
	{"/etc/pki/tls/cert.pem", []string{"/etc/pki/tls/cert.pem", "/etc/pki/tls/certs/ca-bundle.crt"}},
	{"/etc/ssl/cert.pem", []string{"/etc/ssl/cert.pem", "/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/ca-bundle.pem"}},
	{"/etc/openssl/cert.pem", []string{"/etc/openssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt"}},
	{"/usr/local/openssl/cert.pem", []string{"/usr/local/openssl/cert.pem", "/usr/local/share/certs/ca-root-nss.crt"}},
}

// tls notes a tls statement that wants the name of the other side proved and
// names no file with the certificates to trust: then OpenSSL's own are taken, and
// named opens them in the jail, at the first connection.
//
// Source: ARM, tls, remote-hostname; BIND 9.18 lib/isc/tls.c
// (isc_tls_cert_store_create).
func (in *Install) tls(s *parser.Statement) {
	if b := s.Block(); in.trusting == nil && b != nil && b.Find("ca-file") == nil {
		for _, keyword := range []string{"remote-hostname", "hostname"} {
			if found := b.Find(keyword); found != nil {
				at := found.Span()
				in.trusting = &at
			}
		}
	}
}

// trust adds the certificates that OpenSSL trusts by itself.
func (b *builder) trust() {
	if b.in.trusting == nil || b.in.opt.InJail != "" {
		return
	}
	for _, t := range trustStores {
		dir := path.Dir(string(t.place))
		if !b.exists(dir) {
			continue
		}
		for _, file := range t.bundles {
			if _, err := b.in.host.Stat(file); err == nil {
				b.add(b.readEntry(file, t.place, "trusted certificates"))
				b.dir(JailPath(dir), Root, 0111, "holds files that named reads")
				return
			}
		}
	}
	b.diags.Add(b.in.trusting.Diagnostic("NJ306", "remote-hostname without ca-file: the host has none of the usual files of trusted certificates",
		"Every connection that uses this will fail; install ca-certificates, or name the certificate to trust with ca-file."))
}
