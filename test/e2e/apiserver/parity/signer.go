package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"time"
)

type pair struct {
	certificate tls.Certificate
	cert, key   string // PEM
}

type signer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

var serial = int64(time.Now().UnixNano())

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func certificate(name string) *x509.Certificate {
	serial++
	return &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		BasicConstraintsValid: true,
	}
}

// names: DNS names and IP addresses. Without any: a client's certificate.
func leaf(name string, names ...string) *x509.Certificate {
	c := certificate(name)
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	for _, one := range names {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if ip := net.ParseIP(one); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, one)
		}
	}
	return c
}

func authority(name string) *x509.Certificate {
	c := certificate(name)
	c.IsCA = true
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	return c
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func newSigner(name string, change func(*x509.Certificate)) *signer {
	template := authority(name)
	if change != nil {
		change(template)
	}
	return selfSigned(template)
}

func selfSigned(template *x509.Certificate) *signer {
	s := &signer{key: newKey()}
	der, err := x509.CreateCertificate(rand.Reader, template, template, s.key.Public(), s.key)
	must(err)
	s.certificate, err = x509.ParseCertificate(der)
	must(err)
	s.pem = encode("CERTIFICATE", der)
	return s
}

func (s *signer) sign(template *x509.Certificate) *signer {
	made := &signer{key: newKey()}
	der, err := x509.CreateCertificate(rand.Reader, template, s.certificate, made.key.Public(), s.key)
	must(err)
	made.certificate, err = x509.ParseCertificate(der)
	must(err)
	made.pem = encode("CERTIFICATE", der)
	return made
}

func (s *signer) asPair(above ...*signer) pair {
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	must(err)
	chain := tls.Certificate{Certificate: [][]byte{s.certificate.Raw}, PrivateKey: s.key}
	for _, one := range above {
		chain.Certificate = append(chain.Certificate, one.certificate.Raw)
	}
	return pair{certificate: chain, cert: s.pem, key: encode("PRIVATE KEY", der)}
}

func (s *signer) issue(template *x509.Certificate) pair { return s.sign(template).asPair() }

// The same key and name in another certificate.
func (s *signer) again(template *x509.Certificate) *signer {
	der, err := x509.CreateCertificate(rand.Reader, template, template, s.key.Public(), s.key)
	must(err)
	made := &signer{key: s.key, pem: encode("CERTIFICATE", der)}
	made.certificate, err = x509.ParseCertificate(der)
	must(err)
	return made
}
