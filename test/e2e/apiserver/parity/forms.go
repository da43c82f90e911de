package main

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"sigs.k8s.io/yaml"
)

// A kubeconfig, or what the server behind a plain one shows.
type form struct {
	name    string
	refused bool   // client-go refuses it too
	ours    string // how the program comes, where it is meant to do better
	text    func(w *world, dir string) string
	coded   func(text string) []byte       // its encoding, UTF-8 without
	chain   func(w *world) tls.Certificate // the server's, "server" of the authority without
}

func (f form) bytes(w *world, dir string) []byte {
	text := f.text(w, dir)
	if f.coded != nil {
		return f.coded(text)
	}
	return []byte(text)
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func clusterOf(w *world, url, more string) string {
	return fmt.Sprintf(`- name: c
  cluster:
    server: %s
    certificate-authority-data: %s
%s`, url, b64(w.authority.pem), more)
}

func configOf(cluster, user string) string {
	return `apiVersion: v1
kind: Config
current-context: x
clusters:
` + cluster + `contexts:
- name: x
  context:
    cluster: c
    user: u
users:
- name: u
  user:
` + user
}

func serverURL(w *world) string { return "https://127.0.0.1:" + w.port }

func plain(w *world) string {
	return configOf(clusterOf(w, serverURL(w), ""), "    token: t0ken\n")
}

func user(name, text string) form {
	return form{name: name, text: func(w *world, dir string) string {
		text := strings.NewReplacer("{cert}", b64(w.client.cert), "{key}", b64(w.client.key), "{dir}", dir).Replace(text)
		writeFile(dir+"/token", "from-a-file\n", 0o600)
		writeFile(dir+"/cert.pem", w.client.cert, 0o600)
		writeFile(dir+"/key.pem", w.client.key, 0o600)
		writeFile(dir+"/yaml-plugin", "#!/bin/sh\nprintf 'apiVersion: client.authentication.k8s.io/v1\\nstatus:\\n  token: of-the-plugin\\n'\n", 0o700)
		writeFile(dir+"/plugin", "#!/bin/sh\necho '"+`{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"of-the-plugin"}}`+"'\n", 0o700)
		return configOf(clusterOf(w, serverURL(w), ""), text)
	}}
}

func behind(name, url, more string) form {
	return form{name: name, text: func(w *world, dir string) string {
		fill := strings.NewReplacer("{port}", w.port, "{http}", w.httpProxy, "{socks}", w.socks, "{tls}", w.tlsProxy, "{far}", w.farProxy)
		return configOf(clusterOf(w, fill.Replace(url), fill.Replace(more)), "    token: t0ken\n")
	}}
}

// Behind a proxy, with a client certificate instead of a token.
func behindWithCertificate(name, more string) form {
	f := behind(name, "https://127.0.0.1:{port}", more)
	text := f.text
	f.text = func(w *world, dir string) string {
		certificate := "    client-certificate-data: " + b64(w.client.cert) + "\n    client-key-data: " + b64(w.client.key) + "\n"
		return strings.Replace(text(w, dir), "    token: t0ken\n", certificate, 1)
	}
	return f
}

func changed(name string, change func(text string) string) form {
	return form{name: name, text: func(w *world, _ string) string { return change(plain(w)) }}
}

func coded(name string, code func(text string) []byte) form {
	return form{name: name, text: func(w *world, _ string) string { return plain(w) }, coded: code}
}

func refused(f form) form {
	f.refused = true
	return f
}

func better(f form, ours string) form {
	f.refused = true
	f.ours = ours
	return f
}

func utf16As(big, mark bool) func(text string) []byte {
	return func(text string) []byte {
		if mark {
			text = "\ufeff" + text
		}
		var out []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			if big {
				out = append(out, byte(unit>>8), byte(unit))
			} else {
				out = append(out, byte(unit), byte(unit>>8))
			}
		}
		return out
	}
}

func asJSON(text string) string {
	out, err := yaml.YAMLToJSON([]byte(text))
	must(err)
	return string(out)
}

// A token as an OIDC issuer makes it, whose signature is not looked at here.
func idToken(expires time.Time) string {
	part := func(value any) string {
		text, err := json.Marshal(value)
		must(err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	return part(map[string]any{"alg": "RS256"}) + "." + part(map[string]any{"iss": "https://issuer.example", "exp": expires.Unix()}) + ".c2ln"
}

const execOf = `    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./plugin
      interactiveMode: Never
`

func oidc(token, more string) string {
	return `    auth-provider:
      name: oidc
      config:
        client-id: me
        idp-issuer-url: https://issuer.example
` + more + "        id-token: " + token + "\n"
}

func kubeconfigForms() []form {
	const came = "/version host=127.0.0.1:PORT certificate=none Authorization=Bearer t0ken"
	replace := func(from, to string) func(string) string {
		return func(text string) string { return strings.Replace(text, from, to, 1) }
	}
	return []form{
		changed("plain", func(text string) string { return text }),
		changed("JSON", asJSON),
		changed("JSON with tabs", func(text string) string {
			var value any
			must(json.Unmarshal([]byte(asJSON(text)), &value))
			out, err := json.MarshalIndent(value, "", "\t")
			must(err)
			return string(out)
		}),
		changed("lines that end with CR LF", func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }),
		changed("UTF-8 with a byte order mark", func(text string) string { return "\ufeff" + text }),
		changed("UTF-8 with a byte order mark and CR LF", func(text string) string { return "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n") }),
		changed("JSON with a byte order mark", func(text string) string { return "\ufeff" + asJSON(text) }),
		coded("UTF-16LE", utf16As(false, true)),
		coded("UTF-16BE", utf16As(true, true)),
		coded("UTF-16LE with CR LF", func(text string) []byte { return utf16As(false, true)(strings.ReplaceAll(text, "\n", "\r\n")) }),
		coded("UTF-16LE of JSON", func(text string) []byte { return utf16As(false, true)(asJSON(text)) }),
		refused(coded("UTF-16LE without a byte order mark", utf16As(false, false))),
		changed("a document start", func(text string) string { return "---\n" + text }),
		changed("a lone document start at the end", func(text string) string { return text + "---\n" }),
		changed("a document end", func(text string) string { return text + "...\n" }),
		changed("two documents", func(text string) string { return text + "---\n" + strings.Replace(text, "t0ken", "other", 1) }),
		changed("a second document that is no kubeconfig", func(text string) string { return text + "---\n- a\n- b\n" }),
		changed("a second document that is broken", func(text string) string { return text + "---\n{ a: [\n" }),
		refused(changed("an empty first document", func(text string) string { return "---\n---\n" + text })),
		changed("a comment before and after", func(text string) string { return "# one\n" + text + "# two\n---\n# three\n" }),
		changed("a directive", func(text string) string { return "%YAML 1.1\n---\n" + text }),
		changed("no apiVersion and kind", func(text string) string { return strings.Replace(text, "apiVersion: v1\nkind: Config\n", "", 1) }),
		changed("fields that are unknown", func(text string) string { return text + "    colour: red\n" }),
		changed("a key twice", func(text string) string { return text + "    token: later\n" }),
		changed("a yes for true", replace("certificate-authority-data: ", "insecure-skip-tls-verify: yes\n    x-data: ")),
		changed("an On for true", replace("certificate-authority-data: ", "insecure-skip-tls-verify: On\n    x-data: ")),
		refused(changed("true in quotes", replace("certificate-authority-data: ", "insecure-skip-tls-verify: \"true\"\n    x-data: "))),
		better(changed("a number for a token", replace("t0ken", "12345")), strings.Replace(came, "t0ken", "12345", 1)),
		changed("a token that is marked !!binary", replace("t0ken", "!!binary dDBrZW4=")),
		changed("a token that ends with a space", replace("t0ken", "'t0ken '")),
		changed("a token in quotes", replace("t0ken", "'t0ken'")),
		changed("a token in a block", replace("token: t0ken", "token: |-\n      t0ken")),
		changed("a token in two lines of base64", replace("token: t0ken", "token: >-\n      t0ken")),
		changed("an anchor and an alias", func(text string) string {
			return "x-token: &t t0ken\n" + strings.Replace(text, "token: t0ken", "token: *t", 1)
		}),
		changed("a merge key that holds the token", func(text string) string {
			return "x-user: &u\n  token: t0ken\n" + strings.Replace(text, "token: t0ken", "<<: *u", 1)
		}),
		changed("a merge key below the entry's own", func(text string) string {
			return "x-user: &u\n  token: other\n" + strings.Replace(text, "token: t0ken", "token: t0ken\n    <<: *u", 1)
		}),
		changed("a merge key above the entry's own", func(text string) string {
			return "x-user: &u\n  token: other\n" + strings.Replace(text, "token: t0ken", "<<: *u\n    token: t0ken", 1)
		}),
		changed("a list of merge keys", func(text string) string {
			return "x-a: &a\n  token: t0ken\nx-b: &b\n  token: other\n  as: me\n" + strings.Replace(text, "token: t0ken", "<<: [*a, *b]", 1)
		}),
		changed("a merge key in a merge key", func(text string) string {
			return "x-a: &a\n  token: t0ken\nx-b: &b\n  <<: *a\n  as: me\n" + strings.Replace(text, "token: t0ken", "<<: *b", 1)
		}),
		changed("a merge key in place", replace("token: t0ken", "<<: {token: t0ken}")),
		refused(changed("a merge key of a text", replace("token: t0ken", "<<: token"))),
		changed("a merge key in quotes", replace("token: t0ken", "'<<': {token: other}\n    token: t0ken")),
		changed("a merged exec", func(text string) string {
			return "x-user: &u\n  as: me\n  token: t0ken\n  as-groups: [a, b]\n" + strings.Replace(text, "token: t0ken", "<<: *u", 1)
		}),
		user("a token file", "    tokenFile: token\n"),
		user("a token and a token file", "    token: t0ken\n    tokenFile: token\n"),
		user("a password", "    username: me\n    password: secret\n"),
		refused(user("a password and a token", "    username: me\n    password: secret\n    token: t0ken\n")),
		user("a client certificate", "    client-certificate-data: {cert}\n    client-key-data: {key}\n"),
		user("a client certificate in files", "    client-certificate: cert.pem\n    client-key: key.pem\n"),
		user("a client certificate in a file and its key as data", "    client-certificate: cert.pem\n    client-key-data: {key}\n"),
		user("a client certificate and a token", "    client-certificate-data: {cert}\n    client-key-data: {key}\n    token: t0ken\n"),
		refused(user("a client certificate twice", "    client-certificate: cert.pem\n    client-certificate-data: {cert}\n    client-key-data: {key}\n")),
		refused(user("a client certificate without a key", "    client-certificate-data: {cert}\n")),
		user("no credentials", "    {}\n"),
		user("null for the user", "\n"),
		user("impersonation", "    token: t0ken\n    as: me\n    as-groups: [a, b]\n    as-uid: u1\n"),
		user("a plugin", execOf),
		user("a plugin that prints YAML without a kind", strings.Replace(execOf, "./plugin", "./yaml-plugin", 1)),
		user("a plugin beside a token", execOf+"    token: t0ken\n"),
		user("a plugin beside a token file", execOf+"    tokenFile: token\n"),
		user("a plugin beside a client certificate", execOf+"    client-certificate-data: {cert}\n    client-key-data: {key}\n"),
		user("a plugin beside a password", execOf+"    username: me\n    password: secret\n"),
		user("a broken plugin beside a token", strings.Replace(execOf, "./plugin", "./nothing", 1)+"    token: t0ken\n"),
		refused(user("a plugin without a version beside a token", strings.Replace(execOf, "apiVersion: client.authentication.k8s.io/v1", "args: []", 1)+"    token: t0ken\n")),
		user("oidc with an id token", oidc(idToken(time.Now().Add(time.Hour)), "")),
		refused(user("oidc with an expired id token", oidc(idToken(time.Now().Add(-time.Hour)), ""))),
		user("oidc with an id token that is soon over", oidc(idToken(time.Now().Add(30*time.Second)), "")),
		refused(user("oidc with an id token in its last seconds", oidc(idToken(time.Now().Add(5*time.Second)), ""))),
		refused(user("oidc without an id token", oidc("", ""))),
		refused(user("oidc with an id token that is none", oidc("abc", ""))),
		user("oidc beside a token", oidc(idToken(time.Now().Add(time.Hour)), "")+"    token: t0ken\n"),
		user("oidc beside a client certificate", oidc(idToken(time.Now().Add(time.Hour)), "")+"    client-certificate-data: {cert}\n    client-key-data: {key}\n"),
		refused(user("oidc without an issuer", strings.Replace(oidc(idToken(time.Now().Add(time.Hour)), ""), "idp-issuer-url", "x", 1))),
		refused(user("oidc without a client id", strings.Replace(oidc(idToken(time.Now().Add(time.Hour)), ""), "client-id", "x", 1))),
		refused(user("oidc beside a plugin", oidc(idToken(time.Now().Add(time.Hour)), "")+execOf)),
		refused(user("another auth provider", "    auth-provider: {name: gcp}\n")),
		behind("a host name", "https://localhost:{port}", ""),
		behind("a user and a password in the server", "https://me%40x:p%3aw@127.0.0.1:{port}", ""),
		behind("a user in the server", "https://me@127.0.0.1:{port}", ""),
		behind("a path", "https://127.0.0.1:{port}/k8s/clusters/c-1", ""),
		behind("a path that ends with a slash", "https://127.0.0.1:{port}/k8s/", ""),
		behind("an IPv6 address", "https://[::1]:{port}", ""),
		// Go takes the zone for a part of the name that the certificate lacks.
		better(behind("an IPv6 address with a zone", "https://[::1%25lo]:{port}", ""), strings.Replace(came, "127.0.0.1", "[::1]", 1)),
		behind("an IPv6 address with a zone and a server name", "https://[::1%25lo]:{port}", "    tls-server-name: localhost\n"),
		behind("a server name", "https://127.0.0.1:{port}", "    tls-server-name: localhost\n"),
		refused(behind("no scheme", "127.0.0.1:{port}", "")),
		behind("a host in capitals", "HTTPS://LOCALHOST:{port}", ""),
		behind("an HTTP proxy", "https://127.0.0.1:{port}", "    proxy-url: http://{http}\n"),
		behind("an HTTP proxy with a user", "https://127.0.0.1:{port}", "    proxy-url: http://me:s%20t@{http}\n"),
		behind("an HTTP proxy and a name", "https://api.example:{port}", "    tls-server-name: localhost\n    proxy-url: http://{http}\n"),
		behind("an HTTPS proxy", "https://127.0.0.1:{port}", "    proxy-url: https://localhost:{tls}\n"),
		behind("an HTTPS proxy with a user", "https://127.0.0.1:{port}", "    proxy-url: https://me:s%20t@localhost:{tls}\n"),
		behind("an HTTPS proxy and a name", "https://api.example:{port}", "    tls-server-name: localhost\n    proxy-url: https://localhost:{tls}\n"),
		refused(behind("an HTTPS proxy with a certificate for another name", "https://127.0.0.1:{port}", "    proxy-url: https://127.0.0.1:{tls}\n")),
		refused(behind("an HTTPS proxy of an unknown authority", "https://127.0.0.1:{port}", "    proxy-url: https://localhost:{far}\n")),
		behindWithCertificate("an HTTPS proxy and a client certificate", "    proxy-url: https://localhost:{tls}\n"),
		behindWithCertificate("an HTTP proxy and a client certificate", "    proxy-url: http://{http}\n"),
		behind("a SOCKS5 proxy", "https://127.0.0.1:{port}", "    proxy-url: socks5://{socks}\n"),
		behind("a SOCKS5 proxy and IPv6", "https://[::1]:{port}", "    proxy-url: socks5://{socks}\n"),
		behind("a SOCKS5 proxy with a user", "https://127.0.0.1:{port}", "    proxy-url: socks5://me:s%20t@{socks}\n"),
		behind("a SOCKS5 proxy and a name", "https://api.example:{port}", "    tls-server-name: localhost\n    proxy-url: socks5://{socks}\n"),
		refused(behind("a SOCKS4 proxy", "https://127.0.0.1:{port}", "    proxy-url: socks4://{socks}\n")),
		refused(behind("a SOCKS5H proxy", "https://127.0.0.1:{port}", "    proxy-url: socks5h://{socks}\n")),
	}
}
