package main

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

// A recording API server with TLS on 127.0.0.1 and [::1], an HTTP proxy and a SOCKS5 proxy before it.
type world struct {
	authority *signer
	issuer    *signer // the authority of OIDC issuers (issuer.go)
	server    *http.Server
	listeners []net.Listener
	port      string
	httpProxy string // host:port
	tlsProxy  string // the port of the HTTP proxy behind TLS, with a certificate of the authority for localhost
	farProxy  string // the same with a certificate of another authority
	socks     string
	client    pair // a client's certificate of the authority

	mutex sync.Mutex
	seen  string
	via   string
}

func newWorld(form form) *world {
	w := &world{authority: newSigner("parity authority", nil), issuer: newSigner("issuer's authority", nil)}
	w.client = w.authority.issue(leaf("client"))
	chain := w.authority.issue(leaf("server", "localhost", "127.0.0.1", "::1")).certificate
	if form.chain != nil {
		chain = form.chain(w)
	}
	w.server = &http.Server{
		Handler: http.HandlerFunc(w.answer),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{chain},
			ClientAuth:   tls.RequestClientCert,
			NextProtos:   []string{"http/1.1"},
		},
		ErrorLog: nil,
	}
	w.server.ErrorLog = quiet()
	four := w.listen("127.0.0.1:0")
	_, w.port, _ = net.SplitHostPort(four.Addr().String())
	go w.server.Serve(tls.NewListener(four, w.server.TLSConfig))
	if six, err := net.Listen("tcp", "[::1]:"+w.port); err == nil {
		w.listeners = append(w.listeners, six)
		go w.server.Serve(tls.NewListener(six, w.server.TLSConfig))
	}
	w.httpProxy = w.proxy(w.connectTunnel)
	w.socks = w.proxy(w.socksTunnel)
	w.tlsProxy = w.secureProxy(w.authority)
	w.farProxy = w.secureProxy(w.issuer)
	return w
}

func (w *world) listen(address string) net.Listener {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	w.listeners = append(w.listeners, listener)
	return listener
}

func (w *world) close() {
	w.server.Close()
	for _, listener := range w.listeners {
		listener.Close()
	}
}

func (w *world) forget() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.seen, w.via = "", ""
}

func (w *world) first() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.seen
}

func (w *world) answer(out http.ResponseWriter, in *http.Request) {
	who := "none"
	if certificates := in.TLS.PeerCertificates; len(certificates) > 0 {
		who = certificates[0].Subject.CommonName
	}
	text := fmt.Sprintf("%s host=%s certificate=%s", in.URL.Path, strings.Replace(in.Host, w.port, "PORT", 1), who)
	for _, name := range []string{"Authorization", "Impersonate-User", "Impersonate-Group", "Impersonate-Uid"} {
		if value := in.Header.Values(name); len(value) > 0 {
			text += fmt.Sprintf(" %s=%s", name, strings.Join(value, ","))
		}
	}
	w.mutex.Lock()
	if w.seen == "" {
		w.seen = text + w.via
	}
	w.mutex.Unlock()
	out.Header().Set("Content-Type", "application/json")
	io.WriteString(out, `{"major":"1","minor":"35","gitVersion":"v1.35.4"}`)
}

// An HTTP proxy behind TLS; what it says of its client's certificate is a part of "via".
func (w *world) secureProxy(by *signer) string {
	config := &tls.Config{
		Certificates: []tls.Certificate{by.issue(leaf("proxy", "localhost")).certificate},
		ClientAuth:   tls.RequestClientCert,
	}
	listener := w.listen("127.0.0.1:0")
	serveEach(tls.NewListener(listener, config), w.connectTunnel)
	return port(listener)
}

func (w *world) proxy(serve func(net.Conn)) string {
	listener := w.listen("127.0.0.1:0")
	serveEach(listener, serve)
	return listener.Addr().String()
}

func serveEach(listener net.Listener, serve func(net.Conn)) {
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(connection)
		}
	}()
}

func (w *world) cameVia(what string) {
	w.mutex.Lock()
	w.via = " via=" + strings.Replace(what, w.port, "PORT", 1)
	w.mutex.Unlock()
}

func join(a, b net.Conn, from io.Reader) {
	go func() {
		io.Copy(b, from)
		b.Close()
	}()
	io.Copy(a, b)
	a.Close()
}

func (w *world) connectTunnel(connection net.Conn) {
	in := bufio.NewReader(connection)
	request, err := http.ReadRequest(in)
	if err != nil {
		connection.Close()
		return
	}
	shown := ""
	if secure, is := connection.(*tls.Conn); is {
		shown = " tls"
		if certificates := secure.ConnectionState().PeerCertificates; len(certificates) > 0 {
			shown += " certificate=" + certificates[0].Subject.CommonName
		}
	}
	w.cameVia("connect " + request.Host + " " + request.Header.Get("Proxy-Authorization") + shown)
	server, err := net.Dial("tcp", "127.0.0.1:"+w.port)
	if err != nil {
		connection.Close()
		return
	}
	io.WriteString(connection, "HTTP/1.1 200 OK\r\n\r\n")
	join(connection, server, in)
}

// RFC 1928 and 1929, whatever user comes.
func (w *world) socksTunnel(connection net.Conn) {
	in := bufio.NewReader(connection)
	read := func(n int) []byte {
		bytes := make([]byte, n)
		io.ReadFull(in, bytes)
		return bytes
	}
	user := ""
	methods := read(int(read(2)[1]))
	if strings.Contains(string(methods), "\x02") {
		connection.Write([]byte{5, 2})
		user = string(read(int(read(2)[1]))) + ":"
		user += string(read(int(read(1)[0])))
		connection.Write([]byte{1, 0})
	} else {
		connection.Write([]byte{5, 0})
	}
	host := ""
	switch read(4)[3] {
	case 1:
		host = net.IP(read(4)).String()
	case 3:
		host = "name " + string(read(int(read(1)[0])))
	case 4:
		host = net.IP(read(16)).String()
	}
	port := binary.BigEndian.Uint16(read(2))
	w.cameVia(fmt.Sprintf("socks %s %d %s", host, port, user))
	server, err := net.Dial("tcp", "127.0.0.1:"+w.port)
	if err != nil {
		connection.Close()
		return
	}
	connection.Write([]byte{5, 0, 0, 1, 127, 0, 0, 1, 0, 0})
	join(connection, server, in)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func writeFile(path, text string, mode os.FileMode) {
	must(os.WriteFile(path, []byte(text), mode))
}
