package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"strings"
	"time"
)

// One certificate form: what the server shows, and the bundle that its client is given.
func certificateForm(name string, refused bool, chain func(w *world) (tls.Certificate, string)) form {
	bundle := ""
	return form{
		name:    "certificate: " + name,
		refused: refused,
		chain: func(w *world) tls.Certificate {
			made, ca := chain(w)
			bundle = ca
			return made
		},
		text: func(w *world, _ string) string {
			text := plain(w)
			old := base64.StdEncoding.EncodeToString([]byte(w.authority.pem))
			return strings.Replace(text, old, base64.StdEncoding.EncodeToString([]byte(bundle)), 1)
		},
	}
}

func extension(id []int, value any) pkix.Extension {
	der, err := asn1.Marshal(value)
	must(err)
	return pkix.Extension{Id: id, Value: der}
}

var nsCertType = []int{2, 16, 840, 1, 113730, 1, 1}

func server() *x509.Certificate { return leaf("server", "localhost", "127.0.0.1") }

func with(change func(*x509.Certificate)) *x509.Certificate {
	c := server()
	change(c)
	return c
}

func single(name string, refused bool, template func() *x509.Certificate) form {
	return certificateForm(name, refused, func(w *world) (tls.Certificate, string) {
		return w.authority.issue(template()).certificate, w.authority.pem
	})
}

func rsaKey(bits int) func(w *world) (tls.Certificate, string) {
	return func(w *world) (tls.Certificate, string) {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		must(err)
		der, err := x509.CreateCertificate(rand.Reader, server(), w.authority.certificate, key.Public(), w.authority.key)
		must(err)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, w.authority.pem
	}
}

// A certificate for `dns`, verified as `name`.
func named(title string, refused bool, dns, name string) form {
	f := single(title, refused, func() *x509.Certificate {
		return with(func(c *x509.Certificate) { c.DNSNames = []string{dns}; c.IPAddresses = nil })
	})
	text := f.text
	f.text = func(w *world, dir string) string {
		return strings.Replace(text(w, dir), "    server: ", "    tls-server-name: "+name+"\n    server: ", 1)
	}
	return f
}

// Go's CreateCertificate gives every authority a key id; an id that both share says as little as none.
func rotation(first bool, sameID bool) func(w *world) (tls.Certificate, string) {
	return func(w *world) (tls.Certificate, string) {
		id := func(c *x509.Certificate) {
			if sameID {
				c.SubjectKeyId = []byte{1, 2, 3, 4}
			}
		}
		before, after := newSigner("one name", id), newSigner("one name", id)
		bundle := before.pem + after.pem
		if first {
			return before.issue(server()).certificate, bundle
		}
		return after.issue(server()).certificate, bundle
	}
}

func own(template func() *x509.Certificate) func(w *world) (tls.Certificate, string) {
	return func(w *world) (tls.Certificate, string) {
		made := selfSigned(template())
		return made.asPair().certificate, made.pem
	}
}

func below(change func(*x509.Certificate), template func() *x509.Certificate) func(w *world) (tls.Certificate, string) {
	return func(w *world) (tls.Certificate, string) {
		middle := authority("intermediate")
		change(middle)
		between := w.authority.sign(middle)
		return between.sign(template()).asPair(between).certificate, w.authority.pem
	}
}

func certificateForms() []form {
	usage := func(usages ...x509.ExtKeyUsage) func() *x509.Certificate {
		return func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.ExtKeyUsage = usages })
		}
	}
	keyUsage := func(bits x509.KeyUsage) func() *x509.Certificate {
		return func() *x509.Certificate { return with(func(c *x509.Certificate) { c.KeyUsage = bits }) }
	}
	extra := func(e pkix.Extension) func() *x509.Certificate {
		return func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.ExtraExtensions = append(c.ExtraExtensions, e) })
		}
	}
	names := func(dns ...string) func() *x509.Certificate {
		return func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.DNSNames = dns; c.IPAddresses = nil })
		}
	}
	forms := []form{
		certificateForm("one name twice, signed by the first", false, rotation(true, false)),
		certificateForm("one name twice, signed by the second", false, rotation(false, false)),
		certificateForm("one name and key id twice, signed by the first", false, rotation(true, true)),
		certificateForm("one name and key id twice, signed by the second", false, rotation(false, true)),
		single("any usage", false, usage(x509.ExtKeyUsageAny)),
		single("no usage", false, usage()),
		single("server and client usage", false, usage(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)),
		single("client usage alone", true, usage(x509.ExtKeyUsageClientAuth)),
		single("nsCertType client beside serverAuth", false, extra(extension(nsCertType, asn1.BitString{Bytes: []byte{0x80}, BitLength: 1}))),
		single("keyUsage keyCertSign", false, keyUsage(x509.KeyUsageCertSign)),
		single("keyUsage keyEncipherment", false, keyUsage(x509.KeyUsageKeyEncipherment)),
		single("no keyUsage", false, keyUsage(0)),
		single("a critical extension that is unknown", true, extra(pkix.Extension{Id: []int{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}})),
		single("expired", true, func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
		}),
		single("not yet valid", true, func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
		}),
		certificateForm("an RSA key of 1024 bits", false, rsaKey(1024)),
		named("a wildcard before one label", false, "*.example", "api.example"),
		named("a wildcard before a label with '_'", false, "*.a_b.example", "api.a_b.example"),
		named("a wildcard for two labels", true, "*.example", "a.b.example"),
		named("a wildcard in a label", true, "a*.example", "api.example"),
		named("a name with '_'", false, "my_api.example", "my_api.example"),
		named("a name in capitals", false, "API.Example", "api.example"),
		named("a name with a dot at its end", false, "api.example", "api.example."),
		single("the address as a DNS name", true, names("127.0.0.1")),
		single("another name", true, names("elsewhere")),
		certificateForm("self-signed, its own authority", false, own(server)),
		certificateForm("self-signed with keyCertSign", false, own(func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign; c.IsCA = true })
		})),
		certificateForm("self-signed with keyCertSign and no authority", false, own(keyUsage(x509.KeyUsageCertSign))),
		certificateForm("signed by an unknown authority", true, func(w *world) (tls.Certificate, string) {
			return newSigner("stranger", nil).issue(server()).certificate, w.authority.pem
		}),
		certificateForm("the leaf in the bundle, its authority not", false, func(w *world) (tls.Certificate, string) {
			made := newSigner("stranger", nil).issue(server())
			return made.certificate, made.cert
		}),
		certificateForm("the intermediate in the bundle alone", false, func(w *world) (tls.Certificate, string) {
			between := w.authority.sign(authority("intermediate"))
			return between.sign(server()).asPair(between).certificate, between.pem
		}),
		certificateForm("below an intermediate", false, below(func(*x509.Certificate) {}, server)),
		certificateForm("below an intermediate without any usage of serverAuth", true, below(func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}, server)),
		certificateForm("below an intermediate for any usage", false, below(func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		}, server)),
		certificateForm("below what is no authority", true, below(func(c *x509.Certificate) { c.IsCA = false }, server)),
		certificateForm("below an authority that may not sign", true, below(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }, server)),
		certificateForm("below an expired intermediate", true, below(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, server)),
		certificateForm("below an intermediate for other names", true, below(func(c *x509.Certificate) {
			c.PermittedDNSDomainsCritical = true
			c.PermittedDNSDomains = []string{"elsewhere.example"}
		}, func() *x509.Certificate {
			return with(func(c *x509.Certificate) { c.DNSNames = []string{"localhost"} })
		})),
		certificateForm("below an authority with a path that is too long", true, func(w *world) (tls.Certificate, string) {
			root := newSigner("short", func(c *x509.Certificate) { c.MaxPathLen = 0; c.MaxPathLenZero = true })
			between := root.sign(authority("intermediate"))
			return between.sign(server()).asPair(between).certificate, root.pem
		}),
		certificateForm("an authority without a key usage", false, func(w *world) (tls.Certificate, string) {
			root := newSigner("bare", func(c *x509.Certificate) { c.KeyUsage = 0 })
			return root.issue(server()).certificate, root.pem
		}),
		certificateForm("an authority for client usage alone", true, func(w *world) (tls.Certificate, string) {
			root := newSigner("clients'", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
			return root.issue(server()).certificate, root.pem
		}),
		certificateForm("an expired authority", true, func(w *world) (tls.Certificate, string) {
			root := newSigner("old", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
			return root.issue(server()).certificate, root.pem
		}),
		certificateForm("an expired authority and its successor of the same key", false, func(w *world) (tls.Certificate, string) {
			root := newSigner("renewed", nil)
			old := authority("renewed")
			old.NotAfter = time.Now().Add(-time.Minute)
			again := root.again(old)
			return root.issue(server()).certificate, again.pem + root.pem
		}),
	}
	return forms
}
