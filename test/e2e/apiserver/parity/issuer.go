package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// How an issuer of id tokens behaves. It has an authority of its own.
type issuing struct {
	body    bool                  // takes the client's id and secret in the body alone
	refuses string                // an OAuth error code instead of tokens
	answer  func(map[string]any)  // changes the answer before it is sent
	finds   func(w *world) string // the token endpoint of its document
}

const newRefreshToken = "refresh-token-of-the-second-login"

// Serves the issuer of `how` and gives its URL.
func (w *world) issue(how issuing) string {
	listener := w.listen("127.0.0.1:0")
	at := "https://localhost:" + port(listener)
	pair := w.issuer.issue(leaf("issuer", "localhost")).certificate
	finds := func(*world) string { return at + "/token" }
	if how.finds != nil {
		finds = how.finds
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(out http.ResponseWriter, _ *http.Request) {
		send(out, 200, map[string]any{"issuer": at, "token_endpoint": finds(w)})
	})
	mux.HandleFunc("/token", func(out http.ResponseWriter, in *http.Request) { how.refresh(out, in) })
	server := &http.Server{Handler: mux, ErrorLog: quiet()}
	go server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}}))
	return at
}

func (how issuing) refresh(out http.ResponseWriter, in *http.Request) {
	must(in.ParseForm())
	user, password, basic := in.BasicAuth()
	if basic { // RFC 6749, 2.3.1: both are form-encoded before
		user, _ = url.QueryUnescape(user)
		password, _ = url.QueryUnescape(password)
	} else {
		user, password = in.PostForm.Get("client_id"), in.PostForm.Get("client_secret")
	}
	switch {
	case how.refuses != "":
		send(out, 400, map[string]any{"error": how.refuses})
	case basic == how.body || user != "me" || password != "client's":
		send(out, 401, map[string]any{"error": "invalid_client"})
	case in.PostForm.Get("grant_type") != "refresh_token" || in.PostForm.Get("refresh_token") != "refresh-token-of-the-first-login":
		send(out, 400, map[string]any{"error": "invalid_grant"})
	default:
		answer := map[string]any{
			"access_token": "of-no-use", "token_type": "Bearer", "expires_in": 3600,
			"id_token": renewed, "refresh_token": newRefreshToken,
		}
		if how.answer != nil {
			how.answer(answer)
		}
		send(out, 200, answer)
	}
}

// The same for both sides: what each writes back is compared.
var renewed = idToken(time.Now().Add(2 * time.Hour))

func send(out http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	must(err)
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	io.WriteString(out, string(text))
}

func port(listener net.Listener) string {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(err)
	return port
}

// What stands in the kubeconfig for auth-provider afterwards.
func kept(file string) string {
	bytes, err := os.ReadFile(file)
	must(err)
	var config struct {
		Users []struct {
			User struct {
				AuthProvider struct {
					Config map[string]string `json:"config"`
				} `json:"auth-provider"`
			} `json:"user"`
		} `json:"users"`
	}
	if yaml.Unmarshal(bytes, &config) != nil || len(config.Users) == 0 {
		return ""
	}
	text, err := json.Marshal(config.Users[0].User.AuthProvider.Config)
	must(err)
	return string(text)
}

// An expired id token and a refresh token, at an issuer of `how`. `change` edits the user's text.
func renewal(name string, how issuing, change func(string) string) form {
	return form{name: "oidc renewal: " + name, text: func(w *world, dir string) string {
		more := "        client-secret: client's\n        refresh-token: refresh-token-of-the-first-login\n        idp-certificate-authority-data: " + b64(w.issuer.pem) + "\n"
		user := strings.Replace(oidc(idToken(time.Now().Add(-time.Hour)), more), "https://issuer.example", w.issue(how), 1)
		writeFile(dir+"/issuer.pem", w.issuer.pem, 0o600)
		if change != nil {
			user = strings.ReplaceAll(change(user), "{dir}", dir)
		}
		return configOf(clusterOf(w, serverURL(w), ""), user)
	}}
}

func renewalForms() []form {
	drop := func(key string) func(map[string]any) {
		return func(answer map[string]any) { delete(answer, key) }
	}
	without := func(key string) func(string) string {
		return func(user string) string { return strings.Replace(user, "        "+key+": ", "        x-"+key+": ", 1) }
	}
	return []form{
		renewal("the client in the header", issuing{}, nil),
		renewal("the client in the body", issuing{body: true}, nil),
		renewal("without another refresh token", issuing{answer: drop("refresh_token")}, nil),
		renewal("without expires_in", issuing{answer: drop("expires_in")}, nil),
		renewal("the issuer's authority in a file", issuing{}, func(user string) string {
			at := strings.Index(user, "        idp-certificate-authority-data: ")
			end := at + strings.Index(user[at:], "\n")
			return user[:at] + "        idp-certificate-authority: {dir}/issuer.pem" + user[end:]
		}),
		refused(renewal("without an id token in the answer", issuing{answer: drop("id_token")}, nil)),
		refused(renewal("an answer whose id token is none", issuing{answer: func(a map[string]any) { a["id_token"] = 7 }}, nil)),
		refused(renewal("refused by the issuer", issuing{refuses: "invalid_grant"}, nil)),
		refused(renewal("an issuer whose authority is unknown", issuing{}, without("idp-certificate-authority-data"))),
		refused(renewal("without a refresh token", issuing{}, without("refresh-token"))),
		refused(renewal("another client secret", issuing{}, func(user string) string {
			return strings.Replace(user, "client's", "wrong", 1)
		})),
		refused(renewal("a token endpoint that is nowhere", issuing{finds: func(*world) string { return "https://127.0.0.1:1/token" }}, nil)),
	}
}
